package page

import "github.com/customer360/gateway/internal/crm"

// The graph's connections and edges.
type (
	// CustomerConnection is a page of customers.
	CustomerConnection = Connection[*crm.Customer]
	// CustomerEdge is one of them with its cursor.
	CustomerEdge = Edge[*crm.Customer]
	// OrderEdge is one of a page of orders with its cursor.
	OrderEdge = Edge[*crm.Order]
	// ProductConnection is a page of products.
	ProductConnection = Connection[*crm.Product]
	// ProductEdge is one of them with its cursor.
	ProductEdge = Edge[*crm.Product]
	// TicketConnection is a page of tickets.
	TicketConnection = Connection[*crm.Ticket]
	// TicketEdge is one of them with its cursor.
	TicketEdge = Edge[*crm.Ticket]
	// ArticleConnection is a page of articles.
	ArticleConnection = Connection[*crm.Article]
	// ArticleEdge is one of them with its cursor.
	ArticleEdge = Edge[*crm.Article]
	// InteractionConnection is a page of interactions.
	InteractionConnection = Connection[*crm.Interaction]
	// InteractionEdge is one of them with its cursor.
	InteractionEdge = Edge[*crm.Interaction]
	// RecommendationEdge is one of a page of recommendations with its cursor.
	RecommendationEdge = Edge[*crm.Recommendation]
	// NextBestActionConnection is a page of next best actions.
	NextBestActionConnection = Connection[*crm.NextBestAction]
	// NextBestActionEdge is one of them with its cursor.
	NextBestActionEdge = Edge[*crm.NextBestAction]
	// TimelineConnection is a page of timeline entries.
	TimelineConnection = Connection[crm.TimelineEntry]
	// TimelineEdge is one of them with its cursor.
	TimelineEdge = Edge[crm.TimelineEntry]
	// SearchConnection is a page of search results.
	SearchConnection = Connection[crm.SearchResult]
	// SearchEdge is one of them with its cursor.
	SearchEdge = Edge[crm.SearchResult]
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
