package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/clientaddr"
	"github.com/customer360/gateway/internal/server/ratelimit"
)

// limited runs a server with access control and limits over a clock that stands
// still.
func limited(t testing.TB, change func(*server.Config)) *fixture {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	options := ratelimit.Options{Now: func() time.Time { return now }}
	return known(t, func(c *server.Config) {
		c.Rates = server.Rates{
			Addresses: ratelimit.NewMemory(options), Address: ratelimit.PerSecond(100, 1000),
			Principals: ratelimit.NewMemory(options),
			Requests:   ratelimit.PerSecond(5, 20), Cost: ratelimit.PerMinute(600, 100),
		}
		if change != nil {
			change(c)
		}
	})
}

// Answers say where their caller stands, by requests and by points.
func TestRateLimitHeaders(t *testing.T) {
	f := limited(t, nil)
	got := f.do(t, as("staff-1", post("{dear(first: 9) {name}}")))
	for name, want := range map[string]string{
		ratelimit.HeaderPolicy:     `"requests";q=20;w=4, "cost";q=100;c360-unit="points";w=10`,
		ratelimit.HeaderLimit:      `"requests";r=19;t=4, "cost";r=90;t=9`,
		ratelimit.HeaderRetryAfter: "",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %s\nwant %s", name, got.header.Get(name), want)
		}
	}
	if want := `"extensions":{"cost":{"requestedQueryCost":10,"actualQueryCost":10,"throttleStatus":{"maximumAvailable":100,"restoreRate":10}}}`; !strings.Contains(got.body, want) {
		t.Errorf("%s\nwant %s", got.body, want)
	}
	if again := f.do(t, as("staff-1", post("{dear(first: 9) {name}}"))); again.body != got.body {
		t.Errorf("the same request is answered with\n%s\nand then\n%s", got.body, again.body)
	}
	if got := f.do(t, as("partner-1", post("{hello}"))).header.Get(ratelimit.HeaderPolicy); !strings.HasPrefix(got, `"requests";q=10;w=1,`) {
		t.Errorf("a key with a rate of its own: %s", got)
	}
}

// ask sends a request until it is not answered as before, and gives how many were.
func ask(t testing.TB, f *fixture, r request, most int) (answered int, last answer) {
	t.Helper()
	for ; answered < most; answered++ {
		if last = f.do(t, r); last.status == http.StatusTooManyRequests {
			break
		}
	}
	return answered, last
}

func TestRateLimits(t *testing.T) {
	for name, test := range map[string]struct {
		credential, body string
		answered         int
		retry, by        string
	}{
		"requests":               {"staff-1", `{"query": "{__typename}"}`, 20, "1", "REQUESTS"},
		"a key's own rate":       {"partner-1", `{"query": "{__typename}"}`, 10, "1", "REQUESTS"},
		"cost":                   {"staff-1", `{"query": "{dear(first: 38) {name}}"}`, 2, "2", "COST"},
		"rejected by form":       {"staff-1", `{"query": "{nope}"}`, 11, "1", "COST"},
		"rejected by cost":       {"staff-1", `{"query": "{dear(first: 999) {name}}"}`, 3, "5", "COST"},
		"rejected by variables":  {"staff-1", `{"query": "query($n: Int!) {count(n: $n)}"}`, 11, "1", "COST"},
		"rejected by a null":     {"staff-1", `{"query": "query($c: Boolean = true) {hello @include(if: $c)}", "variables": {"c": null}}`, 11, "1", "COST"},
		"rejected as a request":  {"staff-1", `{"query": 1}`, 11, "1", "COST"},
		"guessing of a password": {"wrong", `{"query": "{hello}"}`, 100, "1", "ADDRESS"},
	} {
		t.Run(name, func(t *testing.T) {
			f := limited(t, nil)
			r := as(test.credential, request{path: "/graphql", body: test.body})
			answered, last := ask(t, f, r, 200)
			if answered != test.answered || !strings.Contains(last.body, `"code":"RATE_LIMITED"`) || strings.Contains(last.body, `"data"`) {
				t.Errorf("%d were answered, then %d %s; want %d", answered, last.status, last.body, test.answered)
			}
			if got := last.header.Get(ratelimit.HeaderRetryAfter); got != test.retry || !strings.Contains(last.header.Get(ratelimit.HeaderLimit), `;t=`+test.retry) {
				t.Errorf("Retry-After: %s, RateLimit: %s; want %s", got, last.header.Get(ratelimit.HeaderLimit), test.retry)
			}
			if test.by != "ADDRESS" {
				if got := f.do(t, as("staff-2", post("{hello}"))); got.status != 200 {
					t.Errorf("somebody else: %d %s", got.status, got.body)
				}
			}
			if metrics := scrape(t, f); !strings.Contains(metrics, `rate_limited_total{by="`+test.by+`"} 1`) {
				t.Errorf("%s is not counted:\n%s", test.by, metrics)
			}
		})
	}
}

// An address is told by what trusted proxies say, and no caller can choose theirs.
func TestAddresses(t *testing.T) {
	few := func(c *server.Config) { c.Rates.Address = ratelimit.PerSecond(1, 2) }
	from := func(address string) request {
		r := as("staff-1", post("{hello}"))
		r.header["X-Forwarded-For"] = address
		return r
	}
	f := limited(t, few)
	for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
		if got := f.do(t, from(address)); got.status != 200 {
			t.Errorf("%s: %d", address, got.status)
		}
	}
	if got := f.do(t, from("192.0.2.3")); got.status != 429 {
		t.Errorf("a made-up address is believed: %d", got.status)
	}
	f = limited(t, func(c *server.Config) {
		few(c)
		c.Proxies = clientaddr.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
		c.Webhooks = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	})
	for _, address := range []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "192.0.2.9, 192.0.2.2"} {
		if got := f.do(t, from(address)); got.status != 200 {
			t.Errorf("%s: %d", address, got.status)
		}
	}
	for _, address := range []string{"2001:db8::3", "192.0.2.2"} {
		if got := f.do(t, from(address)); got.status != 429 {
			t.Errorf("%s again: %d", address, got.status)
		}
	}
	hook := with(request{path: "/webhooks/shop", body: "{}"}, "X-Forwarded-For", "192.0.2.2")
	if got := f.do(t, hook); got.status != 429 {
		t.Errorf("webhook of a limited address: %d", got.status)
	}
}

// failing is a limiter that cannot be reached.
type failing struct{}

var errAway = errors.New("away")

func (failing) Take(context.Context, string, ratelimit.Rate, int) (ratelimit.Decision, error) {
	return ratelimit.Decision{}, errAway
}

func (failing) Charge(context.Context, string, ratelimit.Rate, int) (ratelimit.Decision, error) {
	return ratelimit.Decision{}, errAway
}

func (failing) Return(context.Context, string, ratelimit.Rate, int) (ratelimit.Decision, error) {
	return ratelimit.Decision{}, errAway
}

// A limiter that is away does not take the gateway with it, and is told once.
func TestLimiterAway(t *testing.T) {
	f := limited(t, func(c *server.Config) { c.Rates.Addresses, c.Rates.Principals = failing{}, failing{} })
	for range 2 {
		if got := f.do(t, as("staff-1", post("{hello}"))); got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
		f.do(t, as("wrong", post("{hello}")))
		f.do(t, as("staff-1", post("{nope}")))
	}
	if log := f.log.String(); strings.Count(log, "the limiter fails") != 1 {
		t.Errorf("log:\n%s", log)
	}
}

func TestRatesMistakes(t *testing.T) {
	memory := ratelimit.NewMemory(ratelimit.Options{})
	good := ratelimit.PerSecond(1, 1)
	for name, rates := range map[string]server.Rates{
		"address":  {Addresses: memory},
		"requests": {Principals: memory, Cost: good},
		"cost":     {Principals: memory, Requests: good},
	} {
		s, err := server.New(t.Context(), server.Config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Schema: schema(hello), Rates: rates})
		if err == nil {
			_ = s.Close()
			t.Errorf("no rate of %s is taken", name)
		}
	}
}
