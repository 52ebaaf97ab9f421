package loaders_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
	"github.com/customer360/gateway/resolvers/loaders"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parent is an object with a field to load; it has nothing to load without a key.
type parent struct{ key string }

func parents(keys ...string) []*parent {
	list := make([]*parent, len(keys))
	for i, key := range keys {
		list[i] = &parent{key}
	}
	return list
}

// calls collects the keys of each call, sorted: a cohort has no order, nor have
// calls that run at the same time.
type calls struct {
	mu   sync.Mutex
	keys [][]string
}

func (c *calls) add(keys []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys = slices.Clone(keys)
	slices.Sort(keys)
	c.keys = append(c.keys, keys)
}

// twice is the field of that name of the parents at a path: their key twice; "?" has
// no value.
func (c *calls) twice(path string) loaders.Field[parent, string, string] {
	return loaders.Field[parent, string, string]{
		Path: path + ".twice", Parents: path,
		Key: func(p *parent) (string, bool) { return p.key, p.key != "" },
		Load: func(_ context.Context, _ string, keys []string) (map[string]string, error) {
			c.add(keys)
			values := map[string]string{}
			for _, key := range keys {
				if key != "?" {
					values[key] = key + key
				}
			}
			return values, nil
		},
		Missing: func(key string) string { return "no " + key },
	}
}

// expect compares what a field gave and the calls so far.
func (c *calls) expect(t *testing.T, got []string, err error, want []string, keys ...[]string) {
	t.Helper()
	if err != nil {
		t.Errorf("error: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.keys, slices.Compare)
	slices.SortFunc(keys, slices.Compare)
	if diff := cmp.Diff(keys, c.keys); diff != "" {
		t.Errorf("keys of each call (-want +got):\n%s", diff)
	}
}

func TestTheFirstTouchLoadsTheCohort(t *testing.T) {
	ctx, c := loaders.With(t.Context()), &calls{}
	all := parents("a", "b", "?", "", "a")
	loaders.Announce(ctx, "list", all[:2])
	loaders.Announce(ctx, "list", append(all[2:], nil))
	got, err := c.twice("list").Resolve(ctx, all[1:2])
	c.expect(t, got, err, []string{"bb"}, []string{"?", "a", "b"})
	got, err = c.twice("list").Resolve(ctx, all)
	c.expect(t, got, err, []string{"aa", "bb", "no ?", "", "aa"}, []string{"?", "a", "b"})
}

func TestNilParentsHaveNoValue(t *testing.T) {
	ctx, c := loaders.With(t.Context()), &calls{}
	got, err := c.twice("list").Resolve(ctx, []*parent{nil, {"a"}, nil})
	c.expect(t, got, err, []string{"", "aa", ""}, []string{"a"})
	got, err = c.twice("list").Resolve(ctx, nil)
	c.expect(t, got, err, []string{}, []string{"a"})
}

func TestAnUnannouncedParentIsLoaded(t *testing.T) {
	ctx, c := loaders.With(t.Context()), &calls{}
	got, err := c.twice("list").Resolve(ctx, parents("a"))
	c.expect(t, got, err, []string{"aa"}, []string{"a"})

	ctx, c = loaders.With(t.Context()), &calls{}
	loaders.Announce(ctx, "list", parents("a", "b"))
	got, err = c.twice("list").Resolve(ctx, parents("z", "a"))
	c.expect(t, got, err, []string{"zz", "aa"}, []string{"a", "b"}, []string{"z"})
}

// Under plain objects in between the cohort is that of the nearest announcement
// above; an empty one is an announcement too.
func TestTheNearestCohortCounts(t *testing.T) {
	ctx := loaders.With(t.Context())
	outer, inner := parents("outer", "more"), parents("inner")
	loaders.Announce(ctx, "list", outer)
	loaders.Announce(ctx, "list.members", inner)
	loaders.Announce[parent](ctx, "list.empty", nil)
	loaders.Announce(ctx, "list.members.nodes", []*calls{{}}) // another type
	for path, want := range map[string][]string{
		"list":                     {"more", "outer"},
		"list.edges.node":          {"more", "outer"},
		"list.members.nodes":       {"inner"},
		"list.members.nodes.plain": {"inner"},
	} {
		c := &calls{}
		first := inner
		if slices.Contains(want, "outer") {
			first = outer
		}
		got, err := c.twice(path).Resolve(ctx, first[:1])
		c.expect(t, got, err, []string{first[0].key + first[0].key}, want)
	}
	c := &calls{}
	got, err := c.twice("list.empty.nodes").Resolve(ctx, parents("late"))
	c.expect(t, got, err, []string{"latelate"}, []string{"late"})
}

// Objects inside others are put together at the first touch, once for each field.
func TestDerivedCohorts(t *testing.T) {
	ctx, c := loaders.With(t.Context()), &calls{}
	derived := 0
	derive := func(above []*parent) []*parent {
		derived++
		return append(parents("of "+above[0].key), above[1:]...)
	}
	loaders.Announce(ctx, "list", parents("a", "b"))
	for range 2 {
		loaders.AnnounceFrom(ctx, "list.members", "list", derive)
	}
	if derived != 0 {
		t.Error("the objects were put together before a field of theirs was touched")
	}
	got, err := c.twice("list.members").Resolve(ctx, parents("b"))
	c.expect(t, got, err, []string{"bb"}, []string{"b", "of a"})
	if derived != 1 {
		t.Errorf("the objects were put together %d times, want once", derived)
	}
}

// All resolvers of a level touch it at once: one call with every key.
func TestConcurrentTouchesLoadOnce(t *testing.T) {
	for range 50 {
		ctx, c := loaders.With(t.Context()), &calls{}
		all := make([]*parent, 100)
		want := make([]string, len(all))
		for i := range all {
			want[i] = strconv.Itoa(1000 + i)
			all[i] = &parent{want[i]}
		}
		loaders.Announce(ctx, "list", all)
		var wg sync.WaitGroup
		for _, p := range all {
			wg.Go(func() {
				if got, err := c.twice("list").One(ctx, p); err != nil || got != p.key+p.key {
					t.Errorf("%s: %q, %v", p.key, got, err)
				}
			})
		}
		wg.Wait()
		c.expect(t, nil, nil, nil, want)
	}
}

// Errors stand where their parents do, unwrapped, as gqlgen wants them.
func TestErrorsAreAlignedWithParents(t *testing.T) {
	ctx, failure := loaders.With(t.Context()), &crm.Error{Code: crm.CodeUnavailable, Message: "away"}
	f := (&calls{}).twice("list")
	f.Load = func(context.Context, string, []string) (map[string]string, error) { return nil, failure }
	got, err := f.Resolve(ctx, []*parent{nil, {"a"}, {""}, {"b"}})
	list, ok := err.(graphql.BatchErrorList) //nolint:errorlint // gqlgen asks for the type itself.
	if !ok || len(list) != 4 || list[0] != nil || list[2] != nil || !errors.Is(list[1], failure) || !errors.Is(list[3], failure) {
		t.Errorf("error %T %v, want one for the second and the fourth", err, err)
	}
	if diff := cmp.Diff([]string{"", "", "", ""}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if _, err := f.One(ctx, &parent{"a"}); !errors.Is(err, failure) {
		t.Errorf("one: %v", err)
	}
	if _, err := f.One(ctx, &parent{""}); err != nil {
		t.Errorf("one without a key: %v", err)
	}
}

// What was loaded beside an error is right: keys without a value fail, each with
// its own error where there is one.
func TestSomeKeysFail(t *testing.T) {
	ctx, own := loaders.With(t.Context()), &crm.Error{Code: crm.CodeUnavailable, Source: "shop"}
	f := (&calls{}).twice("list")
	f.Missing = func(string) string { return "missing" }
	for name, failure := range map[string]error{"its own": loaders.Errors[string]{"b": own}, "all's": own} {
		f.Path = "list." + name
		f.Load = func(context.Context, string, []string) (map[string]string, error) {
			return map[string]string{"a": "aa"}, failure
		}
		got, err := f.Resolve(ctx, []*parent{{"a"}, {"b"}})
		list, ok := err.(graphql.BatchErrorList) //nolint:errorlint // gqlgen asks for the type itself.
		if !ok || list[0] != nil || !errors.Is(list[1], own) || got[0] != "aa" || got[1] != "" {
			t.Errorf("%s: %q, %v; want aa, and an error of the second", name, got, err)
		}
	}
	f.Path = "list.other"
	f.Load = func(context.Context, string, []string) (map[string]string, error) {
		return nil, loaders.Errors[string]{"b": own}
	}
	if got, err := f.One(ctx, &parent{"a"}); err == nil {
		t.Errorf("a key without a value and without an error of its own: %q", got)
	}
}

// A panic is an INTERNAL error of every key, also of those that come later, with
// its stack and without its value; nobody waits for ever.
func TestAPanicFailsEveryKey(t *testing.T) {
	for name, broken := range map[string]func(f *loaders.Field[parent, string, string]){
		"Load": func(f *loaders.Field[parent, string, string]) {
			f.Load = func(context.Context, string, []string) (map[string]string, error) { panic("canary") }
		},
		"Missing": func(f *loaders.Field[parent, string, string]) {
			f.Missing = func(string) string { panic("canary") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := loaders.With(t.Context())
			f := (&calls{}).twice("list")
			broken(&f)
			all := parents("a", "?")
			loaders.Announce(ctx, "list", all)
			for range 2 {
				_, err := f.Resolve(ctx, all)
				list, ok := err.(graphql.BatchErrorList) //nolint:errorlint // gqlgen asks for the type itself.
				if !ok || len(list) != 2 {
					t.Fatalf("error %T %v, want one for each parent", err, err)
				}
				for _, err := range list {
					var panicked *panics.Error
					if crm.CodeOf(err) != crm.CodeInternal || !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
						t.Errorf("error %v, want INTERNAL with a stack", err)
					} else if msg := err.Error(); msg != "load a level: INTERNAL: panic (string)" {
						t.Errorf("message %q", msg)
					}
				}
			}
		})
	}
}

func TestOperationsShareNothing(t *testing.T) {
	c := &calls{}
	for range 2 {
		ctx := loaders.With(t.Context())
		loaders.Announce(ctx, "list", parents("a"))
		if _, err := c.twice("list").Resolve(ctx, parents("a")); err != nil {
			t.Error(err)
		}
	}
	c.expect(t, nil, nil, nil, []string{"a"}, []string{"a"})
}

func TestAbove(t *testing.T) {
	for path, want := range map[string]string{"": "", "a": "", "a.b": "a", "a.b.c": "a.b"} {
		if got := loaders.Above(path); got != want {
			t.Errorf("Above(%q) = %q, want %q", path, got, want)
		}
	}
}
