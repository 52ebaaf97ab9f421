package resolvers

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

// announce announces records that were loaded at a path, and the objects inside
// them whose fields are loaded.
func announce[T any](ctx context.Context, path string, records []*T) {
	if len(records) == 0 {
		return
	}
	announceAny(ctx, path, records)
}

// announceAny is announce for records whose type is known when it runs: a []*T,
// not empty.
func announceAny(ctx context.Context, path string, records any) {
	loaders.AnnounceAny(ctx, path, records)
	switch records := records.(type) {
	case []*crm.Customer:
		inside(ctx, path, records, func(c *crm.Customer) []*crm.Membership { return c.Memberships })
		inside(ctx, path, records, func(c *crm.Customer) []*crm.ConsentChange {
			var changes []*crm.ConsentChange
			for _, consent := range c.Consents {
				changes = append(changes, consent.History...)
			}
			return changes
		})
	case []*crm.Order:
		inside(ctx, path, records, func(o *crm.Order) []*crm.OrderLine { return o.Lines })
		inside(ctx, path, records, func(o *crm.Order) []*crm.OrderEvent { return []*crm.OrderEvent{{OrderID: o.ID}} })
	case []*crm.Ticket:
		inside(ctx, path, records, func(t *crm.Ticket) []*crm.TicketSubject { return t.Subjects })
		inside(ctx, path, records, func(t *crm.Ticket) []*crm.TicketEvent { return []*crm.TicketEvent{{TicketID: t.ID}} })
	case []*crm.Interaction:
		inside(ctx, path, records, func(i *crm.Interaction) []*crm.Participant { return i.Participants })
	}
}

// inside announces the objects inside records, put together when touched.
func inside[T, C any](ctx context.Context, path string, records []*T, children func(*T) []*C) {
	loaders.AnnounceLazily(ctx, path, func() []*C {
		var all []*C
		for _, r := range records {
			all = append(all, children(r)...)
		}
		return all
	})
}
