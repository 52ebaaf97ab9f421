package storetest

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

func fullRules() []rule {
	return []rule{
		{"every field of every kind is kept", everyFieldIsKept},
		{"a record emptied by an update is empty", updatesEmpty},
	}
}

// everyFieldIsKept writes records that among them have a value for every field
// and every status, and reads them one kind at a time.
func everyFieldIsKept(t testing.TB, s crm.Store) {
	if err := fixture.Load(t.Context(), s); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	set := fixture.Records()
	wantKept(t, teams(), s, set.Teams)
	wantKept(t, employees(), s, set.Employees)
	wantKept(t, partnerApps(), s, set.PartnerApps)
	wantKept(t, customers(), s, set.Customers)
	wantKept(t, products(), s, set.Products)
	wantKept(t, orders(), s, set.Orders)
	wantKept(t, tickets(), s, set.Tickets)
	wantKept(t, articles(), s, set.Articles)
	wantKept(t, interactions(), s, set.Interactions)
	wantKept(t, recommendations(), s, set.Recommendations)
	wantKept(t, nextBestActions(), s, set.NextBestActions)
}

// wantKept reads a kind's records by id, in a list and by owner, and compares
// them with those written.
func wantKept[T any](t testing.TB, k kind[T], s crm.Store, written []*T) {
	t.Helper()
	found := byID(t, k.records(s), k.ids(written)...)
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000}}
	listed := map[crm.ID]*T{}
	for _, r := range list(t, k.records(s), q).Items {
		listed[k.id(r)] = r
	}
	if len(listed) != len(written) {
		t.Errorf("%s: List gives %d records, want %d", k.name, len(listed), len(written))
	}
	for _, want := range written {
		id := k.id(want)
		if found[id] == nil || listed[id] == nil {
			t.Errorf("%s is missing: ByID gives it %v, List %v", id, found[id] != nil, listed[id] != nil)
			continue
		}
		wantSettled(t, "ByID's "+string(id), found[id], want)
		wantSettled(t, "List's "+string(id), listed[id], want)
		owner := k.keys(want).Text[crm.FieldCustomer]
		if owner == "" {
			continue
		}
		pages := listBy(t, k.records(s), []crm.Field{crm.FieldCustomer}, []crm.ID{crm.ID(owner)}, q)
		for _, r := range pages[crm.ID(owner)].Items {
			if k.id(r) == id {
				wantSettled(t, "ListBy's "+string(id), r, want)
			}
		}
	}
}

func updatesEmpty(t testing.TB, s crm.Store) {
	if err := fixture.Load(t.Context(), s); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	set := fixture.Records()
	for _, full := range set.Customers {
		bare := &crm.Customer{ID: full.ID, Version: full.Version + 1, CreatedAt: full.CreatedAt, UpdatedAt: full.UpdatedAt}
		bare.Complete()
		replace(t, s.Customers(), bare, full.Version)
		wantSettled(t, "emptied "+string(full.ID), one(t, s.Customers(), full.ID), bare)
	}
	for _, full := range set.Orders {
		bare := &crm.Order{
			ID: full.ID, Number: full.Number, Source: full.Source, ExternalID: full.ExternalID,
			PlacedAt: full.PlacedAt, Price: full.Price,
		}
		bare.Complete()
		replace(t, s.Orders(), bare, 1)
		wantSettled(t, "emptied "+string(full.ID), one(t, s.Orders(), full.ID), bare)
	}
}
