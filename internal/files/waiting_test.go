package files_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// chain is customers of whom each was referred by the one on the line after; the last
// by the reference that last gives.
func chain(n int, version, last string) string {
	var rows strings.Builder
	for i := range n {
		by := fmt.Sprintf(`,"referredBy":{"source":"shop","externalId":"%d"}`, i+1)
		if i == n-1 {
			by = last
		}
		fmt.Fprintf(&rows, `{"externalIdentities":[{"source":"shop","externalId":"%d"}]%s%s}`+"\n", i, version, by)
	}
	return rows.String()
}

// A chain of references is as long as it is, against the order too.
func TestLongChainsAgainstTheOrder(t *testing.T) {
	for name, version := range map[string]string{"new": "", "restored": `,"version":3`} {
		store := newStore(t)
		if summary := loadAll(t, store, chain(50, version, ""), files.Options{Kind: "customers"}); summary.Created != 50 {
			t.Errorf("%s: %+v, want 50 created", name, summary)
		}
	}
	store := newStore(t)
	summary, rejects := load(t, store, chain(50, "", `,"referredBy":{"source":"shop","externalId":"lost"}`), files.Options{Kind: "customers"})
	if summary.Rejected != 50 || rejects[0].Field != "referredBy" {
		t.Errorf("a chain to nowhere: %+v, %+v", summary, rejects[0])
	}
}

// Customers who name each other, or themselves, come back from a dump, with what hangs
// on them.
func TestCirclesComeBack(t *testing.T) {
	id := func(externalID string) crm.ID { return crm.DerivedID(crm.KindCustomer, "shop", externalID) }
	store := newStore(t)
	for _, row := range []string{
		`{"id":"%[1]s"}`, `{"id":"%[2]s","referredBy":"%[1]s"}`, `{"id":"%[1]s","referredBy":"%[2]s"}`,
		`{"id":"%[3]s"}`, `{"id":"%[3]s","referredBy":"%[3]s"}`,
	} {
		loadAll(t, store, fmt.Sprintf(row, id("a"), id("b"), id("self")), files.Options{Kind: "customers"})
	}
	loadAll(t, store, anOrder+aTotal+`"customer":"`+string(id("a"))+`"}`, files.Options{Kind: "orders"})
	first, second := dump(t, store), newStore(t)
	loadAll(t, second, first, files.Options{})
	if diff := cmp.Diff(first, dump(t, second)); diff != "" {
		t.Errorf("the second dump (-first +second):\n%s", diff)
	}
}

// So do those who name each other by external identity, and what stands before them.
func TestCirclesOfIdentitiesComeBack(t *testing.T) {
	store := newStore(t)
	text := `{"order":` + anOrder + aTotal + `"customer":{"source":"shop","externalId":"0"}}}` + "\n"
	for line := range strings.Lines(chain(3, `,"version":3`, `,"referredBy":{"source":"shop","externalId":"0"}`)) {
		text += `{"customer":` + strings.TrimSuffix(line, "\n") + "}\n"
	}
	if summary := loadAll(t, store, text, files.Options{}); summary.Created != 4 {
		t.Errorf("summary %+v, want 4 created", summary)
	}
}

// What is restored must find its parents all the same.
func TestRestoredRecordsNeedTheirParents(t *testing.T) {
	nobody := string(crm.DerivedID(crm.KindCustomer, "shop", "nobody"))
	for _, member := range []string{"customer", "requester"} {
		row := `{"source":"d","externalId":"1","version":2,"subject":"x","` + member + `":"` + nobody + `"}`
		summary, rejects := load(t, newStore(t), row, files.Options{Kind: "tickets"})
		if summary.Rejected != 1 || rejects[0].Field != member {
			t.Errorf("%s: %+v, %+v", member, summary, rejects)
		}
	}
}
