// Package resolvers turns the graph's fields and arguments into reads of the store
// and the shops. It is thin, with a file for each domain.
//
// It owns how errors look to callers (errors.go), refuses and masks the fields that
// a caller may not read (access.go), and compiles operations for graph/exec, which runs
// them (schema.go). It does not own rules about the data (internal/crm), who may see what
// (internal/access) or HTTP (internal/server, which is handed the schema and does
// not import this package). Only cmd/gateway and tests import it.
package resolvers
