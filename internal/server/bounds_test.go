package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/ratelimit"
)

// giving answers with so many values and bytes, as far as they may be taken.
func giving(values, bytes int) func(context.Context) *graphql.Response {
	return func(ctx context.Context) *graphql.Response {
		if !budget.From(ctx).Take(values, bytes) {
			return &graphql.Response{Data: []byte("null")}
		}
		return hello(ctx)
	}
}

// An answer that is too large is one error and no data, and is billed as far as it
// came; one that holds more than its price says is billed for that.
func TestAnswerIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		values, bytes, cost int
		want                string
	}{
		"small":           {25, 1000, 2, `"data":{"hello":"world"}`},
		"large":           {500, 90_000, 110, `"data":{"hello":"world"}`},
		"too many values": {5000, 0, 40, `{"errors":[{"message":"the answer would hold more than 1000 values: ask for fewer entries, or for less of each","extensions":{"code":"TOO_LARGE"}}],"data":null,`},
		"too many bytes":  {0, 1 << 40, 100, `{"errors":[{"message":"the answer would hold more than 100000 bytes: ask for fewer entries, or for less of each","extensions":{"code":"TOO_LARGE"}}],"data":null,`},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, giving(c.values, c.bytes), func(cfg *server.Config) {
				cfg.Limits.Answer = budget.Limits{Values: 1000, Bytes: 100_000}
			})
			got := f.do(t, post("{hello}"))
			if want := fmt.Sprintf(`"requestedQueryCost":1,"actualQueryCost":%d}`, c.cost); got.status != http.StatusOK || !strings.Contains(got.body, c.want) || !strings.Contains(got.body, want) {
				t.Errorf("%d %s\nwant %s and %s", got.status, got.body, c.want, want)
			}
		})
	}
}

// What was given beyond the price is owed.
func TestDeliveryIsBilled(t *testing.T) {
	f := limited(t, func(c *server.Config) { c.Schema = schema(giving(0, 150_000)) })
	if got := f.do(t, as("staff-1", post("{hello}"))); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := f.do(t, as("staff-1", post("{hello}"))); got.status != http.StatusTooManyRequests {
		t.Errorf("after an answer of 150 points, with 100 to spend: %d %s", got.status, got.body)
	}
}

// What was taken for entries that there are not is given back; what was ended is not.
func TestWhatIsNotThereIsGivenBack(t *testing.T) {
	dear := post("{dear(first: 9) {name}}")
	for name, c := range map[string]struct {
		spend, values    int
		read             int // records
		actual, answered int // requests of the 100 points that there are
	}{
		"nobody counts":         {spend: 0, actual: 10, answered: 10},
		"less than asked":       {spend: 2 * 25, actual: 3, answered: 20}, // That many requests are one caller's.
		"as asked":              {spend: 9 * 25, actual: 10, answered: 10},
		"more than asked":       {spend: 19 * 25, actual: 20, answered: 5},
		"at least by size":      {spend: 2 * 25, values: 8 * 25, actual: 8, answered: 12},
		"at least what it read": {spend: 2 * 25, read: 40, actual: 8, answered: 12},
		"ended before that":     {spend: 2 * 25, values: 2000, actual: 40, answered: 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := limited(t, func(cfg *server.Config) {
				cfg.Limits.Answer.Values = 1000
				cfg.Schema = schema(func(ctx context.Context) *graphql.Response {
					budget.From(ctx).Spend(c.spend)
					budget.From(ctx).Read(c.read)
					budget.From(ctx).Take(c.values, 0)
					return hello(ctx)
				})
			})
			got := f.do(t, as("staff-1", dear))
			if want := fmt.Sprintf(`"requestedQueryCost":10,"actualQueryCost":%d,`, c.actual); !strings.Contains(got.body, want) {
				t.Errorf("%s\nwant %s", got.body, want)
			}
			if more, _ := ask(t, f, as("staff-1", dear), 50); 1+more != c.answered {
				t.Errorf("%d requests of %d points are answered, want %d", 1+more, c.actual, c.answered)
			}
		})
	}
}

// Sixteen requests of one caller wait for their turns and are all answered; another
// caller does not wait for them; and beyond the queue the answer is 503.
func TestOperationsWaitForTheirTurns(t *testing.T) {
	release := make(chan struct{})
	f := known(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return hello(ctx)
		})
		c.Limits.Concurrency = server.Concurrency{Cost: 100, CostEach: 50, Queue: 14, QueueEach: 14}
	})
	statuses := make(chan int, 17)
	var all sync.WaitGroup
	for range 17 {
		all.Go(func() { statuses <- f.do(t, as("staff-1", post("{hello}"))).status })
	}
	if got := <-statuses; got != http.StatusServiceUnavailable { // Nobody else can be done yet.
		t.Errorf("the seventeenth of one caller: %d, want 503", got)
	}
	other := make(chan int)
	go func() { other <- f.do(t, as("partner-1", post("{hello}"))).status }()
	close(release)
	if got := <-other; got != http.StatusOK {
		t.Errorf("another caller: %d", got)
	}
	all.Wait()
	close(statuses)
	for got := range statuses {
		if got != http.StatusOK {
			t.Errorf("one of sixteen: %d", got)
		}
	}
}

// Operations that wait for somebody else stand in nobody's way: all of one caller's wait
// at once, though there is room for one that works, and each has the room again when it
// goes on.
func TestWhatWaitsLeavesItsRoom(t *testing.T) {
	const many = 8
	waits, release := make(chan struct{}, many), make(chan struct{})
	var working atomic.Int64
	f := known(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			done := budget.From(ctx).Wait()
			waits <- struct{}{}
			select {
			case <-release:
			case <-ctx.Done():
			}
			done()
			if ctx.Err() == nil && working.Add(1) > 1 {
				t.Error("two work at once")
			}
			defer working.Add(-1)
			return hello(ctx)
		})
		c.Limits.Concurrency = server.Concurrency{Cost: 100, CostEach: 25, Queue: 100, QueueEach: many}
	})
	statuses := make(chan int, many)
	for range many {
		go func() { statuses <- f.do(t, as("staff-1", post("{hello}"))).status }()
	}
	for range many {
		<-waits
	}
	close(release)
	for range many {
		if got := <-statuses; got != http.StatusOK {
			t.Errorf("answered %d", got)
		}
	}
}

// An answer that is made just as its time is over is none: what has noticed the end may
// have left out anything.
func TestAnswerAtItsLastMoment(t *testing.T) {
	f := known(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			<-ctx.Done()
			return hello(ctx)
		})
		c.Limits.RequestTimeout = time.Millisecond
	})
	for range 50 {
		got := f.do(t, as("staff-1", post("{hello}")))
		if want := "took longer than the gateway lets it"; !strings.Contains(got.body, want) || strings.Contains(got.body, "world") {
			t.Fatalf("%d %s, want %q and no data", got.status, got.body, want)
		}
	}
}

// What there is no room for costs what is refused: 10 points of the 21 of its price.
func TestWhatIsRefusedForRoomIsGivenBack(t *testing.T) {
	release := make(chan struct{})
	f := limited(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return hello(ctx)
		})
		c.Limits.Concurrency = server.Concurrency{Cost: 100, CostEach: 25, Queue: 10, QueueEach: 1}
	})
	answers := make(chan answer, 3)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { answers <- f.do(t, as("staff-1", post("{dear(first: 20) {name}}"))) })
	}
	got := <-answers
	close(release)
	all.Wait()
	if want := `"cost";r=48;`; got.status != http.StatusServiceUnavailable || !strings.Contains(got.header.Get(ratelimit.HeaderLimit), want) {
		t.Errorf("%d %s, want 503 and %s of 100: two were asked besides", got.status, got.header.Get(ratelimit.HeaderLimit), want)
	}
}

// What is dear is read by turns: a caller who asks for much of it at once leaves turns
// to others, and waits for its own.
func TestDearReadsGoByTurns(t *testing.T) {
	half := max(1, runtime.GOMAXPROCS(0)/2)
	reading, release := make(chan string, 10*half), make(chan struct{})
	f := known(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			_, leave := budget.From(ctx).Turn(ctx)
			defer leave()
			reading <- access.From(ctx).ID
			select {
			case <-release:
			case <-ctx.Done():
			}
			return hello(ctx)
		})
	})
	var all sync.WaitGroup
	ask := func(who string, n int) {
		for range n {
			all.Go(func() {
				if got := f.do(t, as(who, post("{hello}"))); got.status != http.StatusOK {
					t.Errorf("%s: %d %s", who, got.status, got.body)
				}
			})
		}
	}
	ask("staff-1", 3*half)
	first := map[string]int{}
	for range half {
		first[<-reading]++
	}
	waitFor(t, "all requests under way", func() bool { return inFlight(t, f) == float64(3*half) })
	ask("partner-1", half)
	for range half { // The others of staff-1 cannot be among them.
		first[<-reading]++
	}
	if len(first) != 2 {
		t.Errorf("who reads at once: %v, want %d of each", first, half)
	}
	for _, n := range first {
		if n != half {
			t.Errorf("who reads at once: %v, want %d of each", first, half)
		}
	}
	close(release)
	all.Wait()
}

// A request that announces much and sends little takes up little.
func TestAnnouncedBodies(t *testing.T) {
	f := start(t, hello, func(c *server.Config) { c.Limits.BodyBytes = 1 << 20 })
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.TotalAlloc
	}
	before := memory()
	for range 100 {
		dial(t, f, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n{")
	}
	waitFor(t, "100 requests under way", func() bool { return inFlight(t, f) == 100 })
	if took := memory() - before; took > 20<<20 {
		t.Errorf("100 of them allocate %d MB, want less than the 100 they announce", took>>20)
	}
}

// Bodies on their way have room for so many bytes; a further one is 503 and its
// caller comes back later.
func TestBodiesShareTheirRoom(t *testing.T) {
	f := start(t, hello, func(c *server.Config) {
		c.Limits.BodyBytes, c.Limits.Concurrency.RequestBytes = 1<<20, 1<<20
	})
	big := fmt.Sprintf(`{"query": "{hello}", "padding": "%s"}`, strings.Repeat("x", 700_000))
	if got := f.do(t, request{path: "/graphql", body: big}); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("more than half of the room: %d %s", got.status, got.body)
	}
	small := fmt.Sprintf(`{"query": "{hello}", "padding": "%s"}`, strings.Repeat("x", 400_000))
	for range 5 { // The room is given back.
		if got := f.do(t, request{path: "/graphql", body: small}); got.status != http.StatusOK || !strings.Contains(got.body, `"requestedQueryCost":401`) {
			t.Errorf("less than half of the room: %d %s, want it billed by its bytes", got.status, got.body)
		}
	}
}

func TestExtensionsAreBounded(t *testing.T) {
	f := start(t, hello, func(c *server.Config) { c.Limits.BodyBytes = 1 << 20 })
	var members strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&members, `"m%d": 0,`, i)
	}
	got := f.do(t, request{path: "/graphql", body: `{"query": "{hello}", "extensions": {` + members.String() + `"z": 1}}`})
	if got.status != http.StatusBadRequest || !strings.Contains(got.body, "extensions have more bytes") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// A client that does not read is cut off, long before the time for an answer is over.
func TestStalledReader(t *testing.T) {
	big := append(append([]byte(`{"hello":"`), strings.Repeat("x", 32<<20)...), `"}`...)
	f := start(t, func(context.Context) *graphql.Response { return &graphql.Response{Data: big} },
		func(c *server.Config) { c.Limits.StallTimeout = 100 * time.Millisecond })
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(f.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := `{"query": "{hello}"}`
	_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	waitFor(t, "the answer given up", func() bool { return strings.Contains(scrape(t, f), "customer360_http_requests_total{") })
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil || n >= int64(len(big)) {
		t.Errorf("all %d bytes have come", n)
	}
}

// An answer that its client does not read keeps waiting only what the same caller asks
// for beside it.
func TestStalledReadersKeepOnlyTheirOwnWaiting(t *testing.T) {
	big := append(append([]byte(`{"hello":"`), strings.Repeat("x", 32<<20)...), `"}`...)
	f := known(t, func(c *server.Config) {
		c.Schema = schema(func(ctx context.Context) *graphql.Response {
			budget.From(ctx).Take(100_000, 0) // More than its price says.
			if access.From(ctx).Kind == access.KindStaff {
				return &graphql.Response{Data: big}
			}
			return hello(ctx)
		})
		c.Limits.StallTimeout = time.Minute
		c.Limits.Concurrency = server.Concurrency{AnswerBytes: 256 << 20, AnswerBytesEach: 32 << 20}
	})
	const body = `{"query": "{hello}"}`
	for range 2 {
		dial(t, f, fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer staff-1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	waitFor(t, "two requests under way", func() bool { return inFlight(t, f) == 2 })
	time.Sleep(200 * time.Millisecond) // Both are as far as they come.
	begun := time.Now()
	if got := f.do(t, as("partner-1", post("{hello}"))); got.status != http.StatusOK || time.Since(begun) > 2*time.Second {
		t.Errorf("another caller: %d after %v", got.status, time.Since(begun))
	}
}

// inFlight is how many requests are being answered.
func inFlight(t *testing.T, f *fixture) float64 {
	t.Helper()
	families, err := f.metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "customer360_http_requests_in_flight" {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("there is no such metric")
	return 0
}

// waitFor waits until something is so, for four seconds at most: less than the time
// for a whole answer.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for begun := time.Now(); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > 4*time.Second {
			t.Fatalf("not after 4 s: %s", what)
		}
	}
}
