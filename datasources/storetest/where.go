package storetest

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func whereRules() []rule {
	return []rule{
		{"In holds for any of its values, on single and on many-valued fields", inHolds},
		{"an empty text is absent and never one of In's values", emptyIsAbsent},
		{"several predicates hold together", predicatesHoldTogether},
		{"a time range excludes both ends, to the millisecond", rangesExcludeEnds},
		{"Present holds for a text that is there, Absent for one that is not", presenceHolds},
		{"Prefix holds for any token that begins with it", prefixHolds},
		{"filters and pages together are those of a flat sorted slice", filtersLikeASlice},
	}
}

// tagged makes customers whose tags, segments and statuses overlap.
func tagged(n int) *crm.Customer {
	c := customer(n)
	tags := []string{"vip", "VIP", "press", "vi"}
	c.Tags = tags[n%4:]
	c.Segments = []string{"s" + strconv.Itoa(n%3), "s" + strconv.Itoa(n%2)}
	if n%3 == 1 {
		c.LifecycleStage = ptr(crm.LifecycleStageCustomer)
	}
	if n%2 == 1 {
		c.Status = crm.CustomerStatusBlocked
	}
	c.Emails = []crm.EmailAddress{{Address: "Person" + strconv.Itoa(n) + "@Example.com"}}
	return c
}

func inHolds(t testing.TB, s crm.Store) {
	put(t, s, many(8, tagged)...)
	tests := []struct {
		field crm.Field
		in    []string
		want  []int
	}{
		{crm.FieldStatus, []string{"BLOCKED"}, []int{1, 3, 5, 7}},
		{crm.FieldStatus, []string{"BLOCKED", "ACTIVE", "BLOCKED"}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{crm.FieldStatus, []string{"blocked"}, nil},
		{crm.FieldStatus, []string{"BLOCK"}, nil},
		{crm.FieldTag, []string{"vip"}, []int{0, 4}},
		{crm.FieldTag, []string{"VIP"}, []int{0, 1, 4, 5}},
		{crm.FieldTag, []string{"vip", "VIP", "press"}, []int{0, 1, 2, 4, 5, 6}},
		{crm.FieldTag, []string{"nobody's"}, nil},
		{crm.FieldEmail, []string{"person3@example.com", "person5@example.com"}, []int{3, 5}},
		{crm.FieldEmail, []string{"Person3@Example.com"}, nil},
	}
	for _, test := range tests {
		p := crm.Predicate{Field: test.field, In: test.in}
		wantFound(t, s, crm.KindCustomer, test.want, p)
	}
}

func presenceHolds(t testing.TB, s crm.Store) {
	put(t, s, many(8, tagged)...)
	known := crm.Predicate{Field: crm.FieldLifecycle, Present: true}
	unknown := crm.Predicate{Field: crm.FieldLifecycle, Absent: true}
	wantFound(t, s, crm.KindCustomer, []int{1, 4, 7}, known)
	wantFound(t, s, crm.KindCustomer, []int{0, 2, 3, 5, 6}, unknown)
	wantFound(t, s, crm.KindCustomer, nil, known, unknown)
	wantFound(t, s, crm.KindCustomer, []int{3, 5}, unknown, crm.Predicate{Field: crm.FieldStatus, In: []string{"BLOCKED"}})
	wantFound(t, s, crm.KindCustomer, []int{0, 1, 2, 3, 4, 5, 6, 7}, crm.Predicate{Field: crm.FieldOwner, Absent: true})
	c := tagged(1) // What was there is there no longer.
	c.LifecycleStage, c.Version = nil, 2
	replace(t, s, c, 1)
	wantFound(t, s, crm.KindCustomer, []int{4, 7}, known)
	wantFound(t, s, crm.KindCustomer, []int{0, 1, 2, 3, 5, 6}, unknown)
}

func emptyIsAbsent(t testing.TB, s crm.Store) {
	c := tagged(0)
	c.Tags, c.Segments = []string{"", "vip"}, []string{""}
	put(t, s, c, customer(1))
	for _, field := range []crm.Field{crm.FieldName, crm.FieldTag, crm.FieldSegment, crm.FieldEmail, crm.FieldOwner} {
		wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: field, In: []string{""}})
	}
	wantFound(t, s, crm.KindCustomer, []int{0}, crm.Predicate{Field: crm.FieldTag, In: []string{"", "vip"}})
}

func predicatesHoldTogether(t testing.TB, s crm.Store) {
	put(t, s, many(8, tagged)...)
	wantFound(t, s, crm.KindCustomer, []int{1, 5},
		crm.Predicate{Field: crm.FieldStatus, In: []string{"BLOCKED"}}, crm.Predicate{Field: crm.FieldTag, In: []string{"VIP"}})
	wantFound(t, s, crm.KindCustomer, []int{0, 4},
		crm.Predicate{Field: crm.FieldTag, In: []string{"VIP"}}, crm.Predicate{Field: crm.FieldTag, In: []string{"vip"}})
	wantFound(t, s, crm.KindCustomer, []int{4},
		crm.Predicate{Field: crm.FieldSegment, In: []string{"s1"}}, crm.Predicate{Field: crm.FieldSegment, In: []string{"s0"}},
		crm.Predicate{Field: crm.FieldTag, In: []string{"vip"}})
	wantFound(t, s, crm.KindCustomer, nil,
		crm.Predicate{Field: crm.FieldStatus, In: []string{"BLOCKED"}}, crm.Predicate{Field: crm.FieldStatus, In: []string{"ACTIVE"}})
}

func rangesExcludeEnds(t testing.TB, s crm.Store) {
	at := func(ms int) *time.Time { return ptr(epoch().Add(time.Duration(ms) * time.Millisecond)) }
	put(t, s, many(6, func(n int) *crm.Customer {
		c := customer(n)
		c.CreatedAt = *at(n)
		return c
	})...)
	zone := time.FixedZone("UTC-3", -3*3600)
	tests := []struct {
		after, before *time.Time
		want          []int
	}{
		{at(1), at(4), []int{2, 3}},
		{at(2), nil, []int{3, 4, 5}},
		{nil, at(2), []int{0, 1}},
		{at(2), at(3), nil},
		{at(5), nil, nil},
		{nil, at(0), nil},
		{ptr(at(1).In(zone)), ptr(at(3).In(zone)), []int{2}},
		{at(-1), at(6), []int{0, 1, 2, 3, 4, 5}},
	}
	for _, test := range tests {
		wantFound(t, s, crm.KindCustomer, test.want, crm.Predicate{Field: crm.FieldCreatedAt, After: test.after, Before: test.before})
	}
}

func prefixHolds(t testing.TB, s crm.Store) {
	names := []string{"Zoë Müller", "ZOE MUELLER", "Groß & Söhne", "山田 太郎", "Дарья", "100%_sure", "Anna-Lena O'Neill", "🦊 fox"}
	put(t, s, many(len(names), func(n int) *crm.Customer {
		c := customer(n)
		c.DisplayName = names[n]
		c.Emails = []crm.EmailAddress{{Address: "mail" + strconv.Itoa(n) + "@example.com"}}
		return c
	})...)
	tests := map[string][]int{
		"zoe": {0, 1}, "mu": {0, 1}, "muller": {0}, "gros": {2}, "gross": {2}, "sohne": {2}, "ohne": nil,
		"山": {3}, "太郎": {3}, "郎": nil, "дар": {4}, "100": {5}, "100%": {5}, "sure": {5}, "%": nil, "_": nil,
		"neill": {6}, "lena": {6}, "fox": {7}, ".*": nil, "mail3@": {3}, "mail4@example.com": {4}, "Zoe": nil, "zo\u0308": nil,
	}
	for prefix, want := range tests {
		wantFound(t, s, crm.KindCustomer, want, crm.Predicate{Field: crm.FieldTokens, Prefix: prefix})
	}
	wantFound(t, s, crm.KindCustomer, []int{0},
		crm.Predicate{Field: crm.FieldTokens, Prefix: "zo"}, crm.Predicate{Field: crm.FieldTokens, Prefix: "mul"})
}

// wantFound compares what fulfils where with the records of these numbers.
func wantFound(t tester, s crm.Store, kind crm.Kind, want []int, where ...crm.Predicate) {
	t.Helper()
	ids := make([]crm.ID, len(want))
	for i, n := range want {
		ids[i] = idOf(kind, n)
	}
	got := map[crm.ID]bool{}
	for _, id := range matching(t, s, kind, where...) {
		got[id] = true
	}
	wanted := map[crm.ID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	wantSame(t, "records where "+show(crm.Query{Where: where}), got, wanted)
}

func filtersLikeASlice(t testing.TB, s crm.Store) {
	sorts, all := of(crm.KindCustomer).sorts(), remember(many(60, tagged))
	put(t, s, many(60, tagged)...)
	property(t, func(t *rapid.T) {
		sort := crm.Sort{Field: rapid.SampledFrom(sorts).Draw(t, "field"), Desc: rapid.Bool().Draw(t, "desc")}
		q := crm.Query{Where: rapid.SliceOfN(predicates(), 0, 3).Draw(t, "where"), Sort: sort, Page: drawPage(t, all, sort)}
		kept := selected(all, q.Where, sort)
		wantPage(t, show(q), list(t, s, crm.KindCustomer, q), page(kept, sort, q.Page))
		if n := count(t, s, crm.KindCustomer, q.Where...); n != len(kept) {
			t.Errorf("Count %s is %d, want %d", show(q), n, len(kept))
		}
	})
}

// predicates draws conditions that some of tagged's customers fulfil.
func predicates() *rapid.Generator[crm.Predicate] {
	words := func(field crm.Field, list ...string) *rapid.Generator[crm.Predicate] {
		return rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom(list), 1, 2, rapid.ID[string]), func(in []string) crm.Predicate {
			return crm.Predicate{Field: field, In: in}
		})
	}
	instant := rapid.Map(rapid.IntRange(-1, 14), func(ms int) *time.Time {
		return ptr(epoch().Add(time.Duration(ms) * time.Millisecond))
	})
	return rapid.OneOf(
		words(crm.FieldTag, "vip", "VIP", "press", "vi", "none"),
		words(crm.FieldSegment, "s0", "s1", "s2"),
		words(crm.FieldStatus, "ACTIVE", "BLOCKED", "MERGED"),
		rapid.Map(rapid.Bool(), func(there bool) crm.Predicate {
			return crm.Predicate{Field: crm.FieldLifecycle, Present: there, Absent: !there}
		}),
		rapid.Map(instant, func(at *time.Time) crm.Predicate { return crm.Predicate{Field: crm.FieldCreatedAt, After: at} }),
		rapid.Map(instant, func(at *time.Time) crm.Predicate { return crm.Predicate{Field: crm.FieldUpdatedAt, Before: at} }),
		rapid.Map(rapid.SampledFrom([]string{"n", "name", "0", "1", "person1", "x"}), func(prefix string) crm.Predicate {
			return crm.Predicate{Field: crm.FieldTokens, Prefix: prefix}
		}),
	)
}
