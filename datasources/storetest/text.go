package storetest

import (
	"slices"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func textRules() []rule {
	return []rule{
		{"text sorts by the bytes of its key", textSortsByBytes},
		{"operators smuggled in as values are values", operatorsAreValues},
		{"operators smuggled in as prefixes are prefixes", operatorsArePrefixes},
		{"a text position stands between records that are not there", textPositions},
	}
}

// awkwardNames are names whose order differs between bytes, locales and cases.
func awkwardNames() []string {
	return []string{
		"apple", "Apple", "APPLE", "äpfel", "Zebra", "zebra", "éclair", "eclair", "straße", "strasse", "STRASSE",
		"日本", "中文", "한국", "Ωmega", "омега", "👍", "😀", "a b", "a-b", "a_b", "ab", "a", "１２", "12", "2", "ﬀ", "ff",
		"\U00010330 gothic", "\uffee half width",
	}
}

func textSortsByBytes(t testing.TB, s crm.Store) {
	names := awkwardNames()
	all := many(len(names), func(n int) *crm.Customer {
		c := customer(n)
		c.DisplayName = names[n]
		return c
	})
	put(t, s, all...)
	for _, desc := range []bool{false, true} {
		sort := crm.Sort{Field: crm.FieldName, Desc: desc}
		walk(t, s, crm.Query{Sort: sort}, selected(all, nil, sort))
	}
}

func operatorsAreValues(t testing.TB, s crm.Store) {
	texts := slices.DeleteFunc(awkward(), func(text string) bool { return text == "" })
	all := many(len(texts), func(n int) *crm.Customer {
		c := customer(n)
		c.Tags, c.Segments = []string{texts[n]}, []string{texts[n], "all"}
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: origin, ExternalID: texts[n]}}
		return c
	})
	put(t, s, all...)
	for n, text := range texts {
		wantFound(t, s, crm.KindCustomer, []int{n}, crm.Predicate{Field: crm.FieldTag, In: []string{text}})
		wantFound(t, s, crm.KindCustomer, []int{n}, crm.Predicate{Field: crm.FieldSegment, In: []string{text, "none"}})
		wantFound(t, s, crm.KindCustomer, []int{n}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":" + text}})
		wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldStatus, In: []string{text}})
	}
	by := listBy(t, s, crm.KindCustomer, []crm.Field{crm.FieldOrganization}, []crm.ID{"%", `{"$gt": ""}`, "' OR 1=1 --"}, crm.Query{
		Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 5},
	})
	if len(by) != 0 {
		t.Errorf("ListBy finds records for %d ids that are none", len(by))
	}
}

func operatorsArePrefixes(t testing.TB, s crm.Store) {
	numbers := []string{"%", "_", "a%b", "a_b", ".*", "[x]", "^a", "a$", `\d`, "{$ne}", "'", `"`, "*", "?", "a\U0010fffd", "a\u00ff", "az", "b"}
	customerParents(t, s)
	all := many(len(numbers), func(n int) *crm.Order {
		o := order(1000 + n)
		o.Number = numbers[n]
		return o
	})
	put(t, s, all...)
	for _, prefix := range append(numbers, "a", "zz", "%%", "__") {
		where := []crm.Predicate{{Field: crm.FieldTokens, Prefix: crm.TextKey(prefix)}}
		want := idsOf(selected(all, where, crm.Sort{Field: crm.FieldID}))
		wantSame(t, "orders with prefix "+prefix, matching(t, s, crm.KindOrder, where...), want)
	}
}

func textPositions(t testing.TB, s crm.Store) {
	names := awkwardNames()
	all := many(len(names), func(n int) *crm.Customer {
		c := customer(n)
		c.DisplayName = names[n]
		return c
	})
	put(t, s, all...)
	sort := crm.Sort{Field: crm.FieldName}
	sorted := selected(remember(all), nil, sort)
	for _, text := range append(awkward(), "", "m", "appl", "applf", "日", "😁") {
		for _, backward := range []bool{false, true} {
			at := crm.Position{Text: crm.TextKey(text), ID: customerID(0)}
			q := crm.Query{Sort: sort, Page: crm.PageRequest{Limit: 3, Backward: backward, After: &at}}
			if backward {
				q.Page.After, q.Page.Before = nil, &at
			}
			want := page(sorted, sort, q.Page)
			wantPage(t, show(q), list(t, s, crm.KindCustomer, q), want)
		}
	}
}
