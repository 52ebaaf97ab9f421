// Package record is the stored and exchanged form of the domain: one struct for
// each kind of record, with the names that the graph has for its fields.
//
// It owns how a record is written down, as JSON (import and dump files, the
// embedded store's document column) and as BSON (the document store): the names,
// money as {"amount", "currencyCode"} in JSON and {minor, currencyCode} in BSON,
// instants in UTC to the millisecond, references as plain ids. A kind's New and
// Domain convert between it and the domain; where a struct has the domain's
// fields Go's own conversion does it, so that a field added there does not
// compile until it is here.
//
// It does not own keys, validation or storage. The stores,
// internal/files and internal/shopsync may import it.
package record
