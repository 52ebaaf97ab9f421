// Package resolvers turns the graph's fields into loader calls and domain
// types: thin, a file per domain. It owns how errors look to callers
// (errors.go) and attaches the loaders to each operation; it does not own rules
// about the data (internal/crm) nor HTTP (internal/server). internal/server and
// cmd may import it.
package resolvers
