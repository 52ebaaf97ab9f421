package exec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/crm"
)

// calls notes what was loaded together, by key.
type calls struct {
	sync.Mutex
	by map[string][][]string
}

// load gives all that was asked, sorted and joined.
func (c *calls) load(ctx context.Context, key, ask string) (string, error) {
	return exec.Together(ctx, key, ask, func(_ context.Context, asks []string) (string, error) {
		asks = slices.Sorted(slices.Values(asks))
		c.Lock()
		defer c.Unlock()
		if c.by == nil {
			c.by = map[string][][]string{}
		}
		c.by[key] = append(c.by[key], asks)
		return strings.Join(asks, "+"), nil
	})
}

// eight selects eight fields that are resolved at once.
const eight = "{ f0: a f1: b f2: a f3: b f4: a f5: b f6: a f7: b }"

// TestTogether has eight fields ask in rounds: each for as many as its number allows, so
// that some are done while others go on. Whatever the scheduler does, each key is loaded
// once, with what all of its round have asked.
func TestTogether(t *testing.T) {
	for range 100 {
		c := &calls{}
		x := &toy{resolve: func(ctx context.Context, alias string) (string, error) {
			var last string
			for round := range int(alias[1]-'0')%4 + 1 {
				var err error
				if last, err = c.load(ctx, fmt.Sprint("round ", round), alias); err != nil {
					return "", err
				}
			}
			return last, nil
		}}
		data, codes := x.do(t.Context(), t, eight, exec.Options{})
		want := map[string][][]string{
			"round 0": {{"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"}},
			"round 1": {{"f1", "f2", "f3", "f5", "f6", "f7"}},
			"round 2": {{"f2", "f3", "f6", "f7"}},
			"round 3": {{"f3", "f7"}},
		}
		if diff := cmp.Diff(want, c.by); diff != "" {
			t.Fatalf("what was loaded together (-want +got):\n%s", diff)
		}
		const answer = `{"f0":"f0+f1+f2+f3+f4+f5+f6+f7","f1":"f1+f2+f3+f5+f6+f7","f2":"f2+f3+f6+f7","f3":"f3+f7",` +
			`"f4":"f0+f1+f2+f3+f4+f5+f6+f7","f5":"f1+f2+f3+f5+f6+f7","f6":"f2+f3+f6+f7","f7":"f3+f7"}`
		if data != answer || codes != nil {
			t.Fatalf("%s, errors %v", data, codes)
		}
	}
}

// TestTogetherByKey has the fields ask for two things at the same time: each is loaded
// once.
func TestTogetherByKey(t *testing.T) {
	c := &calls{}
	x := &toy{resolve: func(ctx context.Context, alias string) (string, error) {
		return c.load(ctx, map[bool]string{true: "even", false: "odd"}[alias[1]%2 == 0], alias)
	}}
	x.do(t.Context(), t, eight, exec.Options{})
	want := map[string][][]string{"even": {{"f0", "f2", "f4", "f6"}}, "odd": {{"f1", "f3", "f5", "f7"}}}
	if diff := cmp.Diff(want, c.by); diff != "" {
		t.Errorf("what was loaded together (-want +got):\n%s", diff)
	}
}

// TestTogetherFails gives the error of a load, or its panic, to all who have asked; and
// the others do not wait for a field that panics before it asks.
func TestTogetherFails(t *testing.T) {
	for name, test := range map[string]struct {
		load func() error
		code crm.Code
	}{
		"an error": {func() error { return &crm.Error{Code: crm.CodeUnavailable} }, crm.CodeUnavailable},
		"a panic":  {func() error { panic("planted") }, crm.CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			loads := 0
			x := &toy{resolve: func(ctx context.Context, alias string) (string, error) {
				if alias == "f0" {
					panic("before it asks")
				}
				return exec.Together(ctx, "key", alias, func(_ context.Context, asks []string) (string, error) {
					loads += len(asks)
					return "", test.load()
				})
			}}
			data, codes := x.do(t.Context(), t, "{ f0: a f1: a f2: b }", exec.Options{})
			if want := []crm.Code{crm.CodeInternal, test.code, test.code}; !slices.Equal(codes, want) || data != `{"f0":null,"f1":null,"f2":null}` {
				t.Errorf("%s, errors %v, want %v", data, codes, want)
			}
			if loads != 2 {
				t.Errorf("%d have asked, want 2", loads)
			}
		})
	}
}

// TestTogetherAlone loads for each where there is no run.
func TestTogetherAlone(t *testing.T) {
	c := &calls{}
	for _, ask := range []string{"x", "y"} {
		if got, err := c.load(t.Context(), "key", ask); got != ask || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if diff := cmp.Diff(map[string][][]string{"key": {{"x"}, {"y"}}}, c.by); diff != "" {
		t.Error(diff)
	}
}

// TestTogetherCanceled ends with its context, while a load waits for that and when it
// is over before anything is loaded.
func TestTogetherCanceled(t *testing.T) {
	for _, before := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if before {
			cancel()
		}
		var mu sync.Mutex
		var got []error
		x := &toy{resolve: func(ctx context.Context, alias string) (string, error) {
			answer, err := exec.Together(ctx, "key", alias, func(ctx context.Context, _ []string) (string, error) {
				cancel()
				<-ctx.Done()
				return "", ctx.Err()
			})
			mu.Lock()
			defer mu.Unlock()
			got = append(got, err)
			return answer, err
		}}
		data, codes := x.do(ctx, t, "{ f0: a f1: b }", exec.Options{})
		if len(got) != 2 || !errors.Is(got[0], context.Canceled) || !errors.Is(got[1], context.Canceled) || len(codes) != 2 {
			t.Errorf("before %t: %s, %v", before, data, got)
		}
	}
}
