// Command gateway serves everything a company knows about a customer as one
// GraphQL graph, and moves records in and out of its store.
//
// It owns the command line and puts the parts together (wiring.go), and does nothing
// else: internal/config reads the settings, internal/server speaks HTTP,
// internal/files reads and writes files.
package main
