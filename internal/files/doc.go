// Package files moves records between files and a store: Import reads
// newline-delimited JSON and CSV, Dump writes everything back as canonical
// newline-delimited JSON. docs/import.md describes the formats.
//
// It owns the files' formats, what is valid in them, how a row changes a record
// that is stored already, and the report of rejected rows. It does not own the records' form
// (internal/record), flags or progress bars (cmd/gateway), or storage. cmd/gateway
// may import it.
package files
