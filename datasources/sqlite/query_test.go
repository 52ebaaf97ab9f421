package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

// calls counts what the observer is told.
type calls struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *calls) observe(call string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count[call]++
}

// during returns what work sends.
func (c *calls) during(work func()) map[string]int {
	c.mu.Lock()
	c.count = map[string]int{}
	c.mu.Unlock()
	work()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

func TestReadingIsOneStatementForAnyNumberOfIDs(t *testing.T) {
	counted := &calls{count: map[string]int{}}
	s := open(t, sqlite.WithCallObserver(counted.observe))
	c := newCompany(120)
	load(t, s, c, 1000)
	both := []crm.Field{crm.FieldCustomer, crm.FieldOrganization}
	newest := crm.Query{Sort: (*crm.OrderOrder)(nil).Sort(), Page: crm.PageRequest{Limit: 5}}
	for _, n := range []int{1, 10, 100} {
		ids := make([]crm.ID, n)
		for i := range ids {
			ids[i] = c.customers[i].ID
		}
		reads := map[string]func(ctx context.Context) error{
			"ByID": func(ctx context.Context) error { _, err := crm.Of[crm.Customer](s).ByID(ctx, ids, nil); return err },
			"List": func(ctx context.Context) error { _, err := crm.Of[crm.Order](s).List(ctx, newest); return err },
			"ListBy": func(ctx context.Context) error {
				_, err := crm.Of[crm.Order](s).ListBy(ctx, both, ids, newest)
				return err
			},
			"Count": func(ctx context.Context) error { _, err := crm.Of[crm.Order](s).Count(ctx, nil); return err },
			"CountBy": func(ctx context.Context) error {
				_, err := crm.Of[crm.Order](s).CountBy(ctx, both, ids, nil)
				return err
			},
			"Facts": func(ctx context.Context) error { _, err := s.Facts(ctx, ids); return err },
			"Ping":  s.Ping,
		}
		for name, read := range reads {
			got := counted.during(func() {
				if err := read(t.Context()); err != nil {
					t.Errorf("%s of %d: %v", name, n, err)
				}
			})
			if diff := cmp.Diff(map[string]int{"select": 1}, got); diff != "" {
				t.Errorf("%s of %d sends (-want +got):\n%s", name, n, diff)
			}
		}
	}
}

func TestWritingIsAFewStatementsForManyRecords(t *testing.T) {
	counted := &calls{count: map[string]int{}}
	s := open(t, sqlite.WithCallObserver(counted.observe))
	c := newCompany(64)
	load(t, s, &company{customers: c.customers}, 64)
	got := counted.during(func() { write(t, crm.Of[crm.Team](s), []*crm.Team{team("Care")}, 1) })
	if diff := cmp.Diff(map[string]int{"transaction": 2, "select": 1, "insert": 2}, got); diff != "" {
		t.Errorf("one team (-want +got):\n%s", diff)
	}
	order := c.orders[0]
	got = counted.during(func() { write(t, crm.Of[crm.Order](s), []*crm.Order{order}, 1) })
	if got["insert"] > 9 || got["transaction"] != 2 {
		t.Errorf("one order: %v", got)
	}
	got = counted.during(func() { write(t, crm.Of[crm.Order](s), c.orders[1:65], 64) })
	if got["insert"] > 13 || got["transaction"] != 2 {
		t.Errorf("64 orders: %v", got)
	}
	got = counted.during(func() {
		results, err := crm.Of[crm.Order](s).Write(t.Context(), []crm.Write[crm.Order]{{Record: order, Expect: 1}})
		if err = errors.Join(append(results, err)...); err != nil {
			t.Error(err)
		}
	})
	if got["update"] != 1 || got["delete"] != 2 || got["transaction"] != 2 {
		t.Errorf("one order again: %v", got)
	}
}

func TestVerbs(t *testing.T) {
	for statement, want := range map[string]string{
		"SELECT 1": "select", "WITH k AS (SELECT 1) SELECT 1": "select", "INSERT INTO t VALUES (?)": "insert",
		"UPDATE t SET a = ?": "update", "DELETE FROM t": "delete", "PRAGMA user_version": "pragma",
		"DROP INDEX i": "ddl", "CREATE INDEX i ON t (a)": "ddl", "SAVEPOINT a": "transaction", "ROLLBACK TO a": "transaction", "RELEASE a": "transaction",
	} {
		if got := sqlite.Verb(statement); got != want {
			t.Errorf("%s: %s, want %s", statement, got, want)
		}
	}
}

func TestPlansUseTheirIndex(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	load(t, s, newCompany(50), 1000)
	ids := []crm.ID{crm.NewID(crm.KindCustomer), crm.NewID(crm.KindCustomer)}
	where := func(field crm.Field, values ...string) []crm.Predicate {
		return []crm.Predicate{{Field: field, In: values}}
	}
	after := crm.PageRequest{Limit: 5, After: &crm.Position{Time: time.Now(), ID: ids[0]}}
	orders := crm.Query{Sort: (*crm.OrderOrder)(nil).Sort(), Page: after}
	paid := orders
	paid.Where = append(where(crm.FieldStatus, "COMPLETED"), crm.Predicate{Field: crm.FieldTokens, Prefix: "5"})
	customers := crm.Query{Sort: (*crm.CustomerOrder)(nil).Sort(), Page: after}
	active := crm.Query{Where: where(crm.FieldStatus, "ACTIVE"), Sort: customers.Sort, Page: after}
	unknown := crm.Query{Where: []crm.Predicate{{Field: crm.FieldLifecycle, Absent: true}}, Sort: customers.Sort, Page: after}
	known := crm.Query{Where: []crm.Predicate{{Field: crm.FieldLifecycle, Present: true}}, Sort: customers.Sort, Page: after}
	email := crm.Query{Where: where(crm.FieldEmail, "a@example.com"), Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 2}}
	entries := crm.Query{Where: where(crm.FieldKind, "INTERACTION", "ORDER_PLACED"), Sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: after}
	ranked := crm.Query{Where: where(crm.FieldStatus, "ACTIVE"), Sort: crm.Sort{Field: crm.FieldRank, Desc: true}, Page: crm.PageRequest{Limit: 5}}
	tests := []struct {
		name string
		plan func() ([]string, error)
		want []string
		sort bool // whether the plan may sort what it found
	}{
		{
			"customers", func() ([]string, error) { return sqlite.PlanList(ctx, s, crm.KindCustomer, customers) },
			[]string{"customers_updated_at ((updated_at,id)<(?,?))"},
			false,
		},
		{
			"customers by status", func() ([]string, error) { return sqlite.PlanList(ctx, s, crm.KindCustomer, active) },
			[]string{"customers_status (status=? AND (updated_at,id)<(?,?))"},
			false,
		},
		{
			"customers without a stage", func() ([]string, error) { return sqlite.PlanList(ctx, s, crm.KindCustomer, unknown) },
			[]string{"customers_lifecycle_stage (lifecycle_stage=? AND (updated_at,id)<(?,?))"},
			false,
		},
		{
			"customers with a stage", func() ([]string, error) { return sqlite.PlanList(ctx, s, crm.KindCustomer, known) },
			[]string{"customers_updated_at ((updated_at,id)<(?,?))"},
			true,
		},
		{
			"customer by email", func() ([]string, error) { return sqlite.PlanList(ctx, s, crm.KindCustomer, email) },
			[]string{"customers_keys USING PRIMARY KEY (field=? AND value=?)"},
			true,
		},
		{"orders of customers", func() ([]string, error) {
			return sqlite.PlanListBy(ctx, s, crm.KindOrder, []crm.Field{crm.FieldCustomer, crm.FieldOrganization}, ids, orders)
		}, []string{"orders_customer (customer=? AND (placed_at,id)<(?,?))", "orders_organization (organization=? AND (placed_at,id)<(?,?))"}, false},
		{"some orders of customers", func() ([]string, error) {
			return sqlite.PlanListBy(ctx, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, ids, paid)
		}, []string{"orders_customer (customer=? AND (placed_at,id)<(?,?))"}, false},
		{"timeline", func() ([]string, error) {
			return sqlite.PlanListBy(ctx, s, crm.KindTimeline, []crm.Field{crm.FieldCustomer}, ids, entries)
		}, []string{"COVERING INDEX timeline_customer (customer=? AND (occurred_at,id)<(?,?))"}, false},
		{"recommendations", func() ([]string, error) {
			return sqlite.PlanListBy(ctx, s, crm.KindRecommendation, []crm.Field{crm.FieldCustomer}, ids, ranked)
		}, []string{"recommendations_customer (customer=?)"}, false},
		{"counts of orders", func() ([]string, error) {
			return sqlite.PlanCountBy(ctx, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, ids, nil)
		}, []string{"COVERING INDEX orders_customer (customer=?)"}, false},
		{"members", func() ([]string, error) {
			return sqlite.PlanListBy(ctx, s, crm.KindCustomer, []crm.Field{crm.FieldOrganization}, ids, customers)
		}, []string{"USING PRIMARY KEY (field=? AND value=?)"}, true},
		{"facts", func() ([]string, error) { return sqlite.PlanFacts(ctx, s, ids) }, []string{
			"COVERING INDEX orders_customer (", "COVERING INDEX orders_organization (", "COVERING INDEX tickets_customer (",
			"COVERING INDEX tickets_requester (", "COVERING INDEX interactions_customer (",
		}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			steps, err := test.plan()
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(steps, "\n")
			for _, want := range test.want {
				if !strings.Contains(plan, want) {
					t.Errorf("the plan has no %q:\n%s", want, plan)
				}
			}
			wantFrugal(t, steps, test.sort)
		})
	}
}

// wantFrugal holds that a plan scans nothing and, unless it may, sorts nothing.
func wantFrugal(t *testing.T, steps []string, sorts bool) {
	t.Helper()
	plan := strings.Join(steps, "\n")
	scans := slices.ContainsFunc(steps, func(step string) bool {
		return strings.HasPrefix(step, "SCAN ") && step != "SCAN k" && !strings.Contains(step, "VIRTUAL TABLE")
	})
	if scans || !sorts && strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("the plan reads more than it gives:\n%s", plan)
	}
}

// unlisted are lists that nobody asks for, of kinds whose tables were made by hand.
func unlisted() map[crm.Kind][]crm.Field {
	return map[crm.Kind][]crm.Field{
		crm.KindArticle:  {crm.FieldCreatedAt}, // of all tickets
		crm.KindCustomer: {crm.FieldOwner},     // of an employee: only as a condition
	}
}

// Every kind is listed and counted by the indexes that its description calls for.
func TestPlansOfEveryKind(t *testing.T) {
	s := open(t)
	for _, kind := range crm.Kinds() {
		ways := storetest.WaysOf(kind, 100)
		var changes []crm.Changes
		for _, r := range ways.Records {
			changes = append(changes, crm.Put(crm.Change{Record: r}))
		}
		if _, err := s.Commit(t.Context(), changes); err != nil { // What they belong to may be there for another kind.
			t.Fatal(err)
		}
		if n, err := s.Count(t.Context(), kind, nil); err != nil || n < 100 {
			t.Fatalf("%d records of %s are stored (%v)", n, kind, err)
		}
		t.Run(crm.Describe(kind).Name, func(t *testing.T) { plansOf(t, s, kind, ways) })
	}
}

func plansOf(t *testing.T, s *sqlite.Store, kind crm.Kind, ways storetest.Ways) {
	t.Helper()
	d := crm.Describe(kind)
	conditions := [][]crm.Predicate{nil}
	for _, p := range ways.Within {
		conditions = append(conditions, []crm.Predicate{p})
	}
	want := func(what string, sorts bool, plan func() ([]string, error)) {
		t.Helper()
		t.Run(what, func(t *testing.T) {
			steps, err := plan()
			if err != nil {
				t.Fatal(err)
			}
			wantFrugal(t, steps, sorts)
		})
	}
	for _, field := range ways.Sorts {
		key, _ := d.Key(field)
		after := &crm.Position{Time: time.Now(), Text: "x", ID: "x"}
		q := crm.Query{Sort: crm.Sort{Field: field, Desc: true}, Page: crm.PageRequest{Limit: 5, After: after}}
		if key.Class != crm.ClassNumber && !slices.Contains(unlisted()[kind], field) { // A number sorts the lists of a parent.
			want("sorted by "+string(field), false, func() ([]string, error) { return sqlite.PlanList(t.Context(), s, kind, q) })
		}
		for _, by := range ways.By {
			parent, _ := d.Key(by)
			if slices.Contains(unlisted()[kind], by) {
				continue
			}
			for _, where := range conditions {
				q.Where = where
				sorts := field != ways.Sorts[0] || parent.Class == crm.ClassMany
				want(fmt.Sprintf("by %s sorted by %s where %v", by, field, where), sorts, func() ([]string, error) {
					return sqlite.PlanListBy(t.Context(), s, kind, []crm.Field{by}, ways.IDs, q)
				})
			}
		}
	}
	for _, by := range ways.By {
		for _, where := range conditions {
			want(fmt.Sprintf("count by %s where %v", by, where), true, func() ([]string, error) {
				return sqlite.PlanCountBy(t.Context(), s, kind, []crm.Field{by}, ways.IDs, where)
			})
		}
	}
}

func TestAnUnknownFieldIsAnError(t *testing.T) {
	s := open(t)
	field := crm.Field("name; DROP TABLE customers")
	ids := []crm.ID{crm.NewID(crm.KindCustomer)}
	known := crm.Sort{Field: crm.FieldID}
	_, where := crm.Of[crm.Customer](s).List(t.Context(), crm.Query{Where: []crm.Predicate{{Field: field, In: []string{"x"}}}, Sort: known})
	_, sorted := crm.Of[crm.Customer](s).List(t.Context(), crm.Query{Sort: crm.Sort{Field: field}})
	_, by := crm.Of[crm.Customer](s).ListBy(t.Context(), []crm.Field{field}, ids, crm.Query{Sort: known})
	_, count := crm.Of[crm.Customer](s).CountBy(t.Context(), []crm.Field{crm.FieldTag, field}, ids, nil)
	for i, err := range []error{where, sorted, by, count} {
		if crm.CodeOf(err) != crm.CodeInternal || err == nil {
			t.Errorf("query %d: %v, want Internal", i, err)
		}
	}
}

func TestAQueryEndsWithItsContext(t *testing.T) {
	s := open(t)
	const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := s.Run(ctx, endless); crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("after the deadline: %v, want Unavailable", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	timer := time.AfterFunc(30*time.Millisecond, cancel)
	defer timer.Stop()
	if err := s.Run(ctx, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("after the caller has gone: %v, want context.Canceled", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the store afterwards: %v", err)
	}
}

func TestSuccessor(t *testing.T) {
	tests := map[string]string{"a": "b", "az": "a{", "é": "\xc3\xaa", "\u07ff": "\xdf\xc0", "a\xff": "b", "a\xfe\xff": "a\xff", "a\ufffd": "a\xef\xbf\xbe", "\xff": "", "": ""}
	for prefix, want := range tests {
		if got, ok := sqlite.Successor(prefix); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", prefix, got, ok, want)
		}
	}
}
