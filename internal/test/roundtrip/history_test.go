package roundtrip_test

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// step is one writer's turn, drawn once and taken on every kind of store.
type step struct {
	told string
	take func(t tester, store crm.Store) string // returns what was refused
}

// few is how many different records of each kind the writers of a history write, so
// that they meet.
const few = 3

// drawStep draws a turn: a file about some of the records, or a shop as it is by now.
func drawStep(t *rapid.T) step {
	if rapid.Bool().Draw(t, "by a shop") {
		s, told := drawCrowd(t)
		if rapid.Bool().Draw(t, "by webhooks") {
			return step{"webhooks of " + told, func(t tester, store crm.Store) string { return fmt.Sprint(announce(t, store, s)) }}
		}
		return step{"a sync of " + told, func(t tester, store crm.Store) string { return fmt.Sprint(syncShop(t, store, s)) }}
	}
	var lines, told []string
	for range rapid.IntRange(1, few).Draw(t, "records") {
		d := drawRecord(t, rapid.IntRange(0, few-1).Draw(t, "number"))
		for _, r := range append(d.relatives, d.record) {
			lines = append(lines, lineOf(t, r))
		}
		told = append(told, d.told)
	}
	for i := range rapid.IntRange(0, few).Draw(t, "customers of the shop") {
		c := drawCustomer(t, i)
		lines, told = append(lines, lineOf(t, written(c))), append(told, "a customer of the shop")
	}
	return step{"a file of " + strings.Join(told, "; "), func(t tester, store crm.Store) string {
		return fmt.Sprint(shown(importLines(t, store, lines)))
	}}
}

// drawCustomer draws one of few customers of a shop, who have few names, addresses
// and numbers between them.
func drawCustomer(t *rapid.T, n int) *crm.ShopCustomer {
	set := fixture.Records()
	c := shopCustomer(pick(t, "customer", set.Customers), n)
	c.Email = pick(t, "email", []string{"", "a@example.com", "b@example.com", " A@example.com"})
	c.Phone = pick(t, "phone", []string{"", "+441632960001", "0044 1632 960001"})
	c.EmailVerified = rapid.Bool().Draw(t, "verified")
	c.UpdatedAt = pick(t, "updated", []*crm.Customer{set.Customers[0], set.Customers[1]}).UpdatedAt
	return c
}

// drawCrowd draws a shop whose customers are perhaps the same people, with an order
// of each.
func drawCrowd(t *rapid.T) (s *shop, told string) {
	s = &shop{}
	var list []string
	for i := range rapid.IntRange(1, few).Draw(t, "customers") {
		s.customers = append(s.customers, drawCustomer(t, i))
		o := pick(t, "order", fixture.Records().Orders)
		o.Source, o.ExternalID, o.OrganizationID, o.CustomerID = source, fmt.Sprint("o", i), "", ""
		o.ID = crm.DerivedID(crm.KindOrder, source, o.ExternalID)
		list = append(list, o.ExternalID+": "+spoil(t, o, own))
		s.orders = append(s.orders, &crm.ShopOrder{Order: o, Buyer: crm.Buyer{
			ExternalID: fmt.Sprint("c", rapid.IntRange(0, few).Draw(t, "buyer")), Email: "a@example.com",
		}})
	}
	return s, "orders " + strings.Join(list, "; ")
}

// TestHistories: whatever files, syncs and webhooks make of the same records one
// after another comes back from the dump, and is the same on both kinds of store.
func TestHistories(t *testing.T) {
	kinds := kindsOfStores(t)
	rapid.Check(t, func(t *rapid.T) {
		steps := make([]step, rapid.IntRange(1, 5).Draw(t, "turns"))
		for i := range steps {
			steps[i] = drawStep(t)
			t.Logf("turn %d: %s", i+1, steps[i].told)
		}
		var dumps []string
		var refusals []map[int]string
		for _, kind := range kinds {
			store, refused := kind.fresh(t, 0), map[int]string{}
			for i, s := range steps {
				refused[i] = s.take(t, store)
			}
			dumps, refusals = append(dumps, dump(t, store)), append(refusals, refused)
			wantBack(t, kind.fresh(t, 1), dumps[len(dumps)-1])
		}
		wantAlike(t, kinds, dumps, refusals)
	})
}

// longHistories are customers whose history is as long as it may be: in entries, and
// in bytes.
func longHistories() map[string]*crm.Customer {
	entries, bytes := owner(), owner()
	for _, c := range []*crm.Customer{entries, bytes} {
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: source, ExternalID: "c1"}}
	}
	entries.Changes = history(10_000)
	bytes.Changes = history(1)
	// The words of one entry fill the record up to the last byte that it may have.
	for _, word := range []string{strings.Repeat("a", 1000), "a"} {
		filled := bytes.Changes[0].Fields
		with := func(n int) []string {
			return append(filled[:len(filled):len(filled)], slices.Repeat([]string{word}, n)...)
		}
		most := sort.Search(10_000, func(n int) bool {
			bytes.Changes[0].Fields = with(n)
			c := copied(reflect.ValueOf(bytes)).Interface().(*crm.Customer)
			crm.Complete(c)
			return crm.Check(c) != nil
		})
		bytes.Changes[0].Fields = with(most - 1)
	}
	return map[string]*crm.Customer{"entries": entries, "bytes": bytes}
}

// TestLongHistories: a customer whose history is as long as it may be can still be
// written, by a file and by a sync, and comes back from the dump.
func TestLongHistories(t *testing.T) {
	for _, kind := range kindsOfStores(t) {
		for name, c := range longHistories() {
			t.Run(kind.name+"/"+name, func(t *testing.T) {
				store := kind.fresh(t, 0)
				if refused := importLines(t, store, []string{lineOf(t, c)}); len(refused) > 0 {
					t.Fatal(refused)
				}
				for i := range 3 {
					change := fmt.Sprintf(`{"customer":{"id":"%s","tier":"tier %d"}}`, c.ID, i)
					if refused := importLines(t, store, []string{change}); len(refused) > 0 {
						t.Fatalf("the change is refused: %v", refused)
					}
					wantLast(t, store, c.ID, 2+i, "import")
				}
				told := syncShop(t, store, &shop{customers: []*crm.ShopCustomer{{
					ExternalID: "c1", Email: "cy@example.com", CreatedAt: day(), UpdatedAt: day(),
				}}})
				if len(told) > 0 {
					t.Fatalf("the shop's customer is refused: %v", told)
				}
				wantLast(t, store, c.ID, 5, source)
				wantBack(t, kind.fresh(t, 1), dump(t, store))
			})
		}
	}
}

// wantLast wants a customer's version, and who has made the last entry of its history.
func wantLast(t *testing.T, store crm.Store, id crm.ID, version int, actor string) {
	t.Helper()
	found, err := store.ByID(t.Context(), crm.KindCustomer, []crm.ID{id}, nil)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d customers, error %v", len(found), err)
	}
	c := found[0].(*crm.Customer)
	if last := c.Changes[len(c.Changes)-1]; c.Version != version || last.ActorRef.System != actor {
		t.Errorf("version %d, the last change by %q; want %d by %q", c.Version, last.ActorRef.System, version, actor)
	}
}
