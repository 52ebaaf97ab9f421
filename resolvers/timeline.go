package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

// Timeline pages through the records of the timeline; interactions, which they
// only name, are loaded for all pages of the cohort in one more call.
func (r customer) Timeline(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.TimelineFilter) ([]*page.TimelineConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	from := hanging[crm.Customer, crm.TimelineRecord]{
		listing: listing[crm.TimelineRecord]{
			from: crm.Read[crm.TimelineRecord](r.Store), kind: "timeline", where: where, sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	}
	return hangingPages(ctx, parents, from, r.timelineEntries)
}

func (r customer) timelineEntries(
	ctx context.Context, path string, found map[crm.ID]crm.Page[crm.TimelineRecord], ids []crm.ID,
) (toConnection[crm.TimelineRecord, crm.TimelineEntry], error) {
	var refs []crm.ID
	for _, id := range ids {
		for _, record := range found[id].Items {
			refs = append(refs, record.Ref)
		}
	}
	interactions := map[crm.ID]*crm.Interaction{}
	if refs = crm.Only(crm.KindInteraction, refs); len(refs) > 0 {
		var err error
		if interactions, err = crm.Of[crm.Interaction](r.Store).ByID(access.Referred(ctx), refs); err != nil {
			return nil, err
		}
	}
	entries := map[*crm.TimelineRecord]crm.TimelineEntry{}
	for _, id := range ids {
		for _, record := range found[id].Items {
			if entry := record.Entry(); entry != nil {
				entries[record] = entry
			} else if i, ok := interactions[record.Ref]; ok {
				entries[record] = i
			}
		}
	}
	announceEntries(ctx, path, entries)
	return func(l page.List, request crm.PageRequest, p crm.Page[crm.TimelineRecord], count page.Count) *page.TimelineConnection {
		nodes := make([]crm.TimelineEntry, 0, len(p.Items))
		at := make([]crm.Positioned, 0, len(p.Items))
		for _, record := range p.Items {
			if entry, ok := entries[record]; ok {
				nodes, at = append(nodes, entry), append(at, record)
			}
		}
		return page.Of(l, request, nodes, at, p.More, count)
	}, nil
}

// announceEntries announces timeline entries by their type.
func announceEntries(ctx context.Context, path string, entries map[*crm.TimelineRecord]crm.TimelineEntry) {
	var (
		orders       []*crm.OrderEvent
		tickets      []*crm.TicketEvent
		interactions []*crm.Interaction
		consents     []*crm.ConsentChange
		profiles     []*crm.ProfileChange
	)
	for _, entry := range entries {
		switch entry := entry.(type) {
		case *crm.OrderEvent:
			orders = append(orders, entry)
		case *crm.TicketEvent:
			tickets = append(tickets, entry)
		case *crm.Interaction:
			interactions = append(interactions, entry)
		case *crm.ConsentChange:
			consents = append(consents, entry)
		case *crm.ProfileChange:
			profiles = append(profiles, entry)
		}
	}
	loaders.Announce(ctx, path, orders)
	loaders.Announce(ctx, path, tickets)
	announce(ctx, path, interactions)
	loaders.Announce(ctx, path, consents)
	loaders.Announce(ctx, path, profiles)
}
