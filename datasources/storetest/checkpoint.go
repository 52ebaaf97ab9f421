package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

func checkpointRules() []rule {
	return []rule{
		{"a checkpoint is read back with its version, and Get leaves out what is not there", checkpointsReadBack},
		{"a checkpoint whose version is another is a conflict and stays as it is", checkpointsCompare},
		{"of several who set one version of a checkpoint exactly one does", oneSetterWins},
		{"a checkpoint's name and value are bounded", checkpointsAreBounded},
		{"a key is first once, also for many at once, until it is forgotten", keysAreFirstOnce},
		{"a key whose time has passed is as if it had never been there", keysExpire},
	}
}

// checkpointNames look alike, or mean something to a database.
func checkpointNames() []string {
	return []string{"sync/a/orders", "sync/A/orders", "é", "e\u0301", "$set", "a.b", "x' OR 1=1", "%", " ", " a", strings.Repeat("n", crm.MaxCheckpointName)}
}

func set(t testing.TB, s crm.Store, name, value string, expect int) {
	t.Helper()
	if err := s.Checkpoints().Set(t.Context(), name, []byte(value), expect); err != nil {
		t.Fatalf("Set over version %d: %v", expect, err)
	}
}

// wantCheckpoints compares what Get gives, a value as text with its version.
func wantCheckpoints(t testing.TB, s crm.Store, names []string, want map[string]string) {
	t.Helper()
	found, err := s.Checkpoints().Get(t.Context(), names)
	if err != nil {
		t.Fatalf("Get %d checkpoints: %v", len(names), err)
	}
	got := map[string]string{}
	for name, c := range found {
		got[name] = fmt.Sprintf("%d %q", c.Version, c.Value)
	}
	wantSame(t, "checkpoints", got, want)
}

func checkpointsReadBack(t testing.TB, s crm.Store) {
	names := checkpointNames()
	all := slices.Concat(names, names, []string{"", "unknown", "\x00", "\xff"})
	wantCheckpoints(t, s, all, map[string]string{})
	wantCheckpoints(t, s, nil, map[string]string{})
	want := map[string]string{}
	for i, name := range names {
		value := fmt.Sprintf("%d\x00\xff{}", i)
		set(t, s, name, value, 0)
		want[name] = fmt.Sprintf("1 %q", value)
	}
	wantCheckpoints(t, s, all, want)
	set(t, s, names[0], "", 1)
	set(t, s, names[0], "again", 2)
	set(t, s, names[1], strings.Repeat("v", crm.MaxCheckpointValue), 1)
	wantCheckpoints(t, s, names[:1], map[string]string{names[0]: `3 "again"`})
	if err := s.Checkpoints().Set(t.Context(), "none", nil, 0); err != nil {
		t.Errorf("Set without a value: %v", err)
	}
	wantCheckpoints(t, s, []string{"none"}, map[string]string{"none": `1 ""`})
	for _, k := range []int{count(t, s, crm.KindCustomer), count(t, s, crm.KindOrder), count(t, s, crm.KindTimeline)} {
		if k != 0 {
			t.Errorf("checkpoints are records: Count is %d", k)
		}
	}
}

func checkpointsCompare(t testing.TB, s crm.Store) {
	const name = "sync/shop/orders"
	wrong := func(expect int) {
		t.Helper()
		err := s.Checkpoints().Set(t.Context(), name, []byte("wrong"), expect)
		if err == nil || crm.CodeOf(err) != crm.CodeConflict {
			t.Errorf("Set over version %d gives %v, want a conflict", expect, err)
		}
	}
	wrong(1)
	wrong(-1)
	wantCheckpoints(t, s, []string{name}, map[string]string{})
	set(t, s, name, "a", 0)
	wrong(0)
	wrong(2)
	set(t, s, name, "b", 1)
	wrong(0)
	wrong(1)
	wantCheckpoints(t, s, []string{name}, map[string]string{name: `2 "b"`})
}

func oneSetterWins(t testing.TB, s crm.Store) {
	const name = "sync/shop/orders"
	for version := range 5 {
		outcomes := atOnce(writers, func(i int) error {
			return s.Checkpoints().Set(t.Context(), name, fmt.Append(nil, i), version)
		})
		winner := -1
		for i, err := range outcomes {
			switch {
			case err == nil && winner < 0:
				winner = i
			case err == nil:
				t.Errorf("version %d was set twice", version+1)
			case crm.CodeOf(err) != crm.CodeConflict:
				t.Errorf("who came too late got %v, want a conflict", err)
			}
		}
		wantCheckpoints(t, s, []string{name}, map[string]string{name: fmt.Sprintf("%d %q", version+1, fmt.Sprint(winner))})
	}
}

func checkpointsAreBounded(t testing.TB, s crm.Store) {
	points := s.Checkpoints()
	for what, err := range map[string]error{
		"no name":      points.Set(t.Context(), "", nil, 0),
		"a long name":  points.Set(t.Context(), strings.Repeat("n", crm.MaxCheckpointName+1), nil, 0),
		"NUL":          points.Set(t.Context(), "a\x00b", nil, 0),
		"no UTF-8":     points.Set(t.Context(), "a\xff", nil, 0),
		"a long value": points.Set(t.Context(), "name", make([]byte, crm.MaxCheckpointValue+1), 0),
	} {
		if err == nil || crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s: %v, want %s", what, err, crm.CodeInvalid)
		}
	}
	for _, key := range []string{"", strings.Repeat("k", crm.MaxCheckpointName+1), "\x00", "\xff"} {
		if _, err := points.Once(t.Context(), key, time.Now().Add(time.Hour)); err == nil || crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("Once of a malformed key: %v, want %s", err, crm.CodeInvalid)
		}
	}
}

// first says whether a key is first.
func first(t testing.TB, s crm.Store, key string, until time.Time) bool {
	t.Helper()
	is, err := s.Checkpoints().Once(t.Context(), key, until)
	if err != nil {
		t.Fatalf("Once: %v", err)
	}
	return is
}

func keysAreFirstOnce(t testing.TB, s crm.Store) {
	until := time.Now().Add(time.Hour)
	for _, key := range checkpointNames() {
		set(t, s, key, "a name is no key", 0)
		for round := range 2 {
			firsts := 0
			for _, is := range atOnce(writers, func(int) bool { return first(t, s, key, until) }) {
				if is {
					firsts++
				}
			}
			if firsts != 1 {
				t.Errorf("round %d: %d of %d calls for one key were first, want 1", round, firsts, writers)
			}
			for range 2 { // the second time there is nothing to forget
				if err := s.Checkpoints().Forget(t.Context(), key); err != nil {
					t.Errorf("Forget: %v", err)
				}
			}
		}
		wantCheckpoints(t, s, []string{key}, map[string]string{key: `1 "a name is no key"`})
	}
}

func keysExpire(t testing.TB, s crm.Store) {
	later := time.Now().Add(time.Hour)
	for i := range 3 {
		if key := fmt.Sprint("past ", i); !first(t, s, key, epoch()) || !first(t, s, key, later) || first(t, s, key, later) {
			t.Error("a key whose time has passed was not first, or it was after that")
		}
	}
	if first(t, s, "past 1", epoch()) || first(t, s, "past 1", later) {
		t.Error("a key that is remembered until later was forgotten for one that is not")
	}
}
