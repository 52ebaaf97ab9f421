package ratelimit_test

import (
	"testing"
	"time"

	"github.com/customer360/gateway/internal/server/ratelimit"
)

func TestPolicies(t *testing.T) {
	cases := map[string]struct {
		policies []ratelimit.Policy
		want     string
	}{
		"none":    {nil, ""},
		"one":     {[]ratelimit.Policy{{Name: "requests", Rate: ratelimit.PerSecond(10, 20)}}, `"requests";q=20;w=2`},
		"rounded": {[]ratelimit.Policy{{Name: "requests", Rate: ratelimit.PerSecond(10, 21)}}, `"requests";q=21;w=3`},
		"two, with a unit": {
			[]ratelimit.Policy{{Name: "requests", Rate: ratelimit.PerSecond(10, 10)}, {Name: "cost", Rate: ratelimit.PerMinute(600, 600), Unit: "points"}},
			`"requests";q=10;w=1, "cost";q=600;c360-unit="points";w=60`,
		},
		"quoted": {[]ratelimit.Policy{{Name: "a\"b\\c\r\nd\x7fé", Rate: ratelimit.PerSecond(1, 1)}}, `"a\"b\\cd";q=1;w=1`},
		"largest integer": {
			[]ratelimit.Policy{{Name: "x", Rate: ratelimit.Rate{Points: 1, Per: 1, Burst: 1 << 60}}},
			`"x";q=999999999999999;w=1152921505`,
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := ratelimit.Policies(test.policies...); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestStates(t *testing.T) {
	granted := ratelimit.Decision{OK: true, Limit: 20, Window: 2 * time.Second, Remaining: 19, Reset: 100 * time.Millisecond}
	full, empty, little, large := granted, granted, granted, granted
	full.Remaining, empty.Remaining, little.Remaining = 20, 0, 10
	large.Limit, large.Remaining, large.Window = 1<<60, 1<<59, 1<<61
	refused := ratelimit.Decision{Remaining: 3, Reset: time.Minute, RetryAfter: 6*time.Second + 1}
	never := ratelimit.Decision{Remaining: 3, Reset: time.Minute, RetryAfter: ratelimit.Never}
	cases := map[string]struct {
		decisions  []ratelimit.Decision
		want       string
		retryAfter string
	}{
		"none":    {nil, "", ""},
		"granted": {[]ratelimit.Decision{granted}, `"a";r=19;t=2`, ""},
		"full":    {[]ratelimit.Decision{full}, `"a";r=20;t=2`, ""},
		"half":    {[]ratelimit.Decision{little}, `"a";r=10;t=1`, ""},
		"empty":   {[]ratelimit.Decision{empty}, `"a";r=0;t=1`, ""},
		"large":   {[]ratelimit.Decision{large}, `"a";r=999999999999999;t=1152921505`, ""},
		"refused": {[]ratelimit.Decision{granted, refused}, `"a";r=19;t=2, "b";r=3;t=7`, "7"},
		"never":   {[]ratelimit.Decision{refused, never}, `"a";r=3;t=7, "b";r=3`, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var states []ratelimit.State
			for i, d := range test.decisions {
				states = append(states, ratelimit.State{Name: string(rune('a' + i)), Decision: d})
			}
			if got := ratelimit.States(states...); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := ratelimit.RetryAfter(test.decisions...); got != test.retryAfter {
				t.Errorf("Retry-After is %q, want %q", got, test.retryAfter)
			}
		})
	}
}
