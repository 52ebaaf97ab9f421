// Package files moves records between files and a store: Import reads
// newline-delimited JSON and CSV, Dump writes everything back as canonical
// newline-delimited JSON. docs/import.md describes the formats.
//
// It owns the files' formats, the forms that only files have (references by source and
// external id, records inside of others), which rows wait for others, and the report of
// rejected rows. Which kinds there are, what their members are and what they refer to
// follows from crm.Descriptions and crm.StructureOf. It does not own what is valid and
// how a row changes a record that is stored already (crm.Check, crm.Upsert), the
// records' written form (internal/record), flags or progress bars (cmd/gateway), or
// storage. cmd/gateway may import it.
package files
