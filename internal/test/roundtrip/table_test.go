package roundtrip_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// row is an awkward input and what is right: what is stored of it, or the field that
// it is refused for.
type row struct {
	name string
	// One of these: a record of a shop, with which row it is, or one that only a file
	// can hold.
	order    func(n int) *crm.Order
	product  func(n int) *crm.Product
	customer func(n int) *crm.ShopCustomer
	file     func(n int) crm.Record

	// refused is the field that the record is refused for; "" is stored.
	refused string
	// got is what is looked at of the stored record, want what it is.
	got  func(r crm.Record) any
	want any
}

// verdict is what became of a row.
type verdict struct {
	stored  crm.Record
	refused string // field and reason
}

// id is the id that a row's record is stored under.
func (r row) id(n int) crm.ID {
	switch {
	case r.order != nil:
		return crm.DerivedID(crm.KindOrder, source, strconv.Itoa(n))
	case r.product != nil:
		return crm.DerivedID(crm.KindProduct, source, strconv.Itoa(n))
	case r.customer != nil:
		return crm.DerivedID(crm.KindCustomer, source, r.customer(n).ExternalID)
	}
	return r.file(n).RecordID()
}

// line is a row's record as a file has it.
func (r row) line(t tester, n int) string {
	t.Helper()
	switch {
	case r.order != nil:
		o := r.order(n)
		o.CustomerID = crm.DerivedID(crm.KindCustomer, source, buyer().ExternalID)
		return lineOf(t, o)
	case r.product != nil:
		return lineOf(t, r.product(n))
	case r.customer != nil:
		return lineOf(t, written(r.customer(n)))
	}
	return lineOf(t, r.file(n))
}

// buyer is the customer of all orders.
func buyer() *crm.ShopCustomer {
	return &crm.ShopCustomer{ExternalID: "buyer", GivenName: "Ann", CreatedAt: day(), UpdatedAt: day()}
}

// shopOf is a shop that has the rows' records.
func shopOf(rows []row) *shop {
	s := &shop{customers: []*crm.ShopCustomer{buyer()}}
	for n, r := range rows {
		switch {
		case r.order != nil:
			s.orders = append(s.orders, &crm.ShopOrder{Order: r.order(n), Buyer: crm.Buyer{ExternalID: buyer().ExternalID}})
		case r.product != nil:
			s.products = append(s.products, r.product(n))
		case r.customer != nil:
			s.customers = append(s.customers, r.customer(n))
		}
	}
	return s
}

// writer writes all rows that it can carry at once, so that one which spoils its
// neighbours shows, and returns what it refused, by row.
type writer struct {
	name    string
	carries func(r row) bool
	write   func(t tester, store crm.Store, rows []row) map[int]string
}

func writers() []writer {
	return []writer{
		{"import", func(row) bool { return true }, func(t tester, store crm.Store, rows []row) map[int]string {
			lines := []string{lineOf(t, written(buyer())), lineOf(t, owner()), lineOf(t, desk())}
			first := len(lines)
			for n, r := range rows {
				lines = append(lines, r.line(t, n))
			}
			refused := map[int]string{}
			for i, why := range importLines(t, store, lines) {
				refused[i-first] = why
			}
			return refused
		}},
		{"sync", func(r row) bool { return r.file == nil }, func(t tester, store crm.Store, rows []row) map[int]string {
			return byRow(syncShop(t, store, shopOf(rows)), rows)
		}},
		{"webhook", func(r row) bool { return r.order != nil }, func(t tester, store crm.Store, rows []row) map[int]string {
			s := shopOf(rows)
			syncShop(t, store, &shop{customers: s.customers[:1]})
			return byRow(announce(t, store, s), rows)
		}},
	}
}

// byRow finds the row of each record that a sync has refused.
func byRow(told map[string]string, rows []row) map[int]string {
	refused := map[int]string{}
	for n, r := range rows {
		name := "orders " + strconv.Itoa(n)
		switch {
		case r.product != nil:
			name = "products " + strconv.Itoa(n)
		case r.customer != nil:
			name = "customers " + r.customer(n).ExternalID
		}
		for key, why := range told { // The log shortens ids that are too long.
			if key == name || len(key) > 100 && strings.HasPrefix(name, key) {
				refused[n] = why
			}
		}
	}
	return refused
}

// verdicts lets a writer write the rows and returns what became of each.
func verdicts(t *testing.T, w writer, store crm.Store, rows []row) map[int]verdict {
	t.Helper()
	refused := w.write(t, store, rows)
	outcome := map[int]verdict{}
	for n, r := range rows {
		if !w.carries(r) {
			continue
		}
		v := verdict{refused: refused[n]}
		if id := r.id(n); id.Kind() != "" {
			found, err := store.ByID(t.Context(), id.Kind(), []crm.ID{id}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 {
				v.stored = found[0]
			}
		}
		outcome[n] = v
	}
	return outcome
}

// TestAwkwardInputs: each row of the table has what is right, by every writer that
// can carry it, on every kind of store.
func TestAwkwardInputs(t *testing.T) {
	rows := slices.Concat(orderRows(), productRows(), customerRows(), fileRows())
	t.Logf("%d rows", len(rows))
	for _, kind := range kindsOfStores(t) {
		for _, w := range writers() {
			t.Run(kind.name+"/"+w.name, func(t *testing.T) {
				store := kind.fresh(t, 0)
				outcome := verdicts(t, w, store, rows)
				for _, n := range slices.Sorted(maps.Keys(outcome)) {
					t.Run(rows[n].name, func(t *testing.T) { rows[n].hold(t, outcome[n]) })
				}
				wantBack(t, kind.fresh(t, 1), dump(t, store))
			})
		}
	}
}

// hold compares what became of a row with what is right.
func (r row) hold(t *testing.T, v verdict) {
	t.Helper()
	if r.refused != "" {
		if v.stored != nil {
			t.Fatalf("it is stored, and must be refused for %s", r.refused)
		}
		if field, reason, _ := strings.Cut(v.refused, ": "); field != r.refused || reason == "" {
			t.Fatalf("it is refused with %q, want the field %s and a reason", v.refused, r.refused)
		}
		return
	}
	if v.stored == nil {
		t.Fatalf("it is refused with %q, and must be stored", v.refused)
	}
	if v.refused != "" {
		t.Errorf("it is stored, and reported with %q", v.refused)
	}
	if diff := cmp.Diff(r.want, r.got(v.stored)); diff != "" {
		t.Errorf("what is stored (-want +got):\n%s", short(diff))
	}
}
