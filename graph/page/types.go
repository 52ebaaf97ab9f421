package page

import "github.com/customer360/gateway/internal/crm"

// OrderConnection is a page of orders and what each source contributed.
type OrderConnection struct {
	*Connection[*crm.Order]
	Sources []crm.SourceStatus
}

// RecommendationConnection is a page of recommendations. Withheld says that the
// customer has refused them: then the page is empty.
type RecommendationConnection struct {
	*Connection[*crm.Recommendation]
	Withheld bool
}
