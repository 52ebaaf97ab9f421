package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
)

// verified is a customer whose address is proven.
const verified = `{"externalIdentities": [{"source": "crm", "externalId": "1"}], "kind": "PERSON", "displayName": "Ann", ` +
	`"emails": [{"address": "ann@example.test", "verified": true, "primary": true}]}` + "\n"

// wooOrder is an order of the address's that was placed at a minute.
func wooOrder(id, minute int, email string) woocommercetest.Object {
	at := time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC).Format("2006-01-02T15:04:05")
	return woocommercetest.Object{
		"id": id, "number": strconv.Itoa(id), "status": "processing", "currency": "EUR", "created_via": "checkout",
		"date_created_gmt": at, "date_modified_gmt": at, "date_paid_gmt": at,
		"discount_total": "0.00", "shipping_total": "0.00", "total_tax": "0.00", "total": "12.00",
		"customer_id": 0, "payment_method": "card", "payment_method_title": "Card",
		"billing":  woocommercetest.Object{"first_name": "Ann", "last_name": "Lee", "email": email},
		"shipping": woocommercetest.Object{}, "refunds": []any{},
		"line_items": []any{woocommercetest.Object{
			"id": id * 10, "name": "Mug", "product_id": 7, "quantity": 1, "sku": "MUG",
			"subtotal": "12.00", "subtotal_tax": "0.00", "total": "12.00", "total_tax": "0.00",
		}},
	}
}

// woo serves a simulated WooCommerce that takes the tests' credentials.
func woo(t *testing.T, orders ...woocommercetest.Object) (*woocommercetest.Server, string) {
	t.Helper()
	shop := woocommercetest.New(woocommercetest.Data{Currency: "EUR", Orders: orders})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key, secret, _ := r.BasicAuth(); key+":"+secret == credentials("woocommerce") {
			r.SetBasicAuth(woocommercetest.Key, woocommercetest.Secret)
		}
		shop.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return shop, server.URL
}

// stocked makes a store that holds Ann and gives its URL.
func stocked(t *testing.T) string {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	if code, _, stderr := run(t, verified, "import", "--store", url, "--kind", "customers", "-"); code != 0 {
		t.Fatal(stderr)
	}
	return url
}

type syncLine struct {
	Source                             string
	Read, Written, Unmatched, Rejected int
	Rejects                            []syncReject
	Watermark                          *time.Time
	Error                              string
}

type syncReject struct{ Kind, ExternalID, Reason string }

// syncAll runs the command with --json; the watermarks are checked to be of now and
// taken out.
func syncAll(t *testing.T, wantCode int, environ []string, args ...string) []syncLine {
	t.Helper()
	begun := time.Now().Add(-time.Minute)
	code, stdout, stderr := runWith(t, environ, append([]string{"sync", "--json"}, args...)...)
	if code != wantCode || strings.Contains(stdout+stderr, "canary") || strings.Contains(stdout+stderr, "ann@") {
		t.Errorf("exit code %d, want %d; %q %q", code, wantCode, stdout, stderr)
	}
	var lines []syncLine
	for text := range strings.Lines(stdout) {
		var line syncLine
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if (line.Watermark == nil) != (line.Error != "") || line.Watermark != nil && line.Watermark.Before(begun) {
			t.Errorf("watermark: %s", text)
		}
		line.Watermark = nil
		lines = append(lines, line)
	}
	return lines
}

// What is synchronized is in the store under its customer; what has not changed
// is not written again; a shop that fails costs the other nothing.
func TestSync(t *testing.T) {
	shop, url := woo(t, wooOrder(101, 1, "ann@example.test"), wooOrder(102, 2, "stranger@example.test"))
	failing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(failing.Close)
	store := stocked(t)
	file, environ := configure(t, []configured{
		{"woo", "woocommerce", url}, {"broken", "woocommerce", failing.URL}, {"live", "medusa", "http://127.0.0.1:1"},
	})
	args := []string{"--config", file, "--store", store}
	broken := syncLine{Source: "broken", Error: "it failed, or its answer makes no sense; is the url that of a shop of this kind?"}
	first := syncAll(t, 1, environ, args...)
	if len(first) != 2 || first[0].Error != "" || first[0].Read < 2 || first[0].Written < 2 || first[0].Unmatched < 1 || !cmp.Equal(first[1], broken) {
		t.Errorf("first: %+v", first)
	}
	dump := func() string {
		code, stdout, stderr := run(t, "", "dump", "--store", store)
		if code != 0 {
			t.Fatal(stderr)
		}
		return stdout
	}
	once := dump()
	if !strings.Contains(once, `"ord_woo.101"`) {
		t.Errorf("the order is not in the store:\n%s", once)
	}
	if again := syncAll(t, 1, environ, args...); again[0].Written != 0 || dump() != once {
		t.Errorf("the same again: %+v\n%s", again, cmp.Diff(once, dump()))
	}
	shop.Update(func(d *woocommercetest.Data) { d.Orders = append(d.Orders, wooOrder(103, 3, "ann@example.test")) })
	if more := syncAll(t, 1, environ, args...); more[0].Written != 1 || !strings.Contains(dump(), `"ord_woo.103"`) {
		t.Errorf("one more: %+v", more)
	}
	if full := syncAll(t, 1, environ, append(args, "--full")...); full[0].Read < first[0].Read+1 || full[0].Written != 0 {
		t.Errorf("in full: %+v, first %+v", full, first)
	}
	code, stdout, _ := runWith(t, environ, append([]string{"sync"}, args...)...)
	lines := strings.Split(stdout, "\n")
	if code != 1 || len(lines) != 4 || !strings.HasPrefix(lines[0], "SOURCE  READ  WRITTEN  UNMATCHED  REJECTED  WATERMARK ") ||
		!slices.Equal(strings.Fields(lines[2])[:7], []string{"broken", "0", "0", "0", "0", "never", "it"}) {
		t.Errorf("the table, exit code %d:\n%s", code, stdout)
	}
}

// Of three orders one is odd: the others are stored in the first run and the next is not
// stuck; the result says which it is and why.
func TestSyncOddOrder(t *testing.T) {
	odd := wooOrder(102, 2, "ann@example.test")
	odd["total"] = "12.005"
	likely := wooOrder(103, 3, "ann@example.test")
	likely["number"], likely["shipping"] = 2, []any{}
	likely["line_items"].([]any)[0].(woocommercetest.Object)["sku"] = 12345
	shop, url := woo(t, wooOrder(101, 1, "ann@example.test"), odd, likely)
	file, environ := configure(t, []configured{{"woo", "woocommerce", url}})
	args := []string{"--config", file, "--store", stocked(t)}
	want := []syncReject{{"orders", "102", "what the shop says of it makes no sense: an amount has more digits after the point than its currency"}}
	for n := range 2 {
		line := syncAll(t, 0, environ, args...)[0]
		if n > 0 { // Asked for by its id, the shop's answer tells no more.
			want[0].Reason = "what the shop says of it makes no sense"
		}
		if diff := cmp.Diff(want, line.Rejects[:min(len(line.Rejects), 1)]); diff != "" || line.Error != "" || n == 0 && line.Written != 2 {
			t.Errorf("run %d: %+v (-want +got):\n%s", n, line, diff)
		}
	}
	code, stdout, _ := runWith(t, environ, append([]string{"sync"}, args...)...)
	if code != 0 || !strings.Contains(stdout, "rejected, first of orders 102: what the shop says") {
		t.Errorf("the table, exit code %d:\n%s", code, stdout)
	}
	shop.Update(func(*woocommercetest.Data) { odd["total"] = "12.01" }) // Its time of change stays.
	if line := syncAll(t, 0, environ, args...)[0]; line.Rejected != 0 || line.Written != 1 {
		t.Errorf("mended: %+v", line)
	}
}

func TestSyncMistakes(t *testing.T) {
	live, environ := configure(t, []configured{{"m", "medusa", "https://shop.example"}})
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no store":  {[]string{"--config", live}, "store.url: is missing"},
		"no shops":  {[]string{"--store", "sqlite:/nowhere/x"}, "no shops are configured"},
		"live only": {[]string{"--store", "sqlite:/nowhere/x", "--config", live}, "no shop is synchronized: none of those that are configured has mode synced or both"},
	} {
		code, stdout, stderr := runWith(t, environ, append([]string{"sync"}, test.args...)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: %d %q %q", name, code, stdout, stderr)
		}
	}
}

const history = `{"query": "{ customerByIdentifier(by: {externalIdentity: {source: \"crm\", externalId: \"1\"}}) ` +
	`{ orders { sources { source state } nodes { id total { amount } } } } }"}`

// Shops that are live are asked when their orders are, and counted.
func TestServeShops(t *testing.T) {
	_, first := woo(t, wooOrder(101, 1, "ann@example.test"), wooOrder(102, 3, "stranger@example.test"))
	_, second := woo(t, wooOrder(101, 2, "ann@example.test"))
	settings, environ := configure(t, []configured{{"woo-b", "woocommerce", first}, {"woo-a", "woocommerce", second}}, "store:", "  url: "+stocked(t))
	edit(t, settings, "    kind: woocommerce\n", "    kind: woocommerce\n    mode: live\n")
	for _, command := range []string{"serve", "demo"} {
		args, want := []string{command, "--config", settings}, []string{"store", "woo-a", "woo-b"}
		if command == "demo" { // It has a shop of its own.
			want = []string{"store", "web-shop", "woo-a", "woo-b"}
			args = append(args, "--store", demoStore(t))
		}
		s := serve(t, environ, args...)
		if diff := cmp.Diff(want, s.sources); diff != "" {
			t.Errorf("%s: the line's sources (-want +got):\n%s", command, diff)
		}
		if command == "serve" {
			_, answer := fetch(t, s.graphql, history)
			want := `{"data":{"customerByIdentifier":{"orders":{"sources":[{"source":"store","state":"OK"},{"source":"woo-a","state":"OK"},{"source":"woo-b","state":"OK"}],` +
				`"nodes":[{"id":"ord_woo-a.101","total":{"amount":"12.00"}},{"id":"ord_woo-b.101","total":{"amount":"12.00"}}]}}}}`
			if answer != want {
				t.Errorf("answer %s\nwant   %s", answer, want)
			}
			if _, metrics := fetch(t, s.metrics, ""); !strings.Contains(metrics, `source="woo-a"}`) || !strings.Contains(metrics, `source="woo-b"}`) {
				t.Errorf("no calls of the shops in the metrics:\n%s", metrics)
			}
		}
		if code := s.end(); code != 0 {
			t.Errorf("%s: exit code %d, log:\n%s", command, code, s.log)
		}
		if strings.Contains(s.log.String(), "canary") || strings.Contains(s.log.String(), "ann@") {
			t.Errorf("the log holds a secret:\n%s", s.log)
		}
	}
}

// A shop that is synchronized on a schedule gets into the graph by itself, again
// and again.
func TestServeSynchronizes(t *testing.T) {
	shop, url := woo(t, wooOrder(101, 1, "ann@example.test"))
	settings, environ := configure(t, []configured{{"woo", "woocommerce", url}}, "store:", "  url: "+stocked(t))
	edit(t, settings, "    kind: woocommerce\n", "    kind: woocommerce\n    sync_every: 10ms\n")
	s := serve(t, environ, "serve", "--config", settings)
	until := func(id string) {
		for t.Context().Err() == nil {
			if _, answer := fetch(t, s.graphql, history); strings.Contains(answer, id) {
				return
			}
		}
	}
	until(`"ord_woo.101"`)
	shop.Update(func(d *woocommercetest.Data) { d.Orders = append(d.Orders, wooOrder(102, 2, "ann@example.test")) })
	until(`"ord_woo.102"`)
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d, log:\n%s", code, s.log)
	}
	if log := s.log.String(); !strings.Contains(log, `"msg":"synced"`) || strings.Contains(log, "canary") {
		t.Errorf("log:\n%s", log)
	}
}

// A synchronization that waits for its shop does not keep the program from its
// end.
func TestServeEndsWhileSynchronizing(t *testing.T) {
	shop, url := woo(t)
	waits := make(chan struct{})
	shop.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case waits <- struct{}{}:
		case <-r.Context().Done():
		}
		<-r.Context().Done()
		return true
	})
	settings, environ := configure(t, []configured{{"woo", "woocommerce", url}}, "store:", "  url: "+stocked(t))
	edit(t, settings, "    kind: woocommerce\n", "    kind: woocommerce\n    sync_every: 1h\n    sync_timeout: 10m\n")
	s := serve(t, environ, "serve", "--config", settings)
	<-waits
	if code := s.end(); code != 0 || strings.Contains(s.log.String(), `"level":"WARN"`) {
		t.Errorf("exit code %d, log:\n%s", code, s.log)
	}
}

// Somebody who watches sees how far it is, with what is logged in lines of its
// own; nobody else sees a bar.
func TestSyncProgress(t *testing.T) {
	orders := []woocommercetest.Object{}
	for i := range 30 {
		orders = append(orders, wooOrder(100+i, i, "stranger@example.test"))
	}
	_, url := woo(t, orders...)
	file, environ := configure(t, []configured{{"woo", "woocommerce", url}})
	for _, terminal := range []bool{false, true} {
		var out, errs bytes.Buffer
		m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: environ, Terminal: terminal}
		if code := m.Run(t.Context(), []string{"sync", "--config", file, "--store", stocked(t)}); code != 0 {
			t.Fatalf("exit code %d, %s", code, errs.String())
		}
		logged := 0
		for line := range strings.Lines(errs.String()) {
			if at := strings.LastIndex(line, "\r"); strings.HasPrefix(line[at+1:], "{") && strings.HasSuffix(line, "}\n") {
				logged++
			}
		}
		if logged == 0 || strings.Contains(errs.String(), "woo: 30 orders") != terminal || strings.Contains(out.String(), "\r") {
			t.Errorf("terminal %v: %q %q", terminal, out.String(), errs.String())
		}
	}
}
