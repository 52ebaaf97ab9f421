// Package mongodb is the store on MongoDB (6.0 or newer, a replica set or a
// sharded cluster): the ports of internal/crm over the official driver.
//
// A kind of record is a collection. A document is the record as internal/record
// has it, and beside it an object "keys" with what the record is found by: its
// crm.Keys under their fields' names. Only keys and _id are ever filtered,
// sorted or indexed, and they are never read back; so one engine serves every
// kind, and what it compares are always values of its own typing: text that
// looks like an operator is text. indexes.go lists every index, each for the
// queries that it serves; every query has one.
//
// Text compares by its bytes (no collation), times are dates to the
// millisecond. Writes are transactions with majority write concern, bounded in
// size, in which a record and its timeline entries change together.
//
// It owns commands, indexes and the translation of the driver's errors; no type
// of the driver's leaves it. It does not own the shape of records, the rules
// about them or caching. cmd/gateway and tests may import it.
package mongodb
