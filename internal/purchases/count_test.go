package purchases_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func TestCountsAreThoseOfTheFlatList(t *testing.T) {
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t, s)
		where, err := h.filter.Predicates()
		if err != nil {
			t.Fatal(err)
		}
		counts, err := h.sources.CountOrders(t.Context(), []*crm.Customer{h.who}, where)
		if err != nil {
			t.Fatal(err)
		}
		n := counts[h.who.ID]
		switch countable := h.filter == nil || h.filter.Source != nil; {
		case countable && (n == nil || *n != len(h.want(nil))):
			t.Fatalf("count %v, want %d", n, len(h.want(nil)))
		case !countable && n != nil:
			t.Fatalf("count %d of what a shop cannot count", *n)
		}
	})
}

func TestCountsThatAreNotKnown(t *testing.T) {
	ann, bob, eve := customer("ann"), customer("bob"), customer("eve")
	eve.Emails = nil // No shop is asked for eve.
	two, three := 2, 3
	type counts = map[crm.ID]*int
	for _, c := range []struct {
		name  string
		can   crm.Capabilities
		set   func(*store, *shoptest.Shop)
		where []crm.Predicate
		want  counts
		fails []crm.ID
	}{
		{name: "all is well", want: counts{ann.ID: &two, bob.ID: &three, eve.ID: &two}},
		{name: "the shop fails", set: func(_ *store, a *shoptest.Shop) { a.SetErr(errDown) }, want: counts{ann.ID: nil, bob.ID: nil, eve.ID: &two}},
		{
			name: "the shop fails for one", set: func(_ *store, a *shoptest.Shop) { a.FailKeys(errDown, string(ann.ID)) },
			want: counts{ann.ID: nil, bob.ID: &three, eve.ID: &two},
		},
		{
			name: "the shop does not say whether it has a copy", set: func(_ *store, a *shoptest.Shop) { a.FailKeys(errDown, "b1") },
			want: counts{ann.ID: &two, bob.ID: nil, eve.ID: &two},
		},
		{name: "the shop cannot count", can: crm.Capabilities{NoCounts: true}, want: counts{ann.ID: nil, bob.ID: nil, eve.ID: &two}},
		{
			name: "the store fails", set: func(s *store, _ *shoptest.Shop) { s.set(errDown) },
			want: counts{ann.ID: nil, bob.ID: nil, eve.ID: nil}, fails: []crm.ID{eve.ID},
		},
		{
			name: "the shop cannot count by status", where: []crm.Predicate{{Field: crm.FieldStatus, In: []string{"OPEN"}}},
			want: counts{ann.ID: nil, bob.ID: nil, eve.ID: &two},
		},
		{
			name: "the shop is not asked", where: []crm.Predicate{{Field: crm.FieldSource, In: []string{"till"}}},
			set: func(_ *store, a *shoptest.Shop) { a.SetErr(errDown) }, want: counts{ann.ID: new(int), bob.ID: &two, eve.ID: &two},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			put(t, crm.Of[crm.Customer](s.Store), ann, bob, eve)
			put(t, crm.Of[crm.Order](s.Store), order("till", "1", "bob", day), order("till", "2", "bob", day), order("a", "b1", "bob", day))
			put(t, crm.Of[crm.Order](s.Store), order("till", "3", "eve", day), order("till", "4", "eve", day))
			a := shoptest.New("a", []*crm.ShopOrder{
				bought("a", "a1", "ann", day), bought("a", "a2", "ann", day), bought("a", "b1", "bob", day),
			}, shoptest.WithCapabilities(c.can))
			if c.set != nil {
				c.set(s, a)
			}
			got, err := open(s, live(a)...).CountOrders(t.Context(), []*crm.Customer{ann, bob, eve}, c.where)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			var partial crm.PartialError
			errors.As(err, &partial)
			if len(partial) != len(c.fails) || len(c.fails) > 0 && partial[c.fails[0]] == nil {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestCountsThatCannotBe(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	copied := bought("a", "1", "ann", day)
	stored := *copied.Order
	stored.CustomerID = ann.ID
	put(t, crm.Of[crm.Order](s.Store), &stored)
	shop := &liar{Shop: shoptest.New("a", []*crm.ShopOrder{copied})}
	for n, want := range map[int]bool{1: true, 0: true, -1: false, math.MaxInt32: true, math.MaxInt32 + 1: false, math.MinInt: false} {
		shop.counts = func(answer map[crm.ID]int) { answer[ann.ID] = n }
		got, err := open(s, live(shop)...).CountOrders(t.Context(), []*crm.Customer{ann}, nil)
		if err != nil || want != (got[ann.ID] != nil) {
			t.Errorf("of %d: %v, %v", n, got[ann.ID], err)
		}
	}
}

func TestCountOfManyCopies(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop := shoptest.New("a", nil)
	for n := range 100 {
		at := day.Add(time.Duration(n) * time.Second)
		shop.Put(bought("a", number(n), "ann", at))
		put(t, crm.Of[crm.Order](s.Store), order("a", number(n), "ann", at))
	}
	all := open(s, live(shop)...)
	counts, err := all.CountOrders(t.Context(), []*crm.Customer{ann}, nil)
	if n := counts[ann.ID]; err != nil || n == nil || *n != 100 || shop.Calls() != 2 {
		t.Errorf("count %v, error %v, %d calls", n, err, shop.Calls())
	}
	put(t, crm.Of[crm.Order](s.Store), order("a", "100", "ann", day))
	counts, err = all.CountOrders(t.Context(), []*crm.Customer{ann}, nil)
	if n := counts[ann.ID]; err != nil || n != nil {
		t.Errorf("count %v, error %v", n, err)
	}
}

// TestCountOfACopyThatIsNowAnothers: the list has it, since the shop does not
// give it among the customer's.
func TestCountOfACopyThatIsNowAnothers(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day))
	all := open(s, live(shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "bob", day)}))...)
	counts, err := all.CountOrders(t.Context(), []*crm.Customer{ann}, nil)
	if n := counts[ann.ID]; err != nil || n == nil || *n != len(first(t, all, ann, query(5)).Items) {
		t.Errorf("count %v, error %v", n, err)
	}
}
