package crm

// Node is a record that can be asked for by its id alone.
type Node interface{ isNode() }

func (*Team) isNode()           {}
func (*Employee) isNode()       {}
func (*PartnerApp) isNode()     {}
func (*Customer) isNode()       {}
func (*Product) isNode()        {}
func (*Order) isNode()          {}
func (*Ticket) isNode()         {}
func (*Article) isNode()        {}
func (*Interaction) isNode()    {}
func (*Recommendation) isNode() {}
func (*NextBestAction) isNode() {}

// SearchKind is a kind of record that search looks through.
type SearchKind string

// The search kinds, in the order of results.
const (
	SearchKindCustomer SearchKind = "CUSTOMER"
	SearchKindOrder    SearchKind = "ORDER"
	SearchKindProduct  SearchKind = "PRODUCT"
	SearchKindTicket   SearchKind = "TICKET"
)

// SearchKinds lists the search kinds in the order of results.
func SearchKinds() []SearchKind {
	return []SearchKind{SearchKindCustomer, SearchKindOrder, SearchKindProduct, SearchKindTicket}
}

// SearchResult is something found: *Customer, *Order, *Product or *Ticket.
type SearchResult interface{ isSearchResult() }

func (*Customer) isSearchResult() {}
func (*Order) isSearchResult()    {}
func (*Product) isSearchResult()  {}
func (*Ticket) isSearchResult()   {}

// Viewer is who asks.
type Viewer struct {
	// Actor is who asks; nil is nobody known.
	Actor Actor
	// Customer is the customer that asks for themselves; nil for everybody else.
	Customer *Customer
}
