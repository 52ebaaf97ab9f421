package crm

import (
	"cmp"
	"slices"
)

// Node is a record that can be asked for by its id alone.
type Node interface{ isNode() }

// SearchKind is a kind of record that search looks through.
type SearchKind string

// The search kinds.
const (
	SearchKindCustomer SearchKind = "CUSTOMER"
	SearchKindOrder    SearchKind = "ORDER"
	SearchKindProduct  SearchKind = "PRODUCT"
	SearchKindTicket   SearchKind = "TICKET"
)

// Searched lists the kinds that search looks through, in the order of results: by
// their SearchKind.
func Searched() []*Description {
	searched := slices.DeleteFunc(slices.Clone(descriptions), func(d *Description) bool { return d.Search == "" })
	slices.SortFunc(searched, func(a, b *Description) int { return cmp.Compare(a.Search, b.Search) })
	return searched
}

// SearchResult is something found: a record of one of the kinds in Searched.
type SearchResult interface {
	Record
	isSearchResult()
}

// Viewer is who asks.
type Viewer struct {
	// Actor is who asks; nil is nobody known.
	Actor Actor
	// Customer is the customer that asks for themselves; nil for everybody else.
	Customer *Customer
}
