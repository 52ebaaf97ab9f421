package resolvers

import (
	"context"
	"slices"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

type ticket struct{ *Root }

// Ticket returns the resolvers of tickets.
func (r *Root) Ticket() graph.TicketResolver { return ticket{r} }

func (r ticket) Queue(ctx context.Context, parents []*crm.Ticket) ([]*crm.Team, error) {
	return related(ctx, parents, stored[crm.Team](r.Store), func(t *crm.Ticket) crm.ID { return t.QueueID })
}

func (r ticket) Assignee(ctx context.Context, parents []*crm.Ticket) ([]*crm.Employee, error) {
	return related(ctx, parents, stored[crm.Employee](r.Store), func(t *crm.Ticket) crm.ID { return t.AssigneeID })
}

func (r ticket) Customer(ctx context.Context, parents []*crm.Ticket) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(t *crm.Ticket) crm.ID { return t.CustomerID })
}

func (r ticket) Requester(ctx context.Context, parents []*crm.Ticket) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(t *crm.Ticket) crm.ID { return t.RequesterID })
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
	return related(ctx, parents, r.orders(), func(s *crm.TicketSubject) crm.ID { return s.OrderID })
}

// lineMembers are what is read of an order for one of its lines. It is never written to.
var lineMembers = crm.MustMembers(crm.KindOrder, "lines")

func (r ticketSubject) Line(ctx context.Context, parents []*crm.TicketSubject) ([]*crm.OrderLine, error) {
	orders, err := relatedWith(ctx, parents, r.orders(), func(s *crm.TicketSubject) crm.ID {
		if s.LineID == "" {
			return ""
		}
		return s.OrderID
	}, lineMembers)
	lines := make([]*crm.OrderLine, len(parents))
	for i, o := range orders {
		if o == nil {
			continue
		}
		if at := slices.IndexFunc(o.Lines, func(l *crm.OrderLine) bool { return l.ID == parents[i].LineID }); at >= 0 {
			lines[i] = o.Lines[at]
		}
	}
	return lines, err
}

func (r ticketSubject) Product(ctx context.Context, parents []*crm.TicketSubject) ([]*crm.Product, error) {
	return related(ctx, parents, r.products(), func(s *crm.TicketSubject) crm.ID { return s.ProductID })
}

type ticketEvent struct{ *Root }

// TicketEvent returns the resolvers of ticket events.
func (r *Root) TicketEvent() graph.TicketEventResolver { return ticketEvent{r} }

func (r ticketEvent) Ticket(ctx context.Context, parents []*crm.TicketEvent) ([]*crm.Ticket, error) {
	return related(ctx, parents, stored[crm.Ticket](r.Store), func(e *crm.TicketEvent) crm.ID { return e.TicketID })
}

type article struct{ *Root }

// Article returns the resolvers of articles.
func (r *Root) Article() graph.ArticleResolver { return article{r} }

func (r article) Author(ctx context.Context, parents []*crm.Article) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(a *crm.Article) crm.ActorRef { return a.AuthorRef })
}

func (r article) Ticket(ctx context.Context, parents []*crm.Article) ([]*crm.Ticket, error) {
	return related(ctx, parents, stored[crm.Ticket](r.Store), func(a *crm.Article) crm.ID { return a.TicketID })
}
