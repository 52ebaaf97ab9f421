package demo_test

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// rows reads a file of the data set without its header, apart from the code
// under test.
func rows(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open("data/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	list, err := csv.NewReader(unpacked).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list[1:]
}

// money returns the data set's spelling of an amount, which leaves zeros out.
func money(m crm.Money) string {
	text := string(m.Amount())
	if strings.HasSuffix(text, ".00") {
		return strings.TrimSuffix(text, ".00")
	}
	return strings.TrimSuffix(text, "0")
}

func plain(amount string) string {
	if strings.Contains(amount, ".") {
		return strings.TrimSuffix(strings.TrimRight(amount, "0"), ".")
	}
	return amount
}

func TestOrdersAreTheSource(t *testing.T) {
	d := generate(t)
	identity := map[crm.ID]string{}
	for _, c := range d.Customers {
		identity[c.ID] = c.ExternalIdentities[0].ExternalID
	}
	var got, want [][]string
	for _, o := range d.Orders {
		got = append(got, []string{
			o.ExternalID, o.PlacedAt.Format(time.DateOnly), identity[o.CustomerID], money(o.Total()),
		})
	}
	for _, row := range rows(t, "invoices.csv.gz") {
		want = append(want, []string{row[0], row[1], row[2], plain(row[3])})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders differ from the source (-source +demo):\n%s", diff)
	}
}

func TestLinesAreTheSource(t *testing.T) {
	d := generate(t)
	var got, want []string
	for _, o := range d.Orders {
		for _, l := range o.Lines {
			got = append(got, strings.Join([]string{
				o.Number, *l.SKU, l.Title, string(crm.Money{Minor: int64(l.Quantity), CurrencyCode: "JPY"}.Amount()), money(l.UnitPrice),
			}, "|"))
		}
	}
	for _, row := range rows(t, "lines.csv.gz") {
		want = append(want, strings.Join([]string{row[0], row[1], row[2], row[3], plain(row[4])}, "|"))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines differ from the source (-source +demo):\n%s", diff)
	}
}

func TestCounts(t *testing.T) {
	d := generate(t)
	people, lines, ties, products := 0, 0, map[string]int{}, map[string]int{}
	withLines := map[crm.ID]bool{}
	for _, c := range d.Customers {
		if c.Kind == crm.CustomerKindPerson {
			people++
		}
	}
	for _, p := range d.Products {
		products[p.Source]++
	}
	for _, o := range d.Orders {
		lines += len(o.Lines)
		if len(o.Lines) > 0 {
			withLines[o.CustomerID] = true
		}
		ties[string(o.CustomerID)+o.PlacedAt.Format(time.DateOnly)]++
	}
	most := 0
	for _, n := range ties {
		most = max(most, n)
	}
	got := map[string]int{
		"people": people, "organizations": len(d.Customers) - people, "orders": len(d.Orders), "lines": lines,
		"products": products[demo.Source], "products of the web shop": products[demo.WebShop], "customers with lines": len(withLines), "orders of one customer on one day": most,
		"teams": len(d.Teams), "employees": len(d.Employees),
	}
	want := map[string]int{
		"people": 4338, "organizations": 60, "orders": 18532, "lines": 31285, "products": 2483, "products of the web shop": 1238,
		"customers with lines": 974, "orders of one customer on one day": 24, "teams": 4, "employees": 12,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestOrdersAddUp(t *testing.T) {
	for _, o := range generate(t).Orders {
		p := o.Price
		if sum := p.Subtotal.Minor - p.Discount.Minor + p.Shipping.Minor + p.Tax.Minor; sum != p.Total.Minor {
			t.Errorf("order %s: breakdown is %d, total %d", o.Number, sum, p.Total.Minor)
		}
		sum := int64(0)
		for _, l := range o.Lines {
			sum += l.Total.Minor
			if l.Total.Minor != int64(l.Quantity)*l.UnitPrice.Minor {
				t.Errorf("order %s, line %s: total is not quantity × unit price", o.Number, l.ID)
			}
		}
		if o.Lines == nil || (len(o.Lines) > 0 && sum != p.Subtotal.Minor) {
			t.Errorf("order %s: lines are %d, subtotal %d", o.Number, sum, p.Subtotal.Minor)
		}
	}
}

func TestExampleCustomer(t *testing.T) {
	if got := crm.DerivedID(crm.KindCustomer, "online-retail", "17850"); demo.ExampleCustomer() != got {
		t.Errorf("example customer is %s, want %s", demo.ExampleCustomer(), got)
	}
	d := generate(t)
	first := d.Orders[0]
	if first.ID != "ord_online-retail.536365" || first.CustomerID != demo.ExampleCustomer() {
		t.Errorf("first order is %s of %s, want 536365 of the example customer", first.ID, first.CustomerID)
	}
	if want := time.Date(2010, time.December, 1, 0, 0, 0, 0, time.UTC); !first.PlacedAt.Equal(want) {
		t.Errorf("first order was placed at %s, want %s", first.PlacedAt, want)
	}
}

func TestAttribution(t *testing.T) {
	for _, name := range []string{"data/README.md", "data/LICENSE", "../../docs/demo-data.md"} {
		text, err := os.ReadFile(name) //nolint:gosec // The test's own list.
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Online Retail", "UCI Machine Learning Repository", "2015", "CC BY 4.0", "creativecommons.org/licenses/by/4.0"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}
