// Package roundtrip tests that a store holds nothing that its dump could not bring
// back, by whichever writer: a file, the sync of a shop, a webhook of a shop. It draws
// awkward records, lets every writer that can carry them write them to a store of
// each kind, and compares what is stored, what was refused and what comes back.
//
// It owns tests alone. Nobody imports it.
package roundtrip
