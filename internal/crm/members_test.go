package crm_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
)

func TestMembersByName(t *testing.T) {
	tests := []struct {
		kind  crm.Kind
		names []string
		want  []string // paths
	}{
		{crm.KindTeam, nil, []string{"id"}},
		{crm.KindCustomer, []string{"displayName"}, []string{"id", "displayName", "version"}},
		{crm.KindOrder, []string{"placedAt", "price.total", "placedAt"}, []string{"id", "placedAt", "price.total"}},
		{crm.KindOrder, []string{"lines"}, []string{"id", "lines"}},
		{crm.KindOrder, []string{"lines.quantity", "lines.product"}, []string{"id", "lines.product", "lines.quantity"}},
		{crm.KindOrder, []string{"lines", "lines.quantity"}, []string{"id", "lines"}},
		{crm.KindOrder, []string{"Order.lines"}, []string{"id", "lines.-"}},
		{crm.KindOrder, []string{"OrderLine.quantity"}, []string{"id"}},
		{crm.KindOrder, []string{"Order.lines", "OrderLine.quantity"}, []string{"id", "lines.quantity"}},
		// What is wanted of a part is wanted wherever such a part is.
		{crm.KindOrder, []string{"shippingAddress.city", "Order.billingAddress"}, []string{"id", "shippingAddress.city", "billingAddress.city"}},
		// Whoever points at a line needs the lines, and to know them by their ids.
		{crm.KindOrder, []string{"refunds.lines.quantity"}, []string{"id", "refunds.lines.quantity"}},
		{crm.KindOrder, []string{"refunds.lines.line.title"}, []string{"id", "lines.id", "lines.title", "refunds.lines.line"}},
		{crm.KindOrder, []string{"shipments"}, []string{"id", "lines.id", "shipments"}},
	}
	for _, tt := range tests {
		m, err := crm.MembersOf(tt.kind, tt.names...)
		if err != nil {
			t.Errorf("%q: %v", tt.names, err)
			continue
		}
		if diff := cmp.Diff(tt.want, m.Paths()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.names, diff)
		}
		for _, name := range append(slices.Clone(tt.names), "id") {
			if !m.Has(name) {
				t.Errorf("%q: has no %s", tt.names, name)
			}
		}
		if m.Has("updatedAt") || m.Has("none") || m.Has("id.none") || m.Kind() != tt.kind {
			t.Errorf("%q of %s has what was not named", tt.names, m.Kind())
		}
	}
	for _, name := range []string{"", "none", "ID", "lines.none", "OrderLine.none", "Team.name", "placedAt.x", "lines."} {
		if _, err := crm.MembersOf(crm.KindOrder, name); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := crm.MembersOf("none"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("no kind: %v", err)
	}
	if whole := (*crm.Members)(nil); !whole.Has("lines.none") || whole.Paths() != nil || whole.Kind() != "" || whole.In(3) != ^uint64(0) {
		t.Error("nil is not everything")
	}
}

func TestMembersTogether(t *testing.T) {
	some := func(names ...string) *crm.Members { return crm.MustMembers(crm.KindOrder, names...) }
	number, both := some("number"), some("number", "lines.quantity")
	if number.With(nil) != nil || (*crm.Members)(nil).With(number) != nil {
		t.Error("everything and something is not everything")
	}
	if both.With(number) != both || number.With(both) != both {
		t.Error("what holds the other is made anew")
	}
	together := number.With(some("lines.product"))
	if diff := cmp.Diff([]string{"id", "number", "lines.product"}, together.Paths()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if number.Has("lines.product") {
		t.Error("what was put together has changed")
	}
	defer func() {
		if recover() == nil {
			t.Error("members of two kinds are put together")
		}
	}()
	number.With(crm.MustMembers(crm.KindTeam, "name"))
}

// random is a record of any kind.
func random(t *rapid.T) crm.Record {
	d := rapid.SampledFrom(crm.Descriptions()).Draw(t, "kind")
	return recordtest.Random(d.Kind, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
}

// Each key is computed from the members that its description names, and so is the place
// in a list that is sorted by it, which is the key's.
func TestKeysComeFromTheirMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		for _, key := range crm.Describe(r.RecordKind()).Keys {
			kept := crm.Keep(r, crm.KeyMembers(r.RecordKind(), key.Field))
			all, some := r.Keys(), kept.Keys()
			want := []any{all.Text[key.Field], all.Time[key.Field], all.Number[key.Field], all.Many[key.Field]}
			got := []any{some.Text[key.Field], some.Time[key.Field], some.Number[key.Field], some.Many[key.Field]}
			if !slices.Equal(all.Many[key.Field], some.Many[key.Field]) || !reflect.DeepEqual(want[:3], got[:3]) {
				t.Fatalf("%T by %s: %v, want %v", r, key.Field, got, want)
			}
			p, ok := r.(crm.Positioned)
			if !ok || key.Class == crm.ClassText || key.Class == crm.ClassMany || key.Field == crm.FieldSatisfaction {
				continue // No list is sorted by what may be absent.
			}
			place := crm.Position{Time: all.Time[key.Field], Text: all.Text[key.Field], Number: all.Number[key.Field], ID: r.RecordID()}
			if got := p.Position(key.Field); got != place {
				t.Fatalf("%T by %s is at %v, want %v", r, key.Field, got, place)
			}
			if any(kept).(crm.Positioned).Position(key.Field) != place {
				t.Fatalf("%T by %s is at another place", r, key.Field)
			}
		}
	})
}

// What a Go method gives for a field of the graph comes from the members that the
// description names for it.
func TestDerivedFieldsComeFromTheirMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		kind := r.RecordKind()
		typ := reflect.TypeOf(r).Elem().Name()
		for name, members := range crm.Describe(kind).Derives {
			of, field, _ := strings.Cut(name, ".")
			kept := crm.Keep(r, crm.MustMembers(kind, members...))
			if of != typ {
				continue
			}
			for i := range reflect.TypeOf(r).NumMethod() {
				method := reflect.TypeOf(r).Method(i).Name
				if !strings.EqualFold(method, field) && !strings.EqualFold(method, "graph"+field) {
					continue
				}
				call := func(r crm.Record) any { return reflect.ValueOf(r).MethodByName(method).Call(nil)[0].Interface() }
				if diff := cmp.Diff(call(r), call(kept)); diff != "" {
					t.Fatalf("%s (-whole +kept):\n%s", name, diff)
				}
			}
		}
		c, ok := r.(*crm.Customer)
		if !ok {
			return
		}
		now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		asked := func(field string) *crm.Customer {
			names, ok := crm.GraphMembers(crm.KindCustomer, "Customer", field)
			if !ok {
				t.Fatalf("nobody says what %s needs", field)
			}
			return crm.Keep(c, crm.MustMembers(crm.KindCustomer, names...))
		}
		if asked("recommendations").PersonalizationWithheld(now) != c.PersonalizationWithheld(now) {
			t.Fatal("recommendations are withheld from one and not from the other")
		}
		for _, e := range c.ExternalIdentities {
			want, wantOK := c.Shopper(e.Source)
			if got, ok := asked("orders").Shopper(e.Source); ok != wantOK || !reflect.DeepEqual(got, want) {
				t.Fatalf("shops know %+v, want %+v", got, want)
			}
		}
	})
}

func TestGraphMembers(t *testing.T) {
	tests := []struct {
		kind       crm.Kind
		typ, field string
		want       []string
		ok         bool
	}{
		{crm.KindOrder, "Order", "placedAt", []string{"Order.placedAt"}, true},
		{crm.KindOrder, "Order", "lines", []string{"Order.lines"}, true},
		{crm.KindOrder, "Order", "total", []string{"price.total"}, true},
		{crm.KindOrder, "OrderLine", "id", []string{"OrderLine.id"}, true},
		{crm.KindOrder, "OrderLine", "quantity", []string{"OrderLine.quantity"}, true},
		{crm.KindOrder, "OrderLine", "product", []string{"OrderLine.product"}, true},
		{crm.KindOrder, "Address", "city", []string{"Address.city"}, true},
		{crm.KindCustomer, "Customer", "tickets", []string{}, true},
		{crm.KindOrder, "Order", "none", nil, false},
		{crm.KindOrder, "Customer", "id", nil, false},
		{"none", "Order", "id", nil, false},
	}
	for _, tt := range tests {
		got, ok := crm.GraphMembers(tt.kind, tt.typ, tt.field)
		if ok != tt.ok || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s.%s of %s: %v, %v; want %v", tt.typ, tt.field, tt.kind, got, ok, tt.want)
		}
		if _, err := crm.MembersOf(tt.kind, got...); ok && err != nil {
			t.Error(err)
		}
	}
}
