package demo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/test/race"
)

// digest generates the demo and returns the SHA-256 of everything as JSON.
func digest(t *testing.T) string {
	t.Helper()
	d, err := demo.Generate()
	sum := sha256.New()
	if err := errors.Join(err, json.NewEncoder(sum).Encode(d)); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func TestSameBytes(t *testing.T) {
	const golden = "testdata/demo.sha256"
	got := digest(t)
	if *update {
		if err := os.WriteFile(golden, []byte(got+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(text)); got != want {
		t.Errorf("the demo is %s, want %s: if it was meant to change, raise version in demo.go and run with -update", got, want)
	}
	// Nothing is generated at the same time: the race detector needs to see it once.
	for _, processors := range []int{1, 2}[:race.Fewer(2, 0)] {
		before := runtime.GOMAXPROCS(processors)
		if again := digest(t); again != got {
			t.Errorf("with %d processors the demo is %s, before it was %s", processors, again, got)
		}
		runtime.GOMAXPROCS(before)
	}
}

func TestEveryCustomerIsReachable(t *testing.T) {
	d := generate(t)
	tickets, interactions, recommended := map[crm.ID]int{}, map[crm.ID]int{}, map[crm.ID]int{}
	for _, x := range d.Tickets {
		tickets[x.CustomerID]++
	}
	for _, x := range d.Interactions {
		interactions[x.CustomerID]++
	}
	for _, x := range d.Recommendations {
		recommended[x.CustomerID]++
	}
	owners := map[string]crm.ID{}
	for _, c := range d.Customers {
		if len(c.Emails) == 0 || len(c.Phones) == 0 || len(c.Addresses) == 0 || len(c.Consents) == 0 || len(c.ExternalIdentities) == 0 {
			t.Errorf("%s lacks an email, phone, address, consent or identity", c.ID)
		}
		if tickets[c.ID] == 0 || interactions[c.ID] == 0 || recommended[c.ID] == 0 {
			t.Errorf("%s lacks a ticket, interaction or recommendation", c.ID)
		}
		if !strings.HasPrefix(c.Tags[0], "generated-") {
			t.Errorf("%s is not marked as generated: %v", c.ID, c.Tags)
		}
		if other := owners[c.Emails[0].Address]; other != "" {
			t.Errorf("%s and %s have the same first email", c.ID, other)
		}
		owners[c.Emails[0].Address] = c.ID
		checkContacts(t, c)
	}
}

// checkContacts: addresses are of the reserved domains, numbers of Ofcom's ranges for drama.
func checkContacts(t *testing.T, c *crm.Customer) {
	t.Helper()
	for _, e := range c.Emails {
		_, domain, _ := strings.Cut(e.Address, "@")
		if !slices.Contains([]string{"example.com", "example.org", "example.net"}, domain) || strings.ContainsFunc(e.Address, func(r rune) bool { return r > 126 || r <= ' ' }) {
			t.Errorf("%s has the email %q", c.ID, e.Address)
		}
	}
	ranges := []string{
		"+441632960", "+447700900", "+442079460", "+441134960", "+441144960", "+441154960", "+441164960", "+441174960",
		"+441184960", "+441214960", "+441314960", "+441414960", "+441514960", "+441614960", "+442920180",
	}
	for _, p := range c.Phones {
		if len(p.Number) != 13 || !slices.Contains(ranges, p.Number[:10]) {
			t.Errorf("%s has the number %s", c.ID, p.Number)
		}
	}
}

// TestClock: everything that has happened did so before the demo's present, in
// order, in UTC and to the millisecond.
func TestClock(t *testing.T) {
	d := generate(t)
	for _, c := range d.Customers {
		entries := []time.Time{c.CreatedAt}
		for _, r := range c.TimelineRecords() {
			entries = append(entries, r.OccurredAt)
			if r.OccurredAt.Before(c.CreatedAt) {
				t.Errorf("%s: %s before the customer was made", c.ID, r.Kind)
			}
		}
		checkTimes(t, c.ID, append(entries, c.UpdatedAt)...)
	}
	for _, o := range d.Orders {
		entries := []time.Time{}
		for _, e := range o.Events() {
			entries = append(entries, e.OccurredAt)
		}
		checkTimes(t, o.ID, append(entries, o.UpdatedAt)...)
	}
	placed := map[crm.ID]time.Time{}
	for _, o := range d.Orders {
		placed[o.ID] = o.PlacedAt
	}
	for _, x := range d.Tickets {
		entries := []time.Time{placed[x.Subjects[0].OrderID], x.CreatedAt}
		for _, at := range []*time.Time{x.FirstResponseAt, x.ResolvedAt, x.ClosedAt} {
			if at != nil {
				entries = append(entries, *at)
			}
		}
		checkTimes(t, x.ID, append(entries, x.UpdatedAt)...)
		if !slices.IsSortedFunc(append(entries, x.UpdatedAt), time.Time.Compare) {
			t.Errorf("%s %s: times are not in order: %v", x.ID, x.Number, entries)
		}
	}
	for _, x := range d.Articles {
		checkTimes(t, x.ID, x.CreatedAt)
	}
	for _, x := range d.Interactions {
		checkTimes(t, x.ID, x.OccurredAt, x.RecordedAt)
	}
}

func checkTimes(t *testing.T, id crm.ID, list ...time.Time) {
	t.Helper()
	for _, at := range list {
		if at.After(demo.Now()) || at.Location() != time.UTC || !at.Equal(at.Truncate(time.Millisecond)) || at.IsZero() {
			t.Errorf("%s has the time %s", id, at)
		}
	}
}
