package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

type query struct{ *Root }

func (q query) Viewer(ctx context.Context) (*crm.Viewer, error) {
	who := access.From(ctx)
	viewer := &crm.Viewer{}
	switch {
	case who == nil:
		return nil, nil
	case who.Kind == access.KindCustomer:
		self, err := one(ctx, stored[crm.Customer](q.Store), acting, who.Customer)
		if self != nil {
			viewer.Actor, viewer.Customer = self, self
		}
		return viewer, err
	case who.Actor == "" && who.ID == access.Local().ID:
		viewer.Actor = &crm.System{Name: "local"}
		return viewer, nil
	}
	found, why := loadActors(ctx, q.Store, []crm.ActorRef{{ID: who.Actor}})
	viewer.Actor = found[crm.ActorRef{ID: who.Actor}]
	return viewer, why[who.Actor.Kind()]
}

func (q query) Customer(ctx context.Context, id crm.ID) (*crm.Customer, error) {
	return one(ctx, stored[crm.Customer](q.Store), finding, id)
}

func (q query) Order(ctx context.Context, id crm.ID) (*crm.Order, error) {
	return one(ctx, q.orders(), finding, id)
}

func (q query) Product(ctx context.Context, id crm.ID) (*crm.Product, error) {
	return one(ctx, q.products(), finding, id)
}

func (q query) Ticket(ctx context.Context, id crm.ID) (*crm.Ticket, error) {
	return one(ctx, stored[crm.Ticket](q.Store), finding, id)
}

// CustomerByIdentifier finds customers that can still be dealt with: one that
// was merged into another or erased is not found by what it was known by.
func (q query) CustomerByIdentifier(ctx context.Context, by crm.CustomerIdentifier) (*crm.Customer, error) {
	identifier, err := by.Predicate()
	if err != nil {
		return nil, err
	}
	reachable := crm.Predicate{
		Field: crm.FieldStatus,
		In:    []string{string(crm.CustomerStatusActive), string(crm.CustomerStatusBlocked)},
	}
	found, err := crm.Of[crm.Customer](q.Store).List(ctx, crm.Query{
		Where: []crm.Predicate{identifier, reachable},
		Sort:  crm.Sort{Field: crm.FieldID},
		Page:  crm.PageRequest{Limit: 1}, Members: selected[crm.Customer](ctx),
	})
	switch {
	case err != nil || len(found.Items) == 0:
		return nil, err
	case found.More:
		return nil, &crm.Error{Code: crm.CodeAmbiguous, Message: "more than one customer has this identifier: use another one, or list the customers"}
	}
	return found.Items[0], nil
}

func (q query) Customers(ctx context.Context, first *int, after *string, last *int, before *string, filter *crm.CustomerFilter, orderBy *crm.CustomerOrder, text *string) (*page.CustomerConnection, error) {
	where, err := matching(filter, text)
	if err != nil {
		return nil, err
	}
	return list(ctx, listing[crm.Customer]{from: crm.Of[crm.Customer](q.Store), kind: "customers", where: where, sort: orderBy.Sort()},
		page.Args{First: first, After: after, Last: last, Before: before})
}

func (q query) Orders(ctx context.Context, first *int, after *string, last *int, before *string, filter *crm.OrderFilter, orderBy *crm.OrderOrder, text *string) (*page.OrderConnection, error) {
	where, err := matching(filter, text)
	if err != nil {
		return nil, err
	}
	orders, err := list(ctx, listing[crm.Order]{from: crm.Of[crm.Order](q.Store), kind: "orders", where: where, sort: orderBy.Sort()},
		page.Args{First: first, After: after, Last: last, Before: before})
	if err != nil {
		return nil, err
	}
	return q.ofStore(orders), nil
}

func (q query) Products(ctx context.Context, first *int, after *string, last *int, before *string, filter *crm.ProductFilter, orderBy *crm.ProductOrder, text *string) (*page.ProductConnection, error) {
	where, err := matching(filter, text)
	if err != nil {
		return nil, err
	}
	return list(ctx, listing[crm.Product]{from: q.Purchases.Products(filter), kind: "products", where: where, sort: orderBy.Sort()},
		page.Args{First: first, After: after, Last: last, Before: before})
}

func (q query) Tickets(ctx context.Context, first *int, after *string, last *int, before *string, filter *crm.TicketFilter, orderBy *crm.TicketOrder, text *string) (*page.TicketConnection, error) {
	where, err := matching(filter, text)
	if err != nil {
		return nil, err
	}
	return list(ctx, listing[crm.Ticket]{from: crm.Of[crm.Ticket](q.Store), kind: "tickets", where: where, sort: orderBy.Sort()},
		page.Args{First: first, After: after, Last: last, Before: before})
}

// matching returns the conditions of a filter and a text.
func matching(filter interface {
	Predicates() ([]crm.Predicate, error)
}, text *string,
) ([]crm.Predicate, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return crm.WithText(where, text)
}
