package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

// commit returns the codes of the Changes that were not stored, by their place.
func commit(t testing.TB, s crm.Store, changes ...crm.Changes) map[int]crm.Code {
	t.Helper()
	results, err := s.Commit(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[int]crm.Code{}
	for i, err := range results {
		if err != nil {
			codes[i] = crm.CodeOf(err)
		}
	}
	return codes
}

func wantCodes(t testing.TB, what string, got, want map[int]crm.Code) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: not stored (-want +got):\n%s", what, diff)
	}
}

// contents returns everything that a store has, the log included.
func contents(t testing.TB, s *sqlite.Store) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, d := range crm.Descriptions() {
		q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1_000_000}}
		page, err := s.List(t.Context(), d.Kind, q)
		if err != nil {
			t.Fatal(err)
		}
		all[d.Name] = page.Items
	}
	log, err := s.Log(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	all["log"] = log
	for _, problem := range s.Integrity(t.Context()) {
		t.Error(problem)
	}
	return all
}

func TestChangesOfSeveralKindsAreStoredTogether(t *testing.T) {
	s := open(t)
	c := newCompany(20)
	ticket, article := c.tickets[0], c.articles[0]
	together := crm.Put(
		crm.Change{Record: customerOf(c, ticket)}, crm.Change{Record: ticket}, crm.Change{Record: article}, crm.Change{Record: c.products[0]},
	)
	wantCodes(t, "all of them", commit(t, s, together), map[int]crm.Code{})
	before := contents(t, s)
	if n := len(before["tickets"].([]crm.Record)) + len(before["articles"].([]crm.Record)); n != 2 {
		t.Fatalf("%d stored, want the ticket and the article", n)
	}
	changed := *ticket
	changed.Subject, changed.Version = "Another subject", 2
	orphan := *c.articles[1]
	orphan.TicketID = crm.NewID(crm.KindTicket)
	fresh := customer(5000)
	for name, test := range map[string]struct {
		broken crm.Change
		want   crm.Code
	}{
		"a parent is missing":  {crm.Change{Record: &orphan}, crm.CodeInvalid},
		"it is there already":  {crm.Change{Record: article}, crm.CodeConflict},
		"it has changed":       {crm.Change{Record: c.products[0], Expect: 2}, crm.CodeConflict},
		"it is a parent":       {crm.Change{Remove: ticket.ID, Expect: 2}, crm.CodeInvalid},
		"nothing to remove":    {crm.Change{Remove: c.orders[0].ID, Expect: 1}, crm.CodeConflict},
		"no id":                {crm.Change{}, crm.CodeInvalid},
		"not an id":            {crm.Change{Remove: "nonsense"}, crm.CodeInvalid},
		"an id of other kinds": {crm.Change{Record: &crm.Team{ID: crm.NewID(crm.KindEmployee)}}, crm.CodeInvalid},
		"a derived kind":       {crm.Change{Record: &crm.TimelineRecord{ID: "x"}}, crm.CodeInvalid},
	} {
		refused := crm.Put(
			crm.Change{Record: fresh}, crm.Change{Record: &changed, Expect: 1}, test.broken, crm.Change{Record: c.products[1]},
		)
		for _, call := range [][]crm.Changes{{refused}, {refused, {}}} { // alone, and among others
			wantCodes(t, name, commit(t, s, call...), map[int]crm.Code{0: test.want})
			if diff := cmp.Diff(before, contents(t, s)); diff != "" {
				t.Errorf("%s: the store (-before +after):\n%s", name, diff)
			}
		}
	}
	refused := crm.Put(crm.Change{Record: &changed, Expect: 1}, crm.Change{Record: &orphan})
	wantCodes(t, "one of three", commit(
		t, s, crm.Put(crm.Change{Record: c.products[2]}), refused, crm.Changes{}, crm.Put(crm.Change{Record: &changed, Expect: 1}),
	), map[int]crm.Code{1: crm.CodeInvalid})
}

func customerOf(c *company, ticket *crm.Ticket) *crm.Customer {
	for _, customer := range c.customers {
		if customer.ID == ticket.CustomerID {
			return customer
		}
	}
	return nil
}

func TestRemoving(t *testing.T) {
	s := open(t)
	c := newCompany(40)
	load(t, s, &company{customers: c.customers, orders: c.orders, products: c.products}, 1000)
	order := c.orders[0]
	orders := crm.Of[crm.Order](s)
	number := []crm.Predicate{{Field: crm.FieldTokens, In: []string{order.Number}}}
	entries := []crm.Predicate{{Field: crm.FieldRef, In: []string{string(order.ID)}}}
	count := func(what string, want bool) {
		t.Helper()
		found, err := orders.Count(t.Context(), number)
		if err != nil || (found == 1) != want {
			t.Errorf("%s: found %d times (%v)", what, found, err)
		}
		if n, err := crm.Read[crm.TimelineRecord](s).Count(t.Context(), entries); err != nil || (n > 0) != want {
			t.Errorf("%s: %d entries (%v)", what, n, err)
		}
	}
	count("stored", true)
	removal := crm.Put(crm.Change{Remove: order.ID, Expect: 1})
	wantCodes(t, "expects another version", commit(t, s,
		crm.Put(crm.Change{Remove: order.ID}), crm.Put(crm.Change{Remove: order.ID, Expect: 2}),
	), map[int]crm.Code{0: crm.CodeInvalid, 1: crm.CodeConflict})
	count("refused", true)
	wantCodes(t, "twice", commit(t, s, removal, removal), map[int]crm.Code{1: crm.CodeConflict})
	count("removed", false)
	wantCodes(t, "and stored again", commit(t, s, crm.Put(crm.Change{Record: order}), removal, crm.Put(crm.Change{Record: order})), map[int]crm.Code{})
	count("stored again", true)

	owner := order.CustomerID
	results, err := s.Commit(t.Context(), []crm.Changes{crm.Put(crm.Change{Remove: owner, Expect: 1})})
	if err != nil || crm.CodeOf(results[0]) != crm.CodeInvalid || strings.Contains(results[0].Error(), string(owner)) {
		t.Errorf("a customer with orders: %v %v, want Invalid without the id", results, err)
	}
	all := crm.Changes{}
	for _, o := range c.orders {
		if o.CustomerID == owner {
			all.Records = append(all.Records, crm.Change{Remove: o.ID, Expect: 1})
		}
	}
	all.Records = append(all.Records, crm.Change{Remove: owner, Expect: 1})
	wantCodes(t, "children first", commit(t, s, all), map[int]crm.Code{})
	contents(t, s) // looks for what was left
	if found, err := s.ByID(t.Context(), crm.KindCustomer, []crm.ID{owner}, nil); err != nil || len(found) != 0 {
		t.Errorf("the customer is there still: %v (%v)", found, err)
	}
	customer := *c.customers[1]
	customer.ID, customer.Consents, customer.Changes = crm.NewID(crm.KindCustomer), nil, nil
	wantCodes(t, "somebody's identity", commit(t, s,
		crm.Put(crm.Change{Record: &customer}),
	), map[int]crm.Code{0: crm.CodeConflict})
	first := identityOf(c, owner)
	customer.ExternalIdentities = first
	wantCodes(t, "an identity given up", commit(t, s, crm.Put(crm.Change{Record: &customer})), map[int]crm.Code{})
}

func identityOf(c *company, id crm.ID) []crm.ExternalIdentity {
	for _, customer := range c.customers {
		if customer.ID == id {
			return customer.ExternalIdentities
		}
	}
	return nil
}

// big returns 20,000 documents that belong together: customers and their orders,
// each with an entry in the timeline.
func big() crm.Changes {
	c := newCompany(2000)
	changes := crm.Changes{}
	documents := 0
	for _, r := range c.customers {
		documents += 1 + len(r.TimelineRecords())
		changes.Records = append(changes.Records, crm.Change{Record: r})
	}
	for _, r := range c.orders {
		if documents += 1 + len(r.TimelineRecords()); documents > 20_000 {
			break
		}
		changes.Records = append(changes.Records, crm.Change{Record: r})
	}
	return changes
}

func TestLargeChangesAreAllOrNothing(t *testing.T) {
	s := open(t)
	before, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changes := big()
	last := *changes.Records[len(changes.Records)-1].Record.(*crm.Order)
	last.ID, last.CustomerID = crm.DerivedID(crm.KindOrder, "shop", "last"), crm.NewID(crm.KindCustomer)
	broken := crm.Put(append(changes.Records, crm.Change{Record: &last})...)
	wantCodes(t, "the last is broken", commit(t, s, broken), map[int]crm.Code{0: crm.CodeInvalid})
	for name, list := range contents(t, s) {
		if records, ok := list.([]crm.Record); ok && len(records) > 0 {
			t.Errorf("%d %s are left", len(records), name)
		}
	}
	one, two := crm.Put(crm.Change{Record: customer(3000)}), crm.Put(crm.Change{Record: customer(3001)}, crm.Change{Record: customer(3002)})
	wantCodes(t, "all of it, among others", commit(t, s, one, broken, two, changes, one, two), map[int]crm.Code{
		1: crm.CodeInvalid, 4: crm.CodeConflict, 5: crm.CodeConflict,
	})
	if log := contents(t, s)["log"].([]crm.LogEntry); len(log) != len(changes.Records)+3 || log[0].Number != 1 {
		t.Errorf("%d entries in the log, want %d from 1", len(log), len(changes.Records)+3)
	}
	after, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("schema (-before +after):\n%s", diff)
	}
}

func TestChangesThatAreTooLargeAreRefused(t *testing.T) {
	counted := &calls{count: map[string]int{}}
	s := open(t, sqlite.WithCallObserver(counted.observe))
	many := crm.Changes{}
	for range crm.MaxChangeDocuments + 1 {
		many.Records = append(many.Records, crm.Change{Record: &crm.Team{}})
	}
	chronicle := customer(1)
	history := chronicle.Consents[0].History[0]
	for range crm.MaxChangeDocuments {
		chronicle.Consents[0].History = append(chronicle.Consents[0].History, history)
	}
	name := strings.Repeat("a", crm.MaxText)
	teams := func(bytes int) (changes crm.Changes) {
		for range bytes / len(name) {
			changes.Records = append(changes.Records, crm.Change{Record: team(name)})
		}
		return changes
	}
	for name, changes := range map[string]crm.Changes{
		"records": many, "entries": crm.Put(crm.Change{Record: chronicle}), "bytes": teams(crm.MaxChangeBytes),
	} {
		got := counted.during(func() { wantCodes(t, name, commit(t, s, changes), map[int]crm.Code{0: crm.CodeInvalid}) })
		if got["insert"] > 0 {
			t.Errorf("%s: something was written: %v", name, got)
		}
	}
	wantCodes(t, "half of it", commit(t, s, teams(crm.MaxChangeBytes/2)), map[int]crm.Code{})
}

func TestOneOfTwoWritersOfARecordHasAConflict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	stores := []*sqlite.Store{reopen(t, path), reopen(t, path)}
	wantCodes(t, "the record", commit(t, stores[0], crm.Put(crm.Change{Record: customer(1)})), map[int]crm.Code{})
	for version := 1; version <= 20; version++ {
		outcomes := make([]error, len(stores))
		var wait sync.WaitGroup
		for i, s := range stores {
			wait.Go(func() {
				c := customer(1)
				c.Version = version + 1
				results, err := s.Commit(t.Context(), []crm.Changes{crm.Put(
					crm.Change{Record: c, Expect: version}, crm.Change{Record: team("Care")},
				)})
				outcomes[i] = errors.Join(append(results, err)...)
			})
		}
		wait.Wait()
		if (outcomes[0] == nil) == (outcomes[1] == nil) || crm.CodeOf(errors.Join(outcomes...)) != crm.CodeConflict {
			t.Fatalf("version %d: %v, want one Conflict", version, outcomes)
		}
	}
	if n, err := stores[1].Count(t.Context(), crm.KindTeam, nil); n != 20 || err != nil {
		t.Errorf("%d teams (%v), want one for each version", n, err)
	}
}

// stranger is a record of a kind that nobody has described.
type stranger struct{ *crm.Customer }

func (stranger) RecordKind() crm.Kind { return "str" }

func TestKindsThatAreNotDescribed(t *testing.T) {
	s := open(t)
	wantCodes(t, "a stranger", commit(t, s, crm.Put(crm.Change{Record: stranger{customer(1)}})), map[int]crm.Code{0: crm.CodeInvalid})
	fields, ids := []crm.Field{crm.FieldCustomer}, []crm.ID{crm.NewID(crm.KindCustomer)}
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}}
	_, byID := s.ByID(t.Context(), "str", ids, nil)
	_, list := s.List(t.Context(), "str", q)
	_, count := s.Count(t.Context(), "str", nil)
	_, listBy := s.ListBy(t.Context(), "str", fields, ids, q)
	_, countBy := s.CountBy(t.Context(), "str", fields, ids, nil)
	for i, err := range []error{byID, list, count, listBy, countBy} {
		if err == nil || crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("read %d: %v, want Invalid", i, err)
		}
	}
}

func BenchmarkChanges(b *testing.B) {
	changes := big()
	documents := 0
	for _, c := range changes.Records {
		documents += 1 + len(crm.TimelineOf(c.Record))
	}
	b.Run(fmt.Sprint(documents), func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := open(b)
			b.StartTimer()
			wantCodes(b, "all of it", commit(b, s, changes), map[int]crm.Code{})
		}
	})
	at, email, question := time.Now(), crm.ChannelEmail, crm.TicketTypeQuestion
	for _, n := range []int{1, 500, 5000} { // tickets with two articles, each a Changes
		b.Run(fmt.Sprintf("%dx3", n), func(b *testing.B) {
			s := open(b)
			list := make([]crm.Changes, n)
			for b.Loop() {
				for i := range list {
					ticket := &crm.Ticket{
						ID: crm.NewID(crm.KindTicket), Number: "T", Channel: &email, Type: &question,
						Version: 1, CreatedAt: at, UpdatedAt: at,
					}
					ticket.Complete()
					one := &crm.Article{ID: crm.NewID(crm.KindArticle), TicketID: ticket.ID, Channel: &email, CreatedAt: at}
					two := &crm.Article{ID: crm.NewID(crm.KindArticle), TicketID: ticket.ID, Channel: &email, CreatedAt: at}
					one.Complete()
					two.Complete()
					list[i] = crm.Put(crm.Change{Record: ticket}, crm.Change{Record: one}, crm.Change{Record: two})
				}
				wantCodes(b, "all of it", commit(b, s, list...), map[int]crm.Code{})
			}
		})
	}
}
