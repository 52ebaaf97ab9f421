package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

type note struct{ *Root }

// Note returns the resolvers of notes.
func (r *Root) Note() graph.NoteResolver { return note{r} }

func (r note) Customer(ctx context.Context, parents []*crm.Note) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(n *crm.Note) crm.ID { return n.CustomerID })
}

func (r note) Order(ctx context.Context, parents []*crm.Note) ([]*crm.Order, error) {
	return related(ctx, parents, r.orders(), func(n *crm.Note) crm.ID { return n.OrderID })
}

func (r note) Author(ctx context.Context, parents []*crm.Note) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(n *crm.Note) crm.ActorRef { return n.AuthorRef })
}

func (r customer) Notes(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.NoteFilter) ([]*page.NoteConnection, error) {
	return notesOf(ctx, r.Root, parents, crm.FieldCustomer, customerID, page.Args{First: first, After: after, Last: last, Before: before}, filter)
}

func (r order) Notes(ctx context.Context, parents []*crm.Order, first *int, after *string, last *int, before *string, filter *crm.NoteFilter) ([]*page.NoteConnection, error) {
	id := func(o *crm.Order) crm.ID { return o.ID }
	return notesOf(ctx, r.Root, parents, crm.FieldOrder, id, page.Args{First: first, After: after, Last: last, Before: before}, filter)
}

// notesOf returns the notes whose field names a parent.
func notesOf[P any](
	ctx context.Context, r *Root, parents []*P, field crm.Field, id func(*P) crm.ID, args page.Args, filter *crm.NoteFilter,
) ([]*page.NoteConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return listBy(ctx, parents, hanging[P, crm.Note]{
		listing: listing[crm.Note]{
			from: crm.Of[crm.Note](r.Store), kind: "notes", where: where, sort: crm.Sort{Field: crm.FieldCreatedAt, Desc: true},
		},
		by: []crm.Field{field}, id: id, args: args,
	})
}
