package storetest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func lifeRules() []rule {
	return []rule{
		{"migrating again, and at once, keeps what is stored", migrateKeeps},
		{"a store that works gives a sign of life", givesSignOfLife},
		{"five thousand orders go in with one call", bigWrite},
		{"a record of almost a megabyte is kept", bigRecord},
	}
}

func migrateKeeps(t testing.TB, s crm.Store) {
	customerParents(t, s)
	put(t, s, many(10, order)...)
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatalf("Migrate again: %v", err)
		}
	}
	for _, err := range atOnce(4, func(int) error { return s.Migrate(t.Context()) }) {
		if err != nil {
			t.Errorf("Migrate at once with others: %v", err)
		}
	}
	wantSettled(t, "order after migrations", one[*crm.Order](t, s, order(3).ID), order(3))
	wantBy(t, s, many(10, order), []crm.Field{crm.FieldCustomer}, many100(100), crm.Query{
		Sort: crm.Sort{Field: crm.FieldPlacedAt}, Page: crm.PageRequest{Limit: 5},
	})
	wantCodes(t, write(t, s, crm.Change{Record: customer(1)}), crm.CodeConflict)
}

func givesSignOfLife(t testing.TB, s crm.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

// bigWrite writes more than any store takes at once, with one conflict in the middle.
func bigWrite(t testing.TB, s crm.Store) {
	customerParents(t, s)
	const n, taken = 5000, 2500
	put(t, s, order(taken))
	writes := make([]crm.Change, n)
	for i := range writes {
		writes[i].Record = order(i)
	}
	for i, err := range write(t, s, writes...) {
		if (i == taken) != (err != nil) {
			t.Errorf("write %d of %d: %v", i, n, err)
		}
	}
	if got := count(t, s, crm.KindOrder); got != n {
		t.Errorf("Count is %d, want %d", got, n)
	}
	sort := crm.Sort{Field: crm.FieldPlacedAt}
	got := list(t, s, crm.KindOrder, crm.Query{Sort: sort, Page: crm.PageRequest{Limit: n, Backward: true}})
	want := page(selected(remember(many(n, order)), nil, sort), sort, crm.PageRequest{Limit: n})
	wantPage(t, "all in one page", got, want)
	if entries := count(t, s, crm.KindTimeline); entries != n {
		t.Errorf("the timeline has %d entries, want %d", entries, n)
	}
}

func bigRecord(t testing.TB, s crm.Store) {
	ticketParents(t, s)
	a := article(1)
	a.Body = strings.Repeat("Grüße aus Köln 🏰\n", crm.MaxText/17)
	put(t, s, a)
	wantSettled(t, "long article", one[*crm.Article](t, s, a.ID), a)
	c := customer(50)
	value := crm.JSON(`"` + strings.Repeat("x", crm.MaxText) + `"`)
	c.CustomAttributes = many(9, func(n int) crm.CustomAttribute {
		return crm.CustomAttribute{Name: "long " + strconv.Itoa(n), Value: value}
	})
	put(t, s, c)
	wantSettled(t, "customer with a long attribute", one[*crm.Customer](t, s, c.ID), c)
}
