package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

const (
	// soon is when an answer must have come: the two seconds that a shop has, and
	// room for a machine that does much else. A shop that is waited for takes ten.
	soon = 6 * time.Second
	// mostMemory is what the program may take at its peak, in MiB.
	mostMemory = 256
)

// failure is a way for a shop to fail.
type failure struct {
	name string
	// handler answers; nil: nobody listens.
	handler http.HandlerFunc
	// state is what the first answer says of the shop.
	state string
	// rests says that the shop asks to be left alone: it is, whether or not the
	// breaker has opened.
	rests bool
}

func failures(t *testing.T, elsewhere string) []failure {
	t.Helper()
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "victim")
		}
	}
	return []failure{
		{name: "stopped", state: "UNAVAILABLE"},
		{name: "slow", state: "TIMEOUT", handler: func(_ http.ResponseWriter, r *http.Request) {
			late := time.NewTimer(10 * time.Second)
			defer late.Stop()
			select {
			case <-late.C:
			case <-r.Context().Done():
			}
		}},
		{name: "garbage", state: "UNAVAILABLE", handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>\x00\xff victim")
		}},
		{name: "401", state: "DENIED", handler: status(http.StatusUnauthorized)},
		{name: "429", state: "UNAVAILABLE", handler: status(http.StatusTooManyRequests, "Retry-After", "3"), rests: true},
		{name: "500", state: "UNAVAILABLE", handler: status(http.StatusInternalServerError)},
		{name: "half a body", state: "UNAVAILABLE", handler: func(w http.ResponseWriter, _ *http.Request) {
			whole := medusaCustomers(medusaCustomer("cus_0", patron(0), medusaOrder("half", "cus_0", "Pot", 1)))
			w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			_, _ = io.WriteString(w, whole[:len(whole)/2])
			panic(http.ErrAbortHandler)
		}},
		{name: "100 MB", state: "UNAVAILABLE", handler: plain100MB()},
		{name: "100 MB in gzip", state: "UNAVAILABLE", handler: gzip100MB(t)},
		{name: "a redirect", state: "UNAVAILABLE", handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}},
	}
}

// However a shop fails, the rest of customer-360 is complete and in time, says
// what is missing, and the shop is left alone until it has recovered.
func TestFailingShops(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc, which only Linux has")
	}
	content, err := os.ReadFile("../../internal/test/schema/testdata/journeys/dashboard/customer-360.graphql")
	if err != nil {
		t.Fatal(err)
	}
	document := string(content)
	program := built(t)
	store, ids := patronStore(t)
	var strayed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		strayed.Add(1)
		_, _ = io.WriteString(w, medusaCustomers())
	}))
	defer other.Close()

	for _, f := range failures(t, other.URL) {
		t.Run(f.name, func(t *testing.T) {
			defer func() {
				if n := strayed.Swap(0); n != 0 {
					t.Errorf("%d requests went to another host", n)
				}
			}()
			good, failing := newFakeShop(t, "good"), newFakeShop(t, "failing")
			p := launched(t, program, store, "    stale_for: 0s\n", good, failing)
			c := &failingCase{failure: f, process: p, shop: failing, document: document, ids: ids}
			c.before = c.askOne(t)
			wantWhole(t, c.before)
			c.fail(t)
			c.left(t)
			c.recover(t)
			p.end(t)
			if log := p.log.String(); !strings.Contains(log, `"source":"failing"`) {
				t.Errorf("the log does not tell of the failing shop:\n%s", log)
			}
		})
	}
	t.Run("everybody's orders", func(t *testing.T) { testForeignOrders(t, program, store, document, ids) })
	t.Run("an old answer", func(t *testing.T) { testOldAnswer(t, program, store, document, ids) })
}

// wantWhole checks an answer that nothing is missing from.
func wantWhole(t *testing.T, a answered) {
	t.Helper()
	if diff := cmp.Diff(map[string]string{"store": "OK", "good": "OK", "failing": "OK"}, a.states); diff != "" {
		t.Fatalf("sources (-want +got):\n%s", diff)
	}
	counts := map[string]int{}
	for source, orders := range a.orders {
		counts[source] = len(orders)
	}
	if diff := cmp.Diff(map[string]int{"erp": 2, "good": 2, "failing": 2}, counts); diff != "" {
		t.Fatalf("orders (-want +got):\n%s", diff)
	}
}

// failingCase is a shop that fails under a program that runs.
type failingCase struct {
	failure
	process  *process
	shop     *fakeShop
	document string
	ids      []crm.ID
	before   answered // of the first customer
}

func (c *failingCase) askOne(t *testing.T) answered {
	t.Helper()
	a, err := c.process.ask(t.Context(), c.document, c.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// later are the states that an answer may tell of after the first: the breaker
// has opened, or ten large answers at once have taken too long.
func (c *failingCase) later() []string { return []string{c.state, "UNAVAILABLE", "TIMEOUT"} }

// fail makes the shop fail and asks for one customer and then for all at once.
func (c *failingCase) fail(t *testing.T) {
	t.Helper()
	if c.handler == nil {
		c.shop.stop()
	} else {
		c.shop.handler.Store(&c.handler)
	}
	first := c.askOne(t)
	c.wantRest(t, first, c.state)
	slowest := time.Duration(0)
	for i, a := range c.process.askAll(t, c.document, c.ids) {
		slowest = max(slowest, a.took)
		if i == 0 {
			c.wantRest(t, a, c.later()...)
		} else {
			c.wantMissing(t, a, c.later()...)
		}
	}
	peak := c.process.peak(t)
	if peak > mostMemory {
		t.Errorf("the program took %d MiB, want %d at most", peak, mostMemory)
	}
	t.Logf("first answer after %v, the last of %d after %v, peak memory %d MiB",
		first.took.Round(time.Millisecond), len(c.ids), slowest.Round(time.Millisecond), peak)
}

// wantRest checks what the shop does not matter for against what it was before.
func (c *failingCase) wantRest(t *testing.T, a answered, states ...string) {
	t.Helper()
	c.wantMissing(t, a, states...)
	if diff := cmp.Diff(c.before.rest, a.rest); diff != "" {
		t.Errorf("the rest of the answer (-before +after):\n%s", diff)
	}
	for _, source := range []string{"erp", "good"} {
		if diff := cmp.Diff(c.before.orders[source], a.orders[source]); diff != "" {
			t.Errorf("orders of %s (-before +after):\n%s", source, diff)
		}
	}
}

// wantMissing checks an answer that lacks the shop's part alone.
func (c *failingCase) wantMissing(t *testing.T, a answered, states ...string) {
	t.Helper()
	if a.took > soon {
		t.Errorf("the answer came after %v, want %v at most", a.took, soon)
	}
	if !slices.Contains(states, a.states["failing"]) || a.states["store"] != "OK" || a.states["good"] != "OK" || len(a.states) != 3 {
		t.Errorf("sources %v, want the failing one to be %v", a.states, states)
	}
	if len(a.orders["erp"]) != 2 || len(a.orders["good"]) != 2 || len(a.orders["failing"]) != 0 {
		t.Errorf("orders %v", a.orders)
	}
	if strings.Contains(a.body, "victim") || strings.Contains(a.body, secretKey) {
		t.Errorf("the answer holds what it must not: %.800s", a.body)
	}
}

// left checks that the shop is left alone: what reaches it are the requests on
// trial, one in each delay of the breaker.
func (c *failingCase) left(t *testing.T) {
	t.Helper()
	refused := func() float64 {
		return c.process.metric(t, "customer360_shop_refused_total", `source="failing"`, `why="BREAKER"`)
	}
	if c.rests {
		refused = func() float64 { return c.process.metric(t, "customer360_shop_refused_total", `source="failing"`) }
	}
	poll(t, "the shop is left alone", func() bool {
		c.wantMissing(t, c.askOne(t), c.later()...)
		return refused() > 0
	})
	if open := c.breaker(t); !c.rests && open == 0 {
		t.Errorf("the breaker's gauge is %v", open)
	}
	const times = 20
	asked, refusals, begin := c.shop.asked.Load(), refused(), time.Now()
	calls := c.process.metric(t, "customer360_source_calls_total", `source="failing"`)
	for range times {
		c.wantMissing(t, c.askOne(t), c.later()...)
	}
	trials := int64(time.Since(begin)/breakerDelay) + 1
	if n := c.shop.asked.Load() - asked; n > trials {
		t.Errorf("%d requests reached the shop, want %d at most", n, trials)
	}
	if n := c.process.metric(t, "customer360_source_calls_total", `source="failing"`) - calls; n > float64(trials) {
		t.Errorf("%v requests were made, want %d at most", n, trials)
	}
	if n := refused() - refusals; n < float64(times-trials) {
		t.Errorf("%v requests were refused, want %d at least", n, times-trials)
	}
}

func (c *failingCase) breaker(t *testing.T) float64 {
	t.Helper()
	return c.process.metric(t, "customer360_shop_breaker_open", `source="failing"`)
}

// recover mends the shop and waits until everything is as it was.
func (c *failingCase) recover(t *testing.T) {
	t.Helper()
	if c.handler == nil {
		c.shop.start(t)
	} else {
		c.shop.handler.Store(nil)
	}
	begin := time.Now()
	var a answered
	poll(t, "the shop is asked again", func() bool {
		a = c.askOne(t)
		return a.states["failing"] == "OK"
	})
	t.Logf("whole again after %v", time.Since(begin).Round(time.Millisecond))
	wantWhole(t, a)
	if diff := cmp.Diff([]any{c.before.rest, c.before.orders}, []any{a.rest, a.orders}); diff != "" {
		t.Errorf("after the shop has recovered (-before +after):\n%s", diff)
	}
	if open := c.breaker(t); open != 0 {
		t.Errorf("the breaker's gauge is %v", open)
	}
}

// poll waits until something is so.
func poll(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// testForeignOrders asks over a shop that does not heed what it is asked for.
func testForeignOrders(t *testing.T, program, store, document string, ids []crm.ID) {
	good, failing := newFakeShop(t, "good"), newFakeShop(t, "failing")
	everybody := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list []string
		for i := range 3 {
			id := fmt.Sprintf("cus_victim%d", i)
			list = append(list, medusaCustomer(id, fmt.Sprintf("victim%d@private.example.test", i), medusaOrder("order_victim1", id, "victim's pot", 1)))
		}
		if r.URL.Path == "/admin/orders" {
			_, _ = fmt.Fprintf(w, `{"orders":[%s,%s],"count":2}`,
				medusaOrder("order_victim1", "cus_victim1", "victim's pot", 1), medusaOrder("failing_0_1", "cus_0", "Teapot", 1))
			return
		}
		list = append(list, medusaCustomer("cus_0", patron(0),
			medusaOrder("failing_0_1", "cus_0", "Teapot", 1), medusaOrder("order_victim2", "cus_victim1", "victim's cup", 2)))
		_, _ = io.WriteString(w, medusaCustomers(list...))
	})
	failing.handler.Store(&everybody)
	p := launched(t, program, store, "    stale_for: 0s\n", good, failing)
	for i, a := range p.askAll(t, document, ids) {
		want := 0
		if i == 0 {
			want = 1
		}
		if a.states["failing"] != "OK" || len(a.orders["failing"]) != want || len(a.orders["good"]) != 2 {
			t.Errorf("customer %d: %v, %d orders of the shop, want %d", i, a.states, len(a.orders["failing"]), want)
		}
		if strings.Contains(a.body, "victim") {
			t.Errorf("customer %d: the answer holds somebody else's: %s", i, a.body)
		}
	}
	nodes := []crm.ID{crm.DerivedID(crm.KindOrder, "failing", "failing_0_1"), crm.DerivedID(crm.KindOrder, "failing", "failing_0_9")}
	body, err := json.Marshal(map[string]any{
		"query":     `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Order { number customer { id } lines { title } } } }`,
		"variables": map[string]any{"ids": nodes},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, answer := fetch(t, p.graphql, string(body))
	if strings.Contains(answer, "victim") || strings.Count(answer, `"title":"Teapot"`) != 1 {
		t.Errorf("by id: the answer is %s", answer)
	}
	if failing.asked.Load() < int64(len(ids))+1 {
		t.Errorf("the shop was asked %d times", failing.asked.Load())
	}
	p.end(t)
}

// testOldAnswer asks over a shop that is gone, whose old answer is better than
// nothing: the part is whole, and said to be old.
func testOldAnswer(t *testing.T, program, store, document string, ids []crm.ID) {
	good, failing := newFakeShop(t, "good"), newFakeShop(t, "failing")
	p := launched(t, program, store, "", good, failing)
	c := &failingCase{process: p, shop: failing, document: document, ids: ids}
	c.before = c.askOne(t)
	wantWhole(t, c.before)
	failing.stop()
	a := c.askOne(t)
	if diff := cmp.Diff(map[string]string{"store": "OK", "good": "OK", "failing": "STALE"}, a.states); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{c.before.rest, c.before.orders}, []any{a.rest, a.orders}); diff != "" {
		t.Errorf("the answer (-before +after):\n%s", diff)
	}
	p.end(t)
}
