// Command gateway serves everything a company knows about a customer as one
// GraphQL graph, and moves records in and out of its store.
//
// It owns the command line and the wiring of the parts, and nothing else:
// settings are internal/config's, HTTP is internal/server's, files are
// internal/files's.
package main
