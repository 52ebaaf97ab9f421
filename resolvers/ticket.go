package resolvers

import (
	"context"
	"slices"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

type ticket struct{ *Root }

// Ticket returns the resolvers of tickets.
func (r *Root) Ticket() graph.TicketResolver { return ticket{r} }

func (r ticket) Queue(ctx context.Context, parents []*crm.Ticket) ([]*crm.Team, error) {
	return related(ctx, parents, crm.Of[crm.Team](r.Store).ByID, func(t *crm.Ticket) crm.ID { return t.QueueID })
}

func (r ticket) Assignee(ctx context.Context, parents []*crm.Ticket) ([]*crm.Employee, error) {
	return related(ctx, parents, crm.Of[crm.Employee](r.Store).ByID, func(t *crm.Ticket) crm.ID { return t.AssigneeID })
}

func (r ticket) Customer(ctx context.Context, parents []*crm.Ticket) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(t *crm.Ticket) crm.ID { return t.CustomerID })
}

func (r ticket) Requester(ctx context.Context, parents []*crm.Ticket) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(t *crm.Ticket) crm.ID { return t.RequesterID })
}

func (r ticket) Articles(ctx context.Context, parents []*crm.Ticket, first *int, after *string, last *int, before *string, filter *crm.ArticleFilter) ([]*page.ArticleConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return listBy(ctx, parents, hanging[crm.Ticket, crm.Article]{
		listing: listing[crm.Article]{
			from: crm.Of[crm.Article](r.Store), kind: "articles", where: where, sort: crm.Sort{Field: crm.FieldCreatedAt},
		},
		by: []crm.Field{crm.FieldTicket}, id: func(t *crm.Ticket) crm.ID { return t.ID },
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}

type ticketSubject struct{ *Root }

// TicketSubject returns the resolvers of what tickets are about.
func (r *Root) TicketSubject() graph.TicketSubjectResolver { return ticketSubject{r} }

func (r ticketSubject) Order(ctx context.Context, parents []*crm.TicketSubject) ([]*crm.Order, error) {
	return related(ctx, parents, r.Purchases.OrdersByID, func(s *crm.TicketSubject) crm.ID { return s.OrderID })
}

// lineKey names a line of an order.
type lineKey struct {
	order crm.ID
	line  string
}

func (r ticketSubject) Line(ctx context.Context, parents []*crm.TicketSubject) ([]*crm.OrderLine, error) {
	return loaders.Field[crm.TicketSubject, lineKey, *crm.OrderLine]{
		Key: func(s *crm.TicketSubject) (lineKey, bool) {
			return lineKey{s.OrderID, s.LineID}, s.OrderID != "" && s.LineID != ""
		},
		Load: func(ctx context.Context, path string, keys []lineKey) (map[lineKey]*crm.OrderLine, error) {
			ids := make([]crm.ID, len(keys))
			for i, k := range keys {
				ids[i] = k.order
			}
			ids = crm.Only(crm.KindOrder, ids)
			orders, err := r.Purchases.OrdersByID(access.Referred(ctx), ids, nil)
			announce(ctx, path, inOrder(orders, ids))
			lines := make(map[lineKey]*crm.OrderLine, len(keys))
			for _, o := range orders {
				for _, l := range o.Lines {
					lines[lineKey{o.ID, l.ID}] = l
				}
			}
			return lines, perKey(err, func(id crm.ID) []lineKey {
				return slices.DeleteFunc(slices.Clone(keys), func(k lineKey) bool { return k.order != id })
			})
		},
	}.Resolve(ctx, parents)
}

func (r ticketSubject) Product(ctx context.Context, parents []*crm.TicketSubject) ([]*crm.Product, error) {
	return related(ctx, parents, r.Purchases.ProductsByID, func(s *crm.TicketSubject) crm.ID { return s.ProductID })
}

type ticketEvent struct{ *Root }

// TicketEvent returns the resolvers of ticket events.
func (r *Root) TicketEvent() graph.TicketEventResolver { return ticketEvent{r} }

func (r ticketEvent) Ticket(ctx context.Context, parents []*crm.TicketEvent) ([]*crm.Ticket, error) {
	return related(ctx, parents, crm.Of[crm.Ticket](r.Store).ByID, func(e *crm.TicketEvent) crm.ID { return e.TicketID })
}

type article struct{ *Root }

// Article returns the resolvers of articles.
func (r *Root) Article() graph.ArticleResolver { return article{r} }

func (r article) Author(ctx context.Context, parents []*crm.Article) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(a *crm.Article) crm.ActorRef { return a.AuthorRef })
}

func (r article) Ticket(ctx context.Context, parents []*crm.Article) ([]*crm.Ticket, error) {
	return related(ctx, parents, crm.Of[crm.Ticket](r.Store).ByID, func(a *crm.Article) crm.ID { return a.TicketID })
}
