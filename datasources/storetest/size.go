package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func sizeRules() []rule {
	return []rule{
		{"twenty thousand documents are stored together", bigChanges},
		{"a Changes of too many documents is invalid and leaves its neighbors alone", tooManyDocuments},
		{"a record that is found by megabytes is stored, or is invalid for every store", largeKeys},
		{"a Changes of too many bytes is invalid and leaves its neighbors alone", tooManyBytes},
	}
}

// contacts is n new interactions, each with its timeline entry: 2n documents.
func contacts(n int) []crm.Change {
	return many(n, func(i int) crm.Change { return crm.Change{Record: interaction(i)} })
}

// wantContacts compares how many interactions and timeline entries there are.
func wantContacts(t testing.TB, s crm.Store, want int) {
	t.Helper()
	for _, kind := range []crm.Kind{crm.KindInteraction, crm.KindTimeline} {
		if n := count(t, s, kind); n != want {
			t.Errorf("%s: Count is %d, want %d", kind, n, want)
		}
	}
}

func bigChanges(t testing.TB, s crm.Store) {
	customerParents(t, s)
	const n = 10_000
	wantCodes(t, commit(t, s, crm.Put(contacts(n)...)), "")
	wantContacts(t, s, n)
	wantSettled(t, "the last of many", one[*crm.Interaction](t, s, interaction(n-1).ID), interaction(n-1))
	if logged := follow(t, s, 0, 5000); len(logged) != n+people {
		t.Errorf("the log has %d entries, want %d", len(logged), n+people)
	}
}

// tooManyDocuments has one document too many.
func tooManyDocuments(t testing.TB, s crm.Store) {
	customerParents(t, s)
	const half = crm.MaxChangeDocuments / 2
	large := append(contacts(half), crm.Change{Record: customer(50)})
	outcomes := commit(t, s,
		crm.Put(crm.Change{Record: customer(60)}), crm.Put(large...), crm.Put(crm.Change{Record: customer(61)}))
	wantCodes(t, outcomes, "", crm.CodeInvalid, "")
	wantContacts(t, s, 0)
	wantFound(t, s, crm.KindCustomer, []int{0, 1, 2, 3, 4, 60, 61})
}

// largeKeys has customers whose tags, by which they are found, are as much as a record
// may have, and more than that.
func largeKeys(t testing.TB, s crm.Store) {
	tagged := func(n, tags int) crm.Change {
		c := customer(n)
		for i := range tags {
			c.Tags = append(c.Tags, fmt.Sprintf("%04d", i)+strings.Repeat("字", crm.MaxWord-4))
		}
		return crm.Change{Record: c}
	}
	most := 0
	for crm.Check(tagged(0, most+10).Record) == nil {
		most += 10
	}
	if most < 1500 {
		t.Fatalf("a customer may have %d long tags", most)
	}
	wantCodes(t, write(t, s, tagged(0, most), tagged(1, most+10), tagged(2, 1)), "", crm.CodeInvalid, "")
	wantFound(t, s, crm.KindCustomer, []int{0, 2})
}

// tooManyBytes has records each of which a store can hold.
func tooManyBytes(t testing.TB, s crm.Store) {
	ticketParents(t, s)
	body := strings.Repeat("0123456789abcdef", 6_000)
	large := many(crm.MaxChangeBytes/len(body)+1, func(n int) crm.Change {
		a := article(n)
		a.Body = body
		return crm.Change{Record: a}
	})
	outcomes := commit(t, s,
		crm.Put(crm.Change{Record: article(2000)}), crm.Put(large...), crm.Put(crm.Change{Record: article(2001)}))
	wantCodes(t, outcomes, "", crm.CodeInvalid, "")
	wantFound(t, s, crm.KindArticle, []int{2000, 2001})
}
