// Package mongodb is the store on MongoDB (6.0 or newer, a replica set or a
// sharded cluster): the ports of internal/crm over the official driver.
//
// A kind of record is a collection, made from its crm.Description alone. A
// document is the record as internal/record has it, and beside it an object "keys"
// with what the record is found by: its crm.Keys under their fields' names. Only
// keys and _id are ever filtered, sorted or indexed; so one engine serves every
// kind, and what it compares are always values of its own typing: text that
// looks like an operator is text. indexes.go lists the indexes that were made for
// the graph's queries, and those that a kind has for which none were made.
//
// Text compares by its bytes (no collation), times are dates to the
// millisecond. Writes are transactions with majority write concern, in which
// records, their timeline entries and the log change together. Units that need not
// be together share transactions of bounded size (commit.go, wave.go); what is
// stored is looked up and judged there (load.go, state.go), and only the outcome
// is written (put.go). Some collections are beside the records: of each kind with
// unique values one that says whose they are (owners.go); "log", which has what was
// written in order (log.go); and "passes", which let no record lose its parent
// (pass.go).
//
// It owns commands, indexes and the translation of the driver's errors; no type
// of the driver's leaves it. It does not own the shape of records, the rules
// about them or caching. cmd/gateway and tests may import it.
package mongodb
