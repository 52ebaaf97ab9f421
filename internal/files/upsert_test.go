package files_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

var ann = crm.DerivedID(crm.KindCustomer, "shop", "c1")

func customers(at time.Time) files.Options {
	return files.Options{Kind: "customers", Clock: clockAt(at)}
}

func TestRowChangesWhatItSaysAndKeepsTheRest(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	later := noon.Add(time.Hour)
	summary := loadAll(t, store, `{"externalIdentities":[{"source":"shop","externalId":"c1"}],"familyName":"Li","tags":["a","b"],"owner":null}`, customers(later))
	if summary.Updated != 1 {
		t.Errorf("summary %+v, want 1 updated", summary)
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	if *c.GivenName != "Ann" || *c.FamilyName != "Li" || c.DisplayName != "Ann Li" || c.OwnerID != "" || len(c.Emails) != 1 {
		t.Errorf("given %q, family %q, display %q, owner %q, %d emails", *c.GivenName, *c.FamilyName, c.DisplayName, c.OwnerID, len(c.Emails))
	}
	if c.Version != 2 || !c.UpdatedAt.Equal(later) || !c.CreatedAt.Equal(noon) {
		t.Errorf("version %d, updated %v, created %v", c.Version, c.UpdatedAt, c.CreatedAt)
	}
	want := []crm.ProfileChange{{
		ID: string(ann) + "/PROFILE_CHANGED/2", OccurredAt: later, ActorRef: crm.ActorRef{System: "import"},
		Fields: []string{"displayName", "familyName", "owner", "tags"},
	}}
	if diff := cmp.Diff(want, c.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestUpdatedAtAloneChangesNothing(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	before := dump(t, store)
	row := `{"id":"` + string(ann) + `","updatedAt":"2030-01-01T00:00:00Z","version":9}`
	if summary := loadAll(t, store, row, customers(noon)); summary.Unchanged != 1 {
		t.Errorf("summary %+v, want 1 unchanged", summary)
	}
	if diff := cmp.Diff(before, dump(t, store)); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
	row = `{"id":"` + string(ann) + `","updatedAt":"2030-01-01T00:00:00Z","tier":"gold"}`
	loadAll(t, store, row, customers(noon))
	if c := one(t, crm.Of[crm.Customer](store), ann); c.UpdatedAt.Year() != 2030 || c.Version != 2 {
		t.Errorf("updated %v, version %d, want the row's time and version 2", c.UpdatedAt, c.Version)
	}
}

func TestConsentsKeepTheirHistory(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	row := `{"id":"` + string(ann) + `","consents":[` +
		`{"purpose":"ANALYTICS","status":"PENDING","lawfulBasis":"CONSENT"},` +
		`{"purpose":"MARKETING","status":"WITHDRAWN","lawfulBasis":"CONSENT"}]}`
	later := noon.Add(time.Hour)
	loadAll(t, store, row, customers(later))
	if summary := loadAll(t, store, row, customers(later.Add(time.Hour))); summary.Unchanged != 1 {
		t.Errorf("again: %+v, want 1 unchanged", summary)
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	var got []string
	for _, consent := range c.Consents {
		for _, step := range consent.History {
			got = append(got, string(step.Purpose)+" "+string(step.Status)+" "+step.OccurredAt.Format(time.DateTime)+
				strings.TrimPrefix(step.ID, string(ann)))
		}
	}
	want := []string{
		"MARKETING GRANTED 2024-01-01 00:00:00/CONSENT_CHANGED/1/1",
		"MARKETING WITHDRAWN 2025-06-01 13:00:00/CONSENT_CHANGED/2/1",
		"ANALYTICS PENDING 2025-06-01 13:00:00/CONSENT_CHANGED/2/2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// numbered is a line of a customer whose history its source numbers from 1.
func numbered(externalID string) string {
	return `{"externalIdentities":[{"source":"shop","externalId":"h` + externalID + `"}],"consents":[{"purpose":"MARKETING",` +
		`"status":"GRANTED","lawfulBasis":"CONSENT","history":[` +
		`{"id":"1","occurredAt":"2024-01-01T00:00:00Z","purpose":"MARKETING","status":"GRANTED"}]}],` +
		`"changes":[{"id":"2","occurredAt":"2024-01-02T00:00:00Z"}]}` + "\n"
}

// Two customers' histories may have the same ids in a file, but not in the timeline.
func TestHistoriesKeepApart(t *testing.T) {
	store := newStore(t)
	rows := numbered("1") + numbered("2")
	loadAll(t, store, rows, customers(noon))
	if summary := loadAll(t, store, rows, customers(noon.Add(time.Hour))); summary.Unchanged != 2 {
		t.Errorf("again: %+v, want 2 unchanged", summary)
	}
	id := crm.DerivedID(crm.KindCustomer, "shop", "h2")
	c := one(t, crm.Of[crm.Customer](store), id)
	got := []string{c.Consents[0].History[0].ID, c.Changes[0].ID}
	if diff := cmp.Diff([]string{string(id) + "/1", string(id) + "/2"}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

// Rows of the same record take effect in their order, also within one batch.
func TestRepeatedRows(t *testing.T) {
	store := newStore(t)
	rows := `{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tags":["1"]}
{"id":"` + string(ann) + `","tags":["2"]}
{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tier":"gold"}
{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tier":"gold"}
`
	got := loadAll(t, store, rows, customers(noon))
	if want := (files.Summary{Read: 4, Created: 1, Updated: 2, Unchanged: 1}); got != want {
		t.Errorf("summary %+v, want %+v", got, want)
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	if diff := cmp.Diff([]string{"1", "2"}, c.Tags); diff != "" || *c.Tier != "gold" || c.Version != 3 {
		t.Errorf("tags %v, tier %v, version %d", c.Tags, *c.Tier, c.Version)
	}
}

// A customer made elsewhere is found by external identity, for itself and for
// what refers to it, also when it comes in the same batch.
func TestIdentityOfAStoredCustomer(t *testing.T) {
	live := crm.NewID(crm.KindCustomer)
	rows := `{"customer":{"id":"` + string(live) + `","externalIdentities":[{"source":"shop","externalId":"c1"}]}}
{"customer":{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tier":"gold"}}
{"customer":{"externalIdentities":[{"source":"shop","externalId":"c2"}],"referredBy":{"source":"shop","externalId":"c1"}}}
{"order":{"source":"shop","externalId":"1","customer":{"source":"shop","externalId":"c1"},"placedAt":"2024-01-01T00:00:00Z","price":{"total":{"amount":"1.00","currencyCode":"EUR"}}}}
`
	store := newStore(t)
	got := loadAll(t, store, rows, files.Options{})
	if want := (files.Summary{Read: 4, Created: 3, Updated: 1}); got != want {
		t.Errorf("summary %+v, want %+v", got, want)
	}
	if c := one(t, crm.Of[crm.Customer](store), live); *c.Tier != "gold" {
		t.Errorf("tier %q", *c.Tier)
	}
	if c := one(t, crm.Of[crm.Customer](store), crm.DerivedID(crm.KindCustomer, "shop", "c2")); c.ReferredByID != live {
		t.Errorf("referred by %q, want %q", c.ReferredByID, live)
	}
	if o := one(t, crm.Of[crm.Order](store), "ord_shop.1"); o.CustomerID != live {
		t.Errorf("the order's customer is %q, want %q", o.CustomerID, live)
	}
}

// contested is a store in which somebody else writes customers between an
// import's reading and writing.
type contested struct {
	crm.Store
	times int
}

func (c *contested) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	customer, ok := changes[0].Records[0].Record.(*crm.Customer)
	if c.times--; ok && c.times >= 0 {
		found, err := crm.Of[crm.Customer](c.Store).ByID(ctx, []crm.ID{customer.ID}, nil)
		if err != nil {
			return nil, err
		}
		other := found[customer.ID]
		expect := 0
		if other == nil {
			other = crm.Clone(customer)
		} else {
			expect = other.Version
			other.Version++
		}
		industry := "retail"
		other.Industry = &industry
		if _, err := c.Store.Commit(ctx, []crm.Changes{crm.Put(crm.Change{Record: other, Expect: expect})}); err != nil {
			return nil, err
		}
	}
	return c.Store.Commit(ctx, changes)
}

func TestConflictIsTriedOnceMore(t *testing.T) {
	const row = `{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tags":["1"],"consents":[{"purpose":"SERVICE","status":"GRANTED","lawfulBasis":"CONTRACT"}]}`
	for times, want := range map[int]files.Summary{
		1: {Read: 2, Updated: 1, Unchanged: 1}, 2: {Read: 2, Rejected: 1, Unchanged: 1},
	} {
		base := newStore(t)
		loadAll(t, base, strings.Replace(row, `"tags":["1"],`, "", 1), customers(noon))
		store := &contested{base, times}
		first, rejects := load(t, store, row, customers(noon))
		second, _ := load(t, store, `{"id":"`+string(ann)+`","industry":"retail"}`, customers(noon))
		if got := first.Add(second); got != want {
			t.Errorf("%d conflicts: %+v, want %+v (%+v)", times, got, want, rejects)
		}
		if c := one(t, crm.Of[crm.Customer](base), ann); len(c.Consents[0].History) != 1 {
			t.Errorf("%d conflicts: the consent has %d steps, want 1", times, len(c.Consents[0].History))
		}
	}
}

// Many rows go through in several batches, each record once.
func TestManyRows(t *testing.T) {
	var rows strings.Builder
	const n = 1201
	for i := range n {
		rows.WriteString(`{"source":"shop","externalId":"` + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + `","title":"Pot"}` + "\n")
	}
	store := newStore(t)
	var bytes, lines int64
	options := files.Options{Kind: "products", Progress: func(b, l int64) { bytes, lines = b, l }}
	if summary := loadAll(t, store, rows.String(), options); summary.Created != n {
		t.Errorf("summary %+v, want %d created", summary, n)
	}
	if bytes != int64(rows.Len()) || lines != n {
		t.Errorf("progress ended with %d bytes and %d lines, want %d and %d", bytes, lines, rows.Len(), n)
	}
	if got := strings.Count(dump(t, store), "\n"); got != n {
		t.Errorf("the dump has %d lines, want %d", got, n)
	}
	if summary := loadAll(t, store, rows.String(), options); summary.Unchanged != n {
		t.Errorf("again: %+v, want %d unchanged", summary, n)
	}
}

// A new row with its version is a restored record: nothing is added to it.
func TestRestoredConsentsGetNoHistory(t *testing.T) {
	store := newStore(t)
	row := `{"id":"` + string(ann) + `","version":3,"consents":[{"purpose":"SERVICE","status":"GRANTED","lawfulBasis":"CONTRACT"}]}`
	loadAll(t, store, row, customers(noon))
	if c := one(t, crm.Of[crm.Customer](store), ann); c.Version != 3 || len(c.Consents[0].History) != 0 || len(c.Changes) != 0 {
		t.Errorf("version %d, history %v, changes %v", c.Version, c.Consents[0].History, c.Changes)
	}
}
