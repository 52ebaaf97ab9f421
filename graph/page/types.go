package page

import "github.com/customer360/gateway/internal/crm"

// The graph's connections and edges, by their names there.
type (
	CustomerConnection       = Connection[*crm.Customer]
	CustomerEdge             = Edge[*crm.Customer]
	OrderEdge                = Edge[*crm.Order]
	ProductConnection        = Connection[*crm.Product]
	ProductEdge              = Edge[*crm.Product]
	TicketConnection         = Connection[*crm.Ticket]
	TicketEdge               = Edge[*crm.Ticket]
	ArticleConnection        = Connection[*crm.Article]
	ArticleEdge              = Edge[*crm.Article]
	InteractionConnection    = Connection[*crm.Interaction]
	InteractionEdge          = Edge[*crm.Interaction]
	RecommendationEdge       = Edge[*crm.Recommendation]
	NextBestActionConnection = Connection[*crm.NextBestAction]
	NextBestActionEdge       = Edge[*crm.NextBestAction]
	TimelineConnection       = Connection[crm.TimelineEntry]
	TimelineEdge             = Edge[crm.TimelineEntry]
	SearchConnection         = Connection[crm.SearchResult]
	SearchEdge               = Edge[crm.SearchResult]
)

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
