package previous_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// The folder currencies has a store of each kind that was made when some currencies had
// no digits after the point yet: a customer with orders of 302 RSD, of which 51 were
// given back, 7000 IQD, 2500 ITL and 13.99 GBP, and a product for 151 RSD.
const currencies = "testdata/currencies"

func TestStoredAmountsStayWhatTheyAre(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, read(t, currencies, "currencies.db.gz"), 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		keepsAmounts(t, store)
	})
	t.Run("mongodb", func(t *testing.T) {
		uri := mongod.URI(t)
		restore(t, uri, read(t, currencies, "currencies.mongodb.ndjson.gz"))
		store, err := mongodb.Open(t.Context(), uri)
		if err != nil {
			t.Fatal(err)
		}
		keepsAmounts(t, store)
	})
}

// keepsAmounts looks at every amount, adds an order with digits, and looks at the sums.
func keepsAmounts(t *testing.T, store crm.Store) {
	t.Helper()
	defer func() { _ = store.Close(context.Background()) }()
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	dumped := dump(t, store)
	for amount, times := range map[string]int{
		`{"amount":"151.00","currencyCode":"RSD"}`:   2,
		`{"amount":"302.00","currencyCode":"RSD"}`:   3,
		`{"amount":"51.00","currencyCode":"RSD"}`:    1,
		`{"amount":"7000.000","currencyCode":"IQD"}`: 4,
		`{"amount":"2500.00","currencyCode":"ITL"}`:  4,
		`{"amount":"13.99","currencyCode":"GBP"}`:    4,
	} {
		if got := strings.Count(dumped, amount); got != times {
			t.Errorf("%s is in the dump %d times, want %d", amount, got, times)
		}
	}
	wantSums(t, store, map[string][2]crm.Decimal{
		"RSD": {"302.00", "251.00"}, "IQD": {"7000.000", "7000.000"}, "ITL": {"2500.00", "2500.00"}, "GBP": {"13.99", "13.99"},
	})

	const more = `{"order":{"source":"shop","externalId":"more","customer":{"source":"shop","externalId":"c1"},"placedAt":"2024-02-05T00:00:00Z",` +
		`"lines":[{"id":"a","title":"Tea","quantity":1,"unitPrice":{"amount":"150.52","currencyCode":"RSD"}}]}}` + "\n"
	// Written again, an order of then is an order of now.
	again := strings.SplitAfter(dumped, "\n")
	summary, err := files.Import(t.Context(), store, strings.NewReader(more+strings.Join(again[1:], "")), files.Options{})
	if err != nil || summary.Rejected != 0 || summary.Created != 1 || summary.Updated != 0 {
		t.Fatalf("%v, %+v", err, summary)
	}
	wantSums(t, store, map[string][2]crm.Decimal{
		"RSD": {"452.52", "401.52"}, "IQD": {"7000.000", "7000.000"}, "ITL": {"2500.00", "2500.00"}, "GBP": {"13.99", "13.99"},
	})
}

// wantSums compares gross and net of the one customer.
func wantSums(t *testing.T, store crm.Store, want map[string][2]crm.Decimal) {
	t.Helper()
	id := crm.ID("cus_4dzh6xx5hngdtsvcdh9rm0wngm")
	facts, err := store.Facts(t.Context(), []crm.ID{id})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]crm.Decimal{}
	for _, o := range facts[id].Orders {
		got[o.CurrencyCode] = [2]crm.Decimal{
			crm.Money{Minor: o.Gross, CurrencyCode: o.CurrencyCode}.Amount(),
			crm.Money{Minor: o.Net, CurrencyCode: o.CurrencyCode}.Amount(),
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}
