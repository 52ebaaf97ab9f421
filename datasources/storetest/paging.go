package storetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

// pagesLikeASlice compares pages of every sort, in every direction, between any
// two positions, with a sorted slice.
func (k kind) pagesLikeASlice(t testing.TB, s crm.Store) {
	k.parents(t, s)
	all := remember(many(53, k.small))
	put(t, s, many(53, k.small)...)
	for _, field := range k.sorts() {
		for _, desc := range []bool{false, true} {
			sort := crm.Sort{Field: field, Desc: desc}
			sorted := selected(all, nil, sort)
			walk(t, s, crm.Query{Sort: sort}, sorted)
		}
	}
	property(t, func(t *rapid.T) {
		sort := crm.Sort{Field: rapid.SampledFrom(k.sorts()).Draw(t, "field"), Desc: rapid.Bool().Draw(t, "desc")}
		q := crm.Query{Sort: sort, Page: drawPage(t, all, sort)}
		want := page(selected(all, nil, sort), sort, q.Page)
		wantPage(t, show(q), list(t, s, k.Kind, q), want)
	})
}

// drawPage draws a page request whose bounds are records, or lie between them.
func drawPage[R crm.Record](t *rapid.T, all []R, sort crm.Sort) crm.PageRequest {
	bound := func(name string) *crm.Position {
		n := rapid.IntRange(-1, len(all)-1).Draw(t, name)
		if n < 0 {
			return nil
		}
		at := position(all[n], sort.Field)
		if rapid.IntRange(0, 3).Draw(t, name+" has another id") == 0 {
			at.ID = idOf(all[n].RecordKind(), 1000+n)
		}
		return &at
	}
	return crm.PageRequest{
		Limit:    rapid.SampledFrom([]int{0, 1, 2, 3, 5, 7, 20, 53, 100}).Draw(t, "limit"),
		Backward: rapid.Bool().Draw(t, "backward"), After: bound("after"), Before: bound("before"),
	}
}

// walk pages through a whole list from either end and compares with sorted:
// nothing is left out and nothing comes twice.
func walk[R crm.Record](t tester, s crm.Store, q crm.Query, sorted []R) {
	t.Helper()
	for _, size := range []int{1, 4, 7} {
		for _, backward := range []bool{false, true} {
			got := []crm.ID{}
			q.Page = crm.PageRequest{Limit: size, Backward: backward}
			for pages := 0; ; pages++ {
				page := list(t, s, sorted[0].RecordKind(), q)
				ids := idsOf(page.Items)
				if backward {
					got = append(ids, got...)
				} else {
					got = append(got, ids...)
				}
				if !page.More {
					break
				}
				if len(ids) == 0 || pages > len(sorted) {
					t.Fatalf("paging by %d never ends: %s", size, show(q))
				}
				if first, last := position(page.Items[0], q.Sort.Field), position(page.Items[len(ids)-1], q.Sort.Field); backward {
					q.Page.Before = &first
				} else {
					q.Page.After = &last
				}
			}
			what := fmt.Sprintf("all pages of %d, backward %v, by %+v", size, backward, q.Sort)
			wantSame(t, what, got, idsOf(sorted))
		}
	}
}

// pagingRules are about long runs of equal keys.
func pagingRules() []rule {
	return []rule{
		{"fifty records of one instant page without a gap or a repeat", pagesThroughOneInstant},
		{"a customer's many orders of one day page without a gap or a repeat", pagesThroughOneDay},
		{"limit 0 gives no items and says whether there are any", limitZero},
		{"no records are an empty page and a count of 0", emptyStore},
	}
}

func pagesThroughOneInstant(t testing.TB, s crm.Store) {
	all := many(50, func(n int) *crm.Customer {
		c := customer(n)
		c.DisplayName, c.CreatedAt, c.UpdatedAt = "The same", epoch(), epoch()
		return c
	})
	put(t, s, all...)
	for _, field := range of(crm.KindCustomer).sorts() {
		for _, desc := range []bool{false, true} {
			sort := crm.Sort{Field: field, Desc: desc}
			walk(t, s, crm.Query{Sort: sort}, selected(all, nil, sort))
		}
	}
}

func pagesThroughOneDay(t testing.TB, s crm.Store) {
	customerParents(t, s)
	all := many(60, func(n int) *crm.Order {
		o := order(n)
		if n < 48 {
			o.CustomerID = customerID(0)
			o.PlacedAt = epoch().Truncate(24 * time.Hour).Add(time.Duration(n%4) * time.Hour)
		}
		return o
	})
	put(t, s, all...)
	for _, desc := range []bool{false, true} {
		q := crm.Query{
			Where: []crm.Predicate{{Field: crm.FieldCustomer, In: []string{string(customerID(0))}}},
			Sort:  crm.Sort{Field: crm.FieldPlacedAt, Desc: desc},
		}
		walk(t, s, q, selected(all, q.Where, q.Sort))
	}
}

func limitZero(t testing.TB, s crm.Store) {
	put(t, s, many(3, customer)...)
	for _, backward := range []bool{false, true} {
		q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Backward: backward}}
		wantPage(t, show(q), list(t, s, crm.KindCustomer, q), crm.RecordPage{More: true})
		q.Where = []crm.Predicate{{Field: crm.FieldStatus, In: []string{"NONE"}}}
		wantPage(t, show(q), list(t, s, crm.KindCustomer, q), crm.RecordPage{})
	}
}

func emptyStore(t testing.TB, s crm.Store) {
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 10}}
	wantPage(t, show(q), list(t, s, crm.KindOrder, q), crm.RecordPage{})
	if n := count(t, s, crm.KindOrder); n != 0 {
		t.Errorf("Count is %d", n)
	}
	by := listBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, []crm.ID{customerID(1)}, q)
	counts := countBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, []crm.ID{customerID(1)})
	if len(by) != 0 || len(counts) != 0 {
		t.Errorf("ListBy has %d entries, CountBy %d", len(by), len(counts))
	}
}
