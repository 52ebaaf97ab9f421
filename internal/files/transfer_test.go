package files_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/record/recordtest"
	"github.com/customer360/gateway/internal/test/fixture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

func newStore(t testing.TB) crm.Store {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return store
}

var noon = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func clockAt(t time.Time) func() time.Time { return func() time.Time { return t } }

// reject is a row of the report.
type reject struct{ Line, Field, Reason, Record string }

// load imports text and gives the summary and the report.
func load(t testing.TB, store crm.Store, text string, options files.Options) (files.Summary, []reject) {
	t.Helper()
	if options.Clock == nil {
		options.Clock = clockAt(noon)
	}
	var report bytes.Buffer
	options.Rejects = files.NewRejects(&report)
	summary, err := files.Import(context.Background(), store, strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&report).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"line", "field", "reason", "record", "file"}, rows[0]); diff != "" {
		t.Errorf("the report's header (-want +got):\n%s", diff)
	}
	rejects := []reject{}
	for _, row := range rows[1:] {
		rejects = append(rejects, reject{row[0], row[1], row[2], row[3]})
	}
	if sum := summary.Created + summary.Updated + summary.Unchanged + summary.Rejected; sum != summary.Read {
		t.Errorf("%d records were read, their outcomes are %d", summary.Read, sum)
	}
	if summary.Rejected != len(rejects) {
		t.Errorf("%d records were rejected, the report has %d", summary.Rejected, len(rejects))
	}
	return summary, rejects
}

// loadAll imports text of which nothing may be rejected.
func loadAll(t testing.TB, store crm.Store, text string, options files.Options) files.Summary {
	t.Helper()
	summary, rejects := load(t, store, text, options)
	for _, r := range rejects {
		t.Errorf("rejected: %+v", r)
	}
	return summary
}

func dump(t testing.TB, store crm.Store) string {
	t.Helper()
	var out strings.Builder
	if err := files.Dump(context.Background(), store, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func one[T any](t testing.TB, records crm.Records[T], id crm.ID) *T {
	t.Helper()
	found, err := records.ByID(context.Background(), []crm.ID{id}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found[id] == nil {
		t.Fatalf("there is no %s", id)
	}
	return found[id]
}

// put stores records, parents before what hangs on them.
func put(t testing.TB, store crm.Store, records ...crm.Record) {
	t.Helper()
	for _, r := range records {
		outcomes, err := store.Commit(context.Background(), []crm.Changes{crm.Put(crm.Change{Record: r})})
		if err := errors.Join(append(outcomes, err)...); err != nil {
			t.Fatal(err)
		}
	}
}

// everything is records of every kind that files hold, which have a value for every
// field: those of the fixture among them, and some that have all at once.
func everything() []crm.Record {
	return append(fixture.Records().All(),
		recordtest.FullTeam(), recordtest.FullEmployee(), recordtest.FullPartnerApp(), recordtest.FullOrganization(),
		recordtest.FullCustomer(), recordtest.FullProduct(), recordtest.FullOrder(), recordtest.FullTicket(), recordtest.FullArticle(),
		recordtest.FullInteraction(), recordtest.FullRecommendation(), recordtest.FullNextBestAction())
}

// envelopes are what lines say of each kind that files hold.
func envelopes() []string {
	var names []string
	for _, d := range crm.Shown() {
		names = append(names, crm.MemberName(crm.StructureOf(d.Kind).Type.Name()))
	}
	return names
}

// holds says whether a dump has a line in an envelope.
func holds(dump, envelope string) bool { return strings.Contains("\n"+dump, "\n"+`{"`+envelope+`":`) }

func TestDumpComesBack(t *testing.T) {
	first, all := newStore(t), everything()
	put(t, first, all...)
	text := dump(t, first)
	if n := strings.Count(text, "\n"); n != len(all) {
		t.Fatalf("the dump has %d lines, want %d", n, len(all))
	}
	for _, envelope := range envelopes() {
		if !holds(text, envelope) {
			t.Errorf("the dump has no %s: internal/test/fixture has none", envelope)
		}
	}

	second := newStore(t)
	if summary := loadAll(t, second, text, files.Options{}); summary.Created != len(all) {
		t.Errorf("summary %+v, want %d created", summary, len(all))
	}
	if diff := cmp.Diff(text, dump(t, second)); diff != "" {
		t.Errorf("the second dump (-first +second):\n%s", diff)
	}
	if summary := loadAll(t, second, text, files.Options{}); summary.Unchanged != len(all) {
		t.Errorf("again: %+v, want %d unchanged", summary, len(all))
	}
	if diff := cmp.Diff(text, dump(t, second)); diff != "" {
		t.Errorf("the dump after a second run (-first +second):\n%s", diff)
	}
}

// Every kind by rows as another system writes them: external ids, references by
// source and external id, nothing that can be derived.
const foreign = `{"team":{"source":"hr","externalId":"t1","name":"Care"}}
{"employee":{"source":"hr","externalId":"e1","name":"Eve","team":{"source":"hr","externalId":"t1"}}}
{"partnerApp":{"source":"apps","externalId":"a1","name":"Loyalty"}}
{"customer":{"kind":"ORGANIZATION","organizationName":"Acme","externalIdentities":[{"source":"erp","externalId":"o1"}]}}
{"customer":{"givenName":"Ann","familyName":"Lee","externalIdentities":[{"source":"shop","externalId":"c1"}],"owner":{"source":"hr","externalId":"e1"},"memberships":[{"organization":{"source":"erp","externalId":"o1"},"role":"BUYER"}],"emails":[{"address":"ann@example.com","primary":true}],"consents":[{"purpose":"MARKETING","status":"GRANTED","lawfulBasis":"CONSENT","grantedAt":"2024-01-01T00:00:00Z"}],"customAttributes":{"shoe size":"7","deep":{"b":1.50,"a":[null]}}}}
{"product":{"source":"shop","externalId":"p1","title":"Pot","variants":[{"sku":"POT","price":{"amount":"5.00","currencyCode":"GBP"}}]}}
{"order":{"source":"shop","externalId":"1001","customer":{"source":"shop","externalId":"c1"},"placedAt":"2024-02-01T10:00:00+01:00","lines":[{"product":{"source":"shop","externalId":"p1"},"title":"Pot","sku":"POT","quantity":3,"unitPrice":{"amount":"5","currencyCode":"GBP"}}]}}
{"ticket":{"source":"desk","externalId":"77","subject":"Broken pot","customer":{"source":"shop","externalId":"c1"},"createdAt":"2024-02-03T00:00:00Z","subjects":[{"order":{"source":"shop","externalId":"1001"},"line":"1"}],"articles":[{"body":"It broke","visibility":"PUBLIC","author":{"customer":{"source":"shop","externalId":"c1"}},"createdAt":"2024-02-03T00:00:00Z"},{"body":"Call her","author":{"employee":{"source":"hr","externalId":"e1"}}}]}}
{"interaction":{"source":"pbx","externalId":"x1","customer":{"source":"shop","externalId":"c1"},"channel":"PHONE","direction":"INBOUND","summary":"Asked for the pot","occurredAt":"2024-02-04T00:00:00Z","participants":[{"actor":{"employee":{"source":"hr","externalId":"e1"}}}]}}
{"recommendation":{"source":"ml","externalId":"r1","customer":{"source":"shop","externalId":"c1"},"product":{"source":"shop","externalId":"p1"},"kind":"REPLENISH","score":0.5,"reason":"Bought before","model":"pairs","modelVersion":"1"}}
{"nextBestAction":{"source":"ml","externalId":"n1","customer":{"source":"shop","externalId":"c1"},"title":"Call","reason":"Broken pot","score":0.9,"model":"rules","modelVersion":"1"}}
{"note":{"source":"desk","externalId":"n1","customer":{"source":"shop","externalId":"c1"},"order":{"source":"shop","externalId":"1001"},"text":"Call after five","author":{"employee":{"source":"hr","externalId":"e1"}}}}
{"need":{"source":"desk","externalId":"w1","customer":{"source":"shop","externalId":"c1"},"statement":"A lid for the pot","statedAt":"2024-02-04T00:00:00Z","product":{"source":"shop","externalId":"p1"}}}
`

func TestForeignRows(t *testing.T) {
	store := newStore(t)
	want := strings.Count(foreign, "\n") + 2 // a record a line, and the two articles of the ticket
	if summary := loadAll(t, store, foreign, files.Options{}); summary.Created != want {
		t.Errorf("summary %+v, want %d created", summary, want)
	}
	before := dump(t, store)
	later := files.Options{Clock: clockAt(noon.Add(time.Hour))}
	if summary := loadAll(t, store, foreign, later); summary.Unchanged != want {
		t.Errorf("again: %+v, want %d unchanged", summary, want)
	}
	if diff := cmp.Diff(before, dump(t, store)); diff != "" {
		t.Errorf("a second run changed something (-before +after):\n%s", diff)
	}

	order := one(t, crm.Of[crm.Order](store), "ord_shop.1001")
	if got := order.Price.Total; got != (crm.Money{Minor: 1500, CurrencyCode: "GBP"}) {
		t.Errorf("the order's total is %v, want the lines' 15.00 GBP", got)
	}
	if order.Number != "1001" || order.Lines[0].ID != "1" || order.Lines[0].ProductID != "prd_shop.p1" {
		t.Errorf("number %q, line %q, product %q", order.Number, order.Lines[0].ID, order.Lines[0].ProductID)
	}
	ann := one(t, crm.Of[crm.Customer](store), order.CustomerID)
	if ann.DisplayName != "Ann Lee" || ann.Version != 1 || !ann.CreatedAt.Equal(noon) {
		t.Errorf("name %q, version %d, created %v", ann.DisplayName, ann.Version, ann.CreatedAt)
	}
	if got := ann.CustomAttributes; len(got) != 2 || got[1].Value != `{"a":[null],"b":1.50}` {
		t.Errorf("custom attributes %+v", got)
	}
	if h := ann.Consents[0].History; len(h) != 1 || h[0].OccurredAt.Year() != 2024 || h[0].ActorRef.System != "import" {
		t.Errorf("the consent's history is %+v, want it granted in 2024", h)
	}
	ticket := one(t, crm.Of[crm.Ticket](store), crm.DerivedID(crm.KindTicket, "desk", "77"))
	if ticket.RequesterID != ann.ID || ticket.Number != "77" {
		t.Errorf("requester %q, number %q", ticket.RequesterID, ticket.Number)
	}
	articles, err := crm.Of[crm.Article](store).ListBy(context.Background(), []crm.Field{crm.FieldTicket}, []crm.ID{ticket.ID},
		crm.Query{Sort: crm.Sort{Field: crm.FieldCreatedAt}, Page: crm.PageRequest{Limit: 10}})
	if err != nil {
		t.Fatal(err)
	}
	if got := articles[ticket.ID].Items; len(got) != 2 || got[0].AuthorRef.ID != ann.ID || got[1].Visibility != crm.VisibilityInternal {
		t.Errorf("articles %+v", got)
	}
}

// The order of lines does not matter: what refers to a customer further down waits.
func TestRowsWaitForEachOther(t *testing.T) {
	straight, backwards := newStore(t), newStore(t)
	loadAll(t, straight, foreign, files.Options{})
	lines := strings.SplitAfter(foreign, "\n")
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	if summary := loadAll(t, backwards, strings.Join(lines, ""), files.Options{}); summary.Created != 15 {
		t.Errorf("summary %+v, want 15 created", summary)
	}
	if diff := cmp.Diff(dump(t, straight), dump(t, backwards)); diff != "" {
		t.Errorf("dumps (-straight +backwards):\n%s", diff)
	}
}

// A customer with as long a history as there may be comes back from a dump, and can
// be changed.
func TestALongHistoryComesBack(t *testing.T) {
	store, other := newStore(t), newStore(t)
	c := &crm.Customer{ID: ann, Version: crm.MaxElements + 1, CreatedAt: noon, UpdatedAt: noon, Tags: slices.Repeat([]string{"tag"}, crm.MaxElements)}
	for version := range crm.MaxElements {
		c.Changes = append(c.Changes, crm.ProfileChange{
			ID: string(ann) + "/PROFILE_CHANGED/" + strconv.Itoa(version+2), OccurredAt: noon, ActorRef: crm.ActorRef{System: "import"}, Fields: []string{"tags", "tier"},
		})
	}
	crm.Complete(c)
	put(t, store, c)
	loadAll(t, store, `{"id":"`+string(ann)+`","tier":"gold"}`, files.Options{Kind: "customers"})
	text := dump(t, store)
	if len(text) < 1<<20 {
		t.Errorf("the dump has %d bytes, want more than a MiB", len(text))
	}
	loadAll(t, other, text, files.Options{})
	if text != dump(t, other) {
		t.Error("the dump of the imported dump differs")
	}
	if c := one(t, crm.Of[crm.Customer](other), ann); *c.Tier != "gold" || len(c.Changes) != crm.MaxElements || c.Version != crm.MaxElements+2 {
		t.Errorf("tier %q, %d changes, version %d", *c.Tier, len(c.Changes), c.Version)
	}
}
