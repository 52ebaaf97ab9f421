package purchases_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// history is what a customer has bought in the store and three shops whose times
// are to the second, the millisecond and the microsecond.
type history struct {
	who     *crm.Customer
	sources reading
	store   *store
	stored  []*crm.Order
	shops   map[string]*shoptest.Shop
	live    map[string][]*crm.Order
	filter  *crm.OrderFilter
}

var (
	names     = []string{"a", "b", "c"}
	precision = map[string]time.Duration{"a": time.Second, "b": time.Millisecond, "c": time.Microsecond}
	histories atomic.Int64
)

// drawHistory draws orders with many ties within and across the sources; some of
// the shops' orders are in the store as well, perhaps in an older state.
func drawHistory(t *rapid.T, s *store) *history {
	n := histories.Add(1)
	h := &history{
		who: customer("who" + strconv.FormatInt(n, 10)), store: s,
		shops: map[string]*shoptest.Shop{}, live: map[string][]*crm.Order{},
	}
	put(t, crm.Of[crm.Customer](s.Store), h.who)
	offsets := rapid.SampledFrom([]time.Duration{
		0, time.Microsecond, 999 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond, 999 * time.Millisecond, time.Second, 2 * time.Second,
	})
	statuses := rapid.SampledFrom([]crm.OrderStatus{crm.OrderStatusOpen, crm.OrderStatusCompleted})
	for _, name := range names {
		h.shops[name] = shoptest.New(name, nil, shoptest.WithPrecision(precision[name]))
	}
	count := rapid.IntRange(0, 40).Draw(t, "orders")
	for i := range count {
		source := rapid.SampledFrom(append(slices.Clone(names), "till")).Draw(t, "source")
		id := fmt.Sprintf("%d-%d", rapid.IntRange(0, 9).Draw(t, "id"), n*1000+int64(i))
		o := bought(source, id, h.who.DisplayName, day.Add(offsets.Draw(t, "at")))
		o.Order.Status = statuses.Draw(t, "status")
		if source == "till" {
			o.Order.PlacedAt = o.Order.PlacedAt.Truncate(time.Millisecond)
			h.stored = append(h.stored, o.Order)
			continue
		}
		h.shops[source].Put(o)
		o.Order.PlacedAt = o.Order.PlacedAt.Truncate(max(precision[source], time.Millisecond))
		h.live[source] = append(h.live[source], o.Order)
		if rapid.IntRange(0, 3).Draw(t, "copy") == 0 {
			stored := *o.Order
			stored.Status = statuses.Draw(t, "copy's status")
			h.stored = append(h.stored, &stored)
		}
	}
	put(t, crm.Of[crm.Order](s.Store), h.stored...)
	h.sources = open(s, live(h.shops["c"], h.shops["a"], h.shops["b"])...)
	h.drawFilter(t)
	return h
}

func (h *history) drawFilter(t *rapid.T) {
	switch rapid.IntRange(0, 5).Draw(t, "filter") {
	case 0:
		h.filter = &crm.OrderFilter{Status: []crm.OrderStatus{crm.OrderStatusOpen}}
	case 1:
		after, before := day.Add(500*time.Microsecond), day.Add(2*time.Second)
		h.filter = &crm.OrderFilter{PlacedAt: &crm.TimeRange{After: &after, Before: &before}}
	case 2:
		h.filter = &crm.OrderFilter{Source: []string{"a", "c", "till"}}
	}
}

// want returns the list over the sources that are up.
func (h *history) want(down map[string]bool) []*crm.Order {
	var all []*crm.Order
	for _, name := range names {
		if !down[name] && h.asked(name) {
			all = append(all, h.live[name]...)
		}
	}
	if !down[crm.SourceStore] {
		all = append(all, h.stored...)
	}
	where, _ := h.filter.Predicates()
	return slices.DeleteFunc(flat(all...), func(o *crm.Order) bool {
		return slices.ContainsFunc(where, func(p crm.Predicate) bool { return !p.Holds(o.Keys()) })
	})
}

// asked says whether a source's orders can be wanted.
func (h *history) asked(name string) bool {
	return name == crm.SourceStore || h.filter == nil || h.filter.Source == nil || slices.Contains(h.filter.Source, name)
}

func (h *history) page(t *rapid.T, request crm.PageRequest, complete []string) (crm.MergedOrders, error) {
	where, err := h.filter.Predicates()
	if err != nil {
		t.Fatal(err)
	}
	q := crm.Query{Where: where, Sort: sort, Page: request}
	pages, err := h.sources.Orders(t.Context(), []*crm.Customer{h.who}, q, h.filter, complete)
	return pages[h.who.ID], err
}

// cut returns the page of a flat list.
func cut(list []*crm.Order, r crm.PageRequest) crm.Page[crm.Order] {
	index := func(p *crm.Position) int {
		return slices.IndexFunc(flat(append([]*crm.Order{{ID: p.ID, PlacedAt: p.Time}}, list...)...), func(o *crm.Order) bool { return o.ID == p.ID })
	}
	kept := list
	if r.Before != nil {
		kept = kept[:index(r.Before)]
	}
	if r.After != nil {
		from := index(r.After)
		for from < len(list) && list[from].ID == r.After.ID {
			from++
		}
		kept = kept[min(from, len(kept)):]
	}
	more := len(kept) > r.Limit
	if more && r.Backward {
		kept = kept[len(kept)-r.Limit:]
	} else if more {
		kept = kept[:r.Limit]
	}
	return crm.Page[crm.Order]{Items: kept, More: more}
}

func wantOrders(t *rapid.T, what string, got crm.MergedOrders, want crm.Page[crm.Order]) {
	t.Helper()
	if diff := cmp.Diff(ids(want.Items), ids(got.Items)); diff != "" {
		t.Fatalf("%s: orders (-want +got):\n%s", what, diff)
	}
	if diff := cmp.Diff(statusesOf(want.Items), statusesOf(got.Items)); diff != "" {
		t.Fatalf("%s: statuses (-want +got):\n%s", what, diff)
	}
	if got.More != want.More {
		t.Fatalf("%s: more is %t, want %t", what, got.More, want.More)
	}
}

func statusesOf(orders []*crm.Order) []crm.OrderStatus {
	list := make([]crm.OrderStatus, len(orders))
	for i, o := range orders {
		list[i] = o.Status
	}
	return list
}

// next returns the request for the page behind one.
func next(r crm.PageRequest, items []*crm.Order) crm.PageRequest {
	if r.Backward {
		r.Before = position(items[0])
	} else {
		r.After = position(items[len(items)-1])
	}
	return r
}

func TestPagingGivesTheFlatListWithoutGapOrRepeat(t *testing.T) {
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t, s)
		all := h.want(nil)
		for _, backward := range []bool{false, true} {
			request := crm.PageRequest{Limit: rapid.IntRange(1, 7).Draw(t, "limit"), Backward: backward}
			var got []*crm.Order
			var complete []string
			for pages := 0; ; pages++ {
				page, err := h.page(t, request, complete)
				if err != nil || pages > len(all) {
					t.Fatalf("page %d: %v", pages, err)
				}
				wantOrders(t, fmt.Sprintf("page %d, backward %t", pages, backward), page, cut(all, request))
				for _, status := range page.Sources {
					if status.State != crm.SourceStateOK {
						t.Fatalf("page %d: %s", pages, states(page.Sources))
					}
				}
				if backward {
					got = append(slices.Clone(page.Items), got...)
				} else {
					got = append(got, page.Items...)
				}
				if complete = page.Complete; !page.More {
					break
				}
				request = next(request, page.Items)
			}
			if diff := cmp.Diff(ids(all), ids(got)); diff != "" {
				t.Fatalf("all pages, backward %t (-want +got):\n%s", backward, diff)
			}
		}
	})
}

func TestAPageBetweenTwoPositions(t *testing.T) {
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t, s)
		all := h.want(nil)
		request := crm.PageRequest{Limit: rapid.IntRange(0, 7).Draw(t, "limit"), Backward: rapid.Bool().Draw(t, "backward")}
		if len(all) > 0 {
			from := rapid.IntRange(0, len(all)-1).Draw(t, "from")
			request.After = position(all[from])
			request.Before = position(all[rapid.IntRange(from, len(all)-1).Draw(t, "to")])
			if rapid.Bool().Draw(t, "no after") {
				request.After = nil
			} else if rapid.Bool().Draw(t, "no before") {
				request.Before = nil
			}
		}
		page, err := h.page(t, request, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantOrders(t, fmt.Sprintf("%+v", request), page, cut(all, request))
	})
}

// TestSourcesThatComeAndGo pages while each source is up or down at random: a page
// has what the sources that are up have, no order comes twice, and whatever is
// missing is of a source that said so from then on.
func TestSourcesThatComeAndGo(t *testing.T) {
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t, s)
		defer h.setDown(nil)
		request := crm.PageRequest{Limit: rapid.IntRange(1, 7).Draw(t, "limit"), Backward: rapid.Bool().Draw(t, "backward")}
		seen := map[crm.ID]bool{}
		missed := map[string]bool{}
		var complete []string
		for pages, done := 0, false; !done; pages++ {
			down := h.drawDown(t)
			if pages > 2*len(h.want(nil))+5 {
				down = map[string]bool{}
			}
			h.setDown(down)
			page, err := h.page(t, request, complete)
			if up := slices.ContainsFunc(h.sourceNames(), func(n string) bool { return !down[n] }); !up {
				var partial crm.PartialError
				if !errors.As(err, &partial) || partial[h.who.ID] == nil {
					t.Fatalf("page %d without any source: %v", pages, err)
				}
				continue // The caller tries again with the same cursor.
			}
			if err != nil {
				t.Fatal(err)
			}
			wantOrders(t, fmt.Sprintf("page %d, %v down", pages, down), page, cut(h.want(down), request))
			for name := range down {
				missed[name] = missed[name] || down[name]
			}
			h.wantStates(t, page, down, missed)
			for _, o := range page.Items {
				if seen[o.ID] {
					t.Fatalf("%s comes twice", o.ID)
				}
				seen[o.ID] = true
			}
			complete = page.Complete
			if done = !page.More; !done {
				request = next(request, page.Items)
			}
		}
		for _, o := range h.want(nil) {
			if !seen[o.ID] && !missed[o.Source] && !missed[crm.SourceStore] {
				t.Fatalf("%s is missing and its source never was", o.ID)
			}
		}
	})
}

func (h *history) sourceNames() []string {
	return slices.DeleteFunc([]string{"a", "b", "c", crm.SourceStore}, func(n string) bool { return !h.asked(n) })
}

func (h *history) drawDown(t *rapid.T) map[string]bool {
	down := map[string]bool{}
	for _, name := range h.sourceNames() {
		down[name] = rapid.IntRange(0, 3).Draw(t, name+" down") == 0
	}
	return down
}

func (h *history) setDown(down map[string]bool) {
	for name, shop := range h.shops {
		shop.SetErr(nil)
		if down[name] {
			shop.SetErr(errDown)
		}
	}
	h.store.set(nil)
	if down[crm.SourceStore] {
		h.store.set(errDown)
	}
}

func (h *history) wantStates(t *rapid.T, page crm.MergedOrders, down, missed map[string]bool) {
	t.Helper()
	var want []crm.SourceStatus
	complete := []string{}
	for _, name := range h.sourceNames() {
		state := crm.SourceStateOK
		switch {
		case down[name]:
			state = crm.SourceStateUnavailable
		case missed[name]:
			state = crm.SourceStateIncomplete
		default:
			complete = append(complete, name)
		}
		want = append(want, crm.SourceStatus{Source: name, State: state})
	}
	if states(page.Sources) != states(want) {
		t.Fatalf("sources are %s, want %s", states(page.Sources), states(want))
	}
	if diff := cmp.Diff(complete, page.Complete); diff != "" {
		t.Fatalf("complete (-want +got):\n%s", diff)
	}
}
