package access_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// now is the time in these tests.
var now = time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func id(kind crm.Kind, n int) crm.ID {
	if kind == crm.KindOrder || kind == crm.KindProduct {
		return crm.DerivedID(kind, []string{"web", "pos"}[n%2], strconv.Itoa(n))
	}
	return crm.DerivedID(kind, "test", strconv.Itoa(n))
}

func ptr[T any](v T) *T { return &v }

func isOrganization(c crm.ID) bool {
	return slices.Contains([]crm.ID{id(crm.KindCustomer, 4), id(crm.KindCustomer, 5), id(crm.KindCustomer, 6)}, c)
}

// randomWorld draws people 0 to 3, organizations 4 to 6 and what hangs on them.
func randomWorld(t *rapid.T) world {
	var w world
	customerOrNone := func(what string) crm.ID {
		if n := rapid.IntRange(-1, 6).Draw(t, what); n >= 0 {
			return id(crm.KindCustomer, n)
		}
		return ""
	}
	source := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	some := func(what string) int { return rapid.IntRange(0, 7).Draw(t, what) }
	for n := range 7 {
		w.customers = append(w.customers, randomCustomer(t, n))
	}
	for n := range some("orders") {
		o := &crm.Order{ID: id(crm.KindOrder, n), Number: strconv.Itoa(n), Source: []string{"web", "pos"}[n%2], ExternalID: strconv.Itoa(n), PlacedAt: now, UpdatedAt: now}
		o.CustomerID = customerOrNone("customer")
		if isOrganization(o.CustomerID) {
			o.OrganizationID = o.CustomerID
		} else if organization := customerOrNone("organization"); isOrganization(organization) {
			o.OrganizationID = organization
		}
		w.orders = append(w.orders, o)
	}
	for n := range some("products") {
		w.products = append(w.products, &crm.Product{ID: id(crm.KindProduct, n), Source: []string{"web", "pos"}[n%2], Title: strconv.Itoa(n)})
	}
	for n := range some("tickets") {
		x := &crm.Ticket{ID: id(crm.KindTicket, n), Number: strconv.Itoa(n), CustomerID: customerOrNone("customer"), RequesterID: customerOrNone("requester"), CreatedAt: now}
		if s := source("source", "", "web", "helpdesk"); s != "" {
			x.Source = &s
		}
		if isOrganization(x.RequesterID) {
			x.CustomerID = x.RequesterID // An organization asks about itself, not about a person.
		}
		x.Complete()
		w.tickets = append(w.tickets, x)
	}
	for n := range some("articles") {
		if len(w.tickets) == 0 {
			break
		}
		a := &crm.Article{ID: id(crm.KindArticle, n), TicketID: rapid.SampledFrom(w.tickets).Draw(t, "ticket").ID, CreatedAt: now}
		a.Visibility = rapid.SampledFrom([]crm.Visibility{crm.VisibilityPublic, crm.VisibilityInternal}).Draw(t, "visibility")
		a.AuthorRef.ID = customerOrNone("author")
		w.articles = append(w.articles, a)
	}
	for n := range some("interactions") {
		i := &crm.Interaction{ID: id(crm.KindInteraction, n), CustomerID: customerOrNone("customer"), OccurredAt: now}
		if s := source("source", "", "web", "helpdesk"); s != "" {
			i.Source = &s
		}
		w.interactions = append(w.interactions, i)
	}
	for n := range some("recommendations") {
		r := &crm.Recommendation{ID: id(crm.KindRecommendation, n), CustomerID: customerOrNone("customer"), Score: 0.5}
		r.ProductID = rapid.SampledFrom([]crm.ID{"", "prd_web.1", "prd_pos.1"}).Draw(t, "product")
		r.Status = rapid.SampledFrom([]crm.RecommendationStatus{crm.RecommendationStatusActive, crm.RecommendationStatusExpired}).Draw(t, "status")
		if rapid.Bool().Draw(t, "expires") {
			r.ExpiresAt = ptr(now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "expiry")) * time.Hour))
		}
		w.recommendations = append(w.recommendations, r)
	}
	return w
}

func randomCustomer(t *rapid.T, n int) *crm.Customer {
	c := &crm.Customer{ID: id(crm.KindCustomer, n), DisplayName: "Customer " + strconv.Itoa(n%3), UpdatedAt: now}
	if n > 3 {
		c.Kind = crm.CustomerKindOrganization
	}
	c.Complete()
	if rapid.IntRange(0, 9).Draw(t, "standing") == 0 {
		c.Status = crm.CustomerStatusBlocked
	}
	for _, s := range []string{"web", "pos", "crm"} {
		if rapid.Bool().Draw(t, "identity") {
			c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: s, ExternalID: "known" + strconv.Itoa(n)})
		}
	}
	for _, country := range []string{"DE", "fr"} {
		if rapid.Bool().Draw(t, "address") {
			c.Addresses = append(c.Addresses, crm.Address{Line1: "1", CountryCode: &country})
		}
	}
	c.Emails = []crm.EmailAddress{{Address: "mail" + strconv.Itoa(n%2) + "@example.com"}}
	if rapid.IntRange(0, 3).Draw(t, "withheld") == 0 {
		c.Consents = []*crm.Consent{{Purpose: crm.ConsentPurposePersonalization, Status: crm.ConsentStatusDenied}}
	}
	roles := []crm.MembershipRole{crm.MembershipRoleBuyer, crm.MembershipRoleApprover, crm.MembershipRoleBilling, crm.MembershipRoleUser}
	for organization := 4; organization < 7 && n < 4; organization++ {
		if rapid.Bool().Draw(t, "member") {
			m := &crm.Membership{OrganizationID: id(crm.KindCustomer, organization), Role: rapid.SampledFrom(roles).Draw(t, "role")}
			if rapid.Bool().Draw(t, "bounded") {
				m.ValidTo = ptr(now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "valid")) * time.Hour))
			}
			c.Memberships = append(c.Memberships, m)
		}
	}
	return c
}

// randomPrincipal draws a customer in the portal or a partner with row limits.
func randomPrincipal(t *rapid.T) *access.Principal {
	if rapid.Bool().Draw(t, "portal") {
		return &access.Principal{Kind: access.KindCustomer, ID: "customer:1", Customer: id(crm.KindCustomer, rapid.IntRange(0, 7).Draw(t, "self"))}
	}
	p := &access.Principal{Kind: access.KindPartner, ID: "key_1", Scopes: access.Scopes()}
	p.Rows.Sources = rapid.SampledFrom([][]string{nil, {"web"}, {"pos"}, {"web", "pos"}}).Draw(t, "sources")
	p.Rows.Regions = rapid.SampledFrom([][]string{nil, {"DE"}, {"DE", "FR"}}).Draw(t, "regions")
	p.Rows.Own = rapid.SampledFrom([]string{"", "crm", "web"}).Draw(t, "own")
	return p
}

// TestListsHoldWhatMayBeHad draws worlds and principals: what a list or a count
// selects is what can be had by id, page by page, in both directions.
func TestListsHoldWhatMayBeHad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, who := randomWorld(t), randomPrincipal(t)
		before, err := json.Marshal(w.customers)
		if err != nil {
			t.Fatal(err)
		}
		raw := newMemory(w)
		store := access.Store(raw, access.NewPolicy(raw, access.PolicyRules(), access.PolicyOptions{Clock: clock}))
		as := func() context.Context { return access.With(context.Background(), who) }

		people := byID(as(), t, raw, store, crm.KindCustomer)
		both := []crm.Field{crm.FieldCustomer, crm.FieldOrganization}
		agree(t, as, "orders", raw, store, crm.KindOrder, both, people)
		agree(t, as, "tickets", raw, store, crm.KindTicket, []crm.Field{crm.FieldCustomer, crm.FieldRequester}, people)
		agree(t, as, "articles", raw, store, crm.KindArticle, []crm.Field{crm.FieldTicket}, byID(as(), t, raw, store, crm.KindTicket))
		agree(t, as, "interactions", raw, store, crm.KindInteraction, both[:1], people)
		agree(t, as, "recommendations", raw, store, crm.KindRecommendation, both[:1], people)
		agree(t, as, "products", raw, store, crm.KindProduct, nil, nil)
		if who.Kind == access.KindPartner {
			agree(t, as, "members", raw, store, crm.KindCustomer, both[1:], people)
		}
		after, _ := json.Marshal(w.customers)
		if diff := cmp.Diff(string(before), string(after)); diff != "" {
			t.Fatalf("a record was changed:\n%s", diff)
		}
	})
}

// byID returns which of all records can be had by id.
func byID(ctx context.Context, t *rapid.T, all *memory, from crm.Reads, kind crm.Kind) []crm.ID {
	t.Helper()
	var ids, seen []crm.ID
	for _, r := range all.records[kind] {
		ids = append(ids, r.RecordID())
	}
	found, err := from.ByID(ctx, kind, ids, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		seen = append(seen, r.RecordID())
	}
	// Whatever is wanted of records, the same may be had.
	bare, err := from.ByID(ctx, kind, ids, crm.KeyMembers(kind, crm.FieldID))
	if err != nil || len(bare) != len(found) {
		t.Fatalf("%d of %s can be had by id, and %d if nothing is wanted of them (%v)", len(found), kind, len(bare), err)
	}
	return seen
}

// agree compares lists of a kind, of all records and under each parent, with what
// can be had by id.
func agree(
	t *rapid.T, as func() context.Context, what string, all *memory, from crm.Reads, kind crm.Kind, fields []crm.Field, parents []crm.ID,
) {
	t.Helper()
	visible := byID(as(), t, all, from, kind)
	where := []crm.Predicate{}
	if rapid.Bool().Draw(t, "conditions") && what == "members" {
		where = rapid.SampledFrom([][]crm.Predicate{
			{{Field: crm.FieldEmail, In: []string{"mail0@example.com"}}},
			{{Field: crm.FieldName, In: []string{"customer 1"}}},
		}).Draw(t, "where")
	}
	matching := all.matching(kind, where)
	expect := func(hangs func(crm.Record) bool) []crm.ID {
		ids := []crm.ID{}
		for _, r := range matching {
			if slices.Contains(visible, r.RecordID()) && hangs(r) {
				ids = append(ids, r.RecordID())
			}
		}
		slices.Sort(ids)
		return ids
	}
	limit, backward := rapid.IntRange(1, 3).Draw(t, "limit"), rapid.Bool().Draw(t, "backward")
	bare := crm.KeyMembers(kind, crm.FieldID)
	listed, err := walk(where, bare, limit, backward, func(q crm.Query) (crm.RecordPage, error) { return from.List(as(), kind, q) })
	switch n, countErr := from.Count(as(), kind, where); {
	case err != nil && crm.CodeOf(err) == crm.CodeForbidden && crm.CodeOf(countErr) == crm.CodeForbidden:
	case err != nil || countErr != nil:
		t.Fatalf("%s: %v, %v", what, err, countErr)
	default:
		want := expect(func(crm.Record) bool { return true })
		if diff := cmp.Diff(want, listed); diff != "" || n != len(want) {
			t.Fatalf("all %s (-may be had +listed), counted %d:\n%s", what, n, diff)
		}
	}
	for n := range 8 {
		for _, parent := range []crm.ID{id(crm.KindCustomer, n), id(crm.KindTicket, n)} {
			if fields == nil {
				break
			}
			listed, err := walk(where, bare, limit, backward, func(q crm.Query) (crm.RecordPage, error) {
				pages, err := from.ListBy(as(), kind, fields, []crm.ID{parent}, q)
				return pages[parent], err
			})
			counts, countErr := from.CountBy(as(), kind, fields, []crm.ID{parent}, where)
			if err != nil || countErr != nil {
				t.Fatalf("%s under %s: %v, %v", what, parent, err, countErr)
			}
			under := all.under(kind, fields, parent, where)
			want := expect(func(r crm.Record) bool { return slices.Contains(parents, parent) && slices.Contains(under, r) })
			if diff := cmp.Diff(want, listed); diff != "" || counts[parent] != len(want) {
				t.Fatalf("%s under %s (-may be had +listed), counted %d:\n%s", what, parent, counts[parent], diff)
			}
		}
	}
}

// walk pages through a list to its end and gives its ids, sorted.
func walk(where []crm.Predicate, want *crm.Members, limit int, backward bool, read func(crm.Query) (crm.RecordPage, error)) ([]crm.ID, error) {
	q := crm.Query{Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: limit, Backward: backward}, Members: want}
	ids := []crm.ID{}
	for promised := false; ; promised = true {
		page, err := read(q)
		if err != nil {
			return nil, err
		}
		if len(page.Items) > limit || (promised || page.More) && len(page.Items) == 0 {
			return nil, fmt.Errorf("a page of %d records, more: %t", len(page.Items), page.More)
		}
		for _, r := range page.Items {
			ids = append(ids, r.RecordID())
		}
		if !page.More {
			slices.Sort(ids)
			return ids, nil
		}
		if backward {
			q.Page.Before = &crm.Position{ID: page.Items[0].RecordID()}
		} else {
			q.Page.After = &crm.Position{ID: page.Items[len(page.Items)-1].RecordID()}
		}
	}
}

// TestLongListsOfWhatIsHidden pages through a ticket whose conversation is mostly
// hidden, and counts it, and one that is too long for that.
func TestLongListsOfWhatIsHidden(t *testing.T) {
	w := fixedWorld()
	w.articles = nil
	for n := range 1200 {
		a := &crm.Article{ID: id(crm.KindArticle, n), TicketID: id(crm.KindTicket, 2), Visibility: crm.VisibilityPublic, CreatedAt: now.Add(time.Duration(n) * time.Second)}
		if a.AuthorRef.ID = colleague; n%600 == 599 {
			a.AuthorRef.ID = asker
		}
		w.articles = append(w.articles, a)
	}
	a := ask(t, w, portal())
	ticket := id(crm.KindTicket, 2)
	page := func(q crm.Query) crm.Page[crm.Article] {
		q.Sort = crm.Sort{Field: crm.FieldCreatedAt}
		pages, err := crm.Of[crm.Article](a.store).ListBy(a.ctx(), []crm.Field{crm.FieldTicket}, []crm.ID{ticket}, q)
		if err != nil {
			t.Fatal(err)
		}
		return pages[ticket]
	}
	first := page(crm.Query{Page: crm.PageRequest{Limit: 1}})
	if len(first.Items) != 1 || first.Items[0].ID != id(crm.KindArticle, 599) || !first.More {
		t.Fatalf("the first page has %d articles, more: %t", len(first.Items), first.More)
	}
	after := first.Items[0].Position(crm.FieldCreatedAt)
	second := page(crm.Query{Page: crm.PageRequest{Limit: 1, After: &after}})
	if len(second.Items) != 1 || second.Items[0].ID != id(crm.KindArticle, 1199) || second.More {
		t.Fatalf("the second page has %d articles, more: %t", len(second.Items), second.More)
	}
	count := func() (map[crm.ID]int, error) {
		return crm.Of[crm.Article](a.store).CountBy(a.ctx(), []crm.Field{crm.FieldTicket}, []crm.ID{ticket}, nil)
	}
	if n, err := count(); err != nil || n[ticket] != 2 {
		t.Errorf("counted %d of 2 to be seen: %v", n[ticket], err)
	}
	for _, r := range w.articles {
		r.AuthorRef.ID = asker
	}
	if _, err := count(); crm.CodeOf(err) != crm.CodeForbidden {
		t.Errorf("1,200 to be seen: %v, want FORBIDDEN", err)
	}
}
