// Package storetest is the definition of a crm.Store: one suite of rules that
// every store passes, each on a store of its own that is fresh, migrated and
// empty.
//
// It owns what the ports of internal/crm promise, told by example and by
// comparison with plain sorted slices. It does not own how a store keeps its
// records, nor how fast. Tests of stores import it, nothing else does. A change
// of a port comes with a rule here, and with a flaw in flaws_test.go that the
// rule notices on a store of maps.
//
// Rules that hold for every kind alike make their records from the kind's
// description (kinds.go): a new kind needs nothing here. So do the queries of a kind
// that tests of what a store reads ask (ways.go).
package storetest
