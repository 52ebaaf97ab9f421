package mongodb_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// However many orders one customer has, about as many are read as the pages of all
// have, and every page is the right one: the crowd stands in front of the others in one
// direction and behind them in the other.
func TestOneCustomerOfVeryManyOrders(t *testing.T) {
	const asked, crowd, of, limit = 100, 20000, 3, 5
	store, profiler := scanned(t, people{customers: asked, orders: of, lines: 1})
	rich := id(crm.KindCustomer, 47)
	put(t, crm.Of[crm.Order](store), crowd, func(n int) *crm.Order {
		o := orderOf(47, n%1000, asked*of+n, 0)
		o.OrganizationID = ""
		return o
	})
	profiler.Ops(t)
	profiler.calls.drain()
	for _, fields := range [][]crm.Field{{crm.FieldCustomer}, {crm.FieldCustomer, crm.FieldOrganization}} {
		for _, desc := range []bool{true, false} {
			q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: desc}, Page: crm.PageRequest{Limit: limit}, Members: crm.MustMembers(crm.KindOrder, "number")}
			// The first time something is swept, and then nothing for a while: the records are crowded.
			for range 2 {
				var pages map[crm.ID]crm.Page[crm.Order]
				cheapBy(t, profiler, describe("list by", fields, q), len(fields)*asked*(limit+1), func() int {
					var err error
					if pages, err = crm.Of[crm.Order](store).ListBy(t.Context(), fields, ids(crm.KindCustomer, 0, asked), q); err != nil {
						t.Fatal(err)
					}
					return 0
				})
				for _, c := range ids(crm.KindCustomer, 0, asked) {
					alone, err := crm.Of[crm.Order](store).ListBy(t.Context(), fields, []crm.ID{c}, q)
					if err != nil {
						t.Fatal(err)
					}
					samePage(t, c, pages[c], alone[c])
				}
				if page := pages[rich]; len(page.Items) != limit || !page.More {
					t.Errorf("the customer of very many has %d on a page, and More is %t", len(page.Items), page.More)
				}
				profiler.Ops(t)
				profiler.calls.drain()
			}
		}
	}
}

func samePage(t *testing.T, of crm.ID, got, want crm.Page[crm.Order]) {
	t.Helper()
	if len(got.Items) != len(want.Items) || got.More != want.More {
		t.Errorf("%s has %d orders and More %t, alone %d and %t", of, len(got.Items), got.More, len(want.Items), want.More)
		return
	}
	for i, o := range got.Items {
		if o.ID != want.Items[i].ID {
			t.Errorf("%s has %s at place %d, alone %s", of, o.ID, i, want.Items[i].ID)
		}
	}
}
