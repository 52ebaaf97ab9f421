package main_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// shopKey reads a shop's credentials.
func shopKey(t *testing.T, shop realShop) string {
	t.Helper()
	content, err := os.ReadFile(shop.credentials)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

// realSales lists what each shop sold, by shop and address.
func realSales(t *testing.T, shops []realShop) (by map[string]map[string][]sale, all map[string][]sale) {
	t.Helper()
	by, all = map[string]map[string][]sale{}, map[string][]sale{}
	for _, shop := range shops {
		sales := shop.sales(t, shop.url, shopKey(t, shop))
		for address, list := range sales {
			// The mock has one order that was made to try the shop out: it is none.
			list = slices.DeleteFunc(list, func(s sale) bool { return s.ID == "ord_shopify.4004" })
			sales[address] = list
			all[address] = append(all[address], list...)
		}
		by[shop.name] = sales
	}
	return by, all
}

// dumped is what a store holds.
type dumped struct {
	text      string
	orders    map[string]map[string]sale // by source and id
	owners    map[string]string          // of the orders
	customers map[string]dumpedCustomer
}

type dumpedCustomer struct {
	ID                 string
	Emails             []struct{ Address string }
	ExternalIdentities []struct{ Source string }
}

func dumpOf(t *testing.T, path string) dumped {
	t.Helper()
	code, text, stderr := run(t, "", "dump", "--store", "sqlite:"+path)
	if code != 0 {
		t.Fatal(stderr)
	}
	d := dumped{text, map[string]map[string]sale{}, map[string]string{}, map[string]dumpedCustomer{}}
	for line := range strings.Lines(text) {
		var one struct {
			Customer *dumpedCustomer
			Order    *struct {
				ID, Source, Customer string
				Price                struct {
					Total struct{ Amount, CurrencyCode string }
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if c := one.Customer; c != nil {
			d.customers[c.ID] = *c
		}
		if o := one.Order; o != nil {
			if d.orders[o.Source] == nil {
				d.orders[o.Source] = map[string]sale{}
			}
			d.orders[o.Source][o.ID] = sale{ID: o.ID, Amount: o.Price.Total.Amount, Currency: o.Price.Total.CurrencyCode}
			d.owners[o.ID] = o.Customer
		}
	}
	return d
}

// syncFile writes a configuration with the shops in a mode, never synced by serve.
func syncFile(t *testing.T, shops []realShop, mode string) string {
	t.Helper()
	file := configFile(t, shops)
	edit(t, file, "    mode: live\n", "    mode: "+mode+"\n    sync_every: 0s\n")
	return file
}

// What the sync reads from real shops is in the store as the shops list it, with
// whom it belongs to, and the graph answers it from there.
func TestRealSync(t *testing.T) {
	shops := realShops(t)
	by, all := realSales(t, shops)
	path, ids, own := newStore(t, all)
	args := []string{"--config", syncFile(t, shops, "synced"), "--store", "sqlite:" + path}
	start := time.Now()
	lines := syncAll(t, 0, nil, args...)
	t.Logf("%v: %+v", time.Since(start).Round(time.Millisecond), lines)
	if len(lines) != len(shops) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		// Only who bought without any record of theirs has no customer.
		want := syncLine{Source: shops[i].name, Read: line.Read, Written: line.Written, Unmatched: len(by[shops[i].name]["guest@example.test"])}
		if !reflect.DeepEqual(line, want) || line.Read < line.Written || line.Written < len(by[shops[i].name]) {
			t.Errorf("%+v, want %+v", line, want)
		}
	}
	first := dumpOf(t, path)
	histories := map[string][]sale{}
	for i, id := range ids {
		histories[string(id)] = own[shopper(i)]
	}
	for _, shop := range shops {
		addOwned(t, shop, by[shop.name], first, ids, histories)
	}

	start = time.Now()
	again := syncAll(t, 0, nil, args...)
	t.Logf("again, %v: %+v", time.Since(start).Round(time.Millisecond), again)
	for _, line := range again {
		if line.Written != 0 {
			t.Errorf("again: %+v", line)
		}
	}
	if second := dumpOf(t, path); second.text != first.text {
		t.Errorf("the second run changed the store:\n%s", gocmp.Diff(strings.Split(first.text, "\n"), strings.Split(second.text, "\n")))
	}
	testHistories(t, shops, path, ids, histories)
	testBoth(t, shops, path, all)
}

// addOwned checks that the store has a shop's orders and no others, each with the
// customer who has shown that its address is theirs, as when the shop is asked
// live. It adds them to the customers' histories.
func addOwned(t *testing.T, shop realShop, sales map[string][]sale, d dumped, ids []crm.ID, histories map[string][]sale) {
	t.Helper()
	known := map[string]string{}
	for i, id := range ids {
		known[shopper(i)] = string(id)
	}
	want := map[string]sale{}
	matched := 0
	for address, list := range sales {
		for _, s := range list {
			want[s.ID] = sale{ID: s.ID, Amount: s.Amount, Currency: s.Currency}
			owner := d.owners[s.ID]
			histories[owner] = append(histories[owner], s)
			c := d.customers[owner]
			switch {
			case known[address] != "":
				matched++
				if owner != known[address] {
					t.Errorf("%s of %s belongs to %+v, want %s", s.ID, address, c, known[address])
				}
			case address == "guest@example.test":
				if owner != "" {
					t.Errorf("%s of nobody belongs to %+v", s.ID, c)
				}
			case len(c.Emails) != 1 || c.Emails[0].Address != address || len(c.ExternalIdentities) != 1 || c.ExternalIdentities[0].Source != shop.name:
				t.Errorf("%s of %s belongs to %+v, want a customer of %s's", s.ID, address, c, shop.name)
			}
		}
	}
	if diff := gocmp.Diff(want, d.orders[shop.name], gocmp.AllowUnexported(sale{})); diff != "" {
		t.Errorf("%s (-shop +store):\n%s", shop.name, diff)
	}
	t.Logf("%s: %d orders, %d of them of the store's customers", shop.name, len(want), matched)
}

// testHistories asks for the histories of all shoppers' customers: no shop is asked.
func testHistories(t *testing.T, shops []realShop, path string, ids []crm.ID, histories map[string][]sale) {
	t.Helper()
	s := serve(t, nil, "serve", "--store", "sqlite:"+path, "--config", syncFile(t, shops, "synced"))
	for id, list := range histories {
		if id == "" || len(list) > 50 {
			continue
		}
		slices.SortFunc(list, func(a, b sale) int {
			return cmp.Or(b.at.Truncate(time.Millisecond).Compare(a.at.Truncate(time.Millisecond)), strings.Compare(b.ID, a.ID))
		})
		for k := range list {
			list[k].at = time.Time{}
		}
		var answer struct{ Customer struct{ Orders orderPage } }
		query(t, s.graphql, `query($id: ID!) { customer(id: $id) { orders(first: 50) { nodes { id total { amount currencyCode } } } } }`, map[string]any{"id": id}, &answer)
		if diff := gocmp.Diff(list, answer.Customer.Orders.sales(), gocmp.AllowUnexported(sale{})); diff != "" {
			t.Errorf("%s (-shops +gateway):\n%s", id, diff)
		}
	}
	var answer struct {
		Customer struct {
			Statistics struct {
				Sources []struct {
					Source, State string
					AsOf          *time.Time
				}
			}
		}
	}
	query(t, s.graphql, `query($id: ID!) { customer(id: $id) { statistics { sources { source state asOf } } } }`, map[string]any{"id": ids[0]}, &answer)
	var states []string
	for _, source := range answer.Customer.Statistics.Sources {
		states = append(states, source.Source+" "+source.State)
		if source.Source != crm.SourceStore && (source.AsOf == nil || time.Since(*source.AsOf) > time.Hour) {
			t.Errorf("%s is as of %v", source.Source, source.AsOf)
		}
	}
	if diff := gocmp.Diff([]string{"medusa OK", "shopify OK", "store OK", "vendure-eu OK"}, states); diff != "" {
		t.Errorf("sources of statistics (-want +got):\n%s", diff)
	}
	for name, n := range shopCalls(t, s, shops) {
		t.Errorf("%d calls of %s, which is synced", n, name)
	}
}

// testBoth asks for orders by id in mode both: the shop is asked, for lists it is not.
func testBoth(t *testing.T, shops []realShop, path string, all map[string][]sale) {
	t.Helper()
	s := serve(t, nil, "serve", "--store", "sqlite:"+path, "--config", syncFile(t, shops, "both"))
	var list struct{ Orders orderPage }
	query(t, s.graphql, `{ orders(first: 20) { nodes { id } } }`, nil, &list)
	if calls := shopCalls(t, s, shops); len(list.Orders.Nodes) != 20 || len(calls) != 0 {
		t.Errorf("%d orders, calls %v, want 20 without any", len(list.Orders.Nodes), calls)
	}
	want := map[string]int{}
	for _, sold := range all[shopper(0)] {
		source, _, _ := strings.Cut(strings.TrimPrefix(sold.ID, "ord_"), ".")
		if want[source]++; source == "shopify" {
			want[source]++ // The order, and then its lines.
		}
		var answer struct{ Order struct{ ID string } }
		query(t, s.graphql, `query($id: ID!) { order(id: $id) { id total { amount } } }`, map[string]any{"id": sold.ID}, &answer)
		if calls := shopCalls(t, s, shops); answer.Order.ID != sold.ID || calls[source] != want[source] {
			t.Errorf("order %s: %q, calls %v, want %v", sold.ID, answer.Order.ID, calls, want)
		}
	}
}

// A shop that refuses its key is told of; the others are synced.
func TestRealSyncRefused(t *testing.T) {
	shops := realShops(t)
	_, all := realSales(t, shops)
	path, _, _ := newStore(t, all)
	file := syncFile(t, shops, "synced")
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("sk_wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, file, "credentials_file: "+shops[0].credentials, "credentials_file: "+wrong)
	lines := syncAll(t, 1, nil, "--config", file, "--store", "sqlite:"+path)
	if len(lines) != 3 || lines[0].Error == "" || lines[0].Read != 0 || lines[1].Error != "" || lines[1].Written == 0 || lines[2].Error != "" || lines[2].Written == 0 {
		t.Errorf("%+v", lines)
	}
	t.Log(lines[0].Error)
}
