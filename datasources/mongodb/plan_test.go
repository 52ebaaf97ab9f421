package mongodb_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// shapes are the ways one kind is listed and counted: every condition alone
// under every sort, some together, by every parent.
type shapes struct {
	sorts    []crm.Field
	byParent bool            // never listed as a whole
	ranks    []crm.Field     // of the sorts, those by which only a parent's records are
	alone    []crm.Predicate // selective or not: an index serves each
	parents  [][]crm.Field
	ids      []crm.ID
	within   []crm.Predicate // of a parent's records
}

// records are those of a kind in a store, which its shapes are run against.
type records struct {
	crm.Store
	kind crm.Kind
}

func (r records) list(t *testing.T, q crm.Query) int {
	page, err := r.List(t.Context(), r.kind, q)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return len(page.Items)
}

func (r records) listBy(t *testing.T, fields []crm.Field, ids []crm.ID, q crm.Query) int {
	pages, err := r.ListBy(t.Context(), r.kind, fields, ids, q)
	if err != nil {
		t.Fatalf("list by %v: %v", fields, err)
	}
	n := 0
	for _, page := range pages {
		n += len(page.Items)
	}
	return n
}

func (r records) count(t *testing.T, where []crm.Predicate) {
	if _, err := r.Count(t.Context(), r.kind, where); err != nil {
		t.Fatalf("count: %v", err)
	}
}

func (r records) countBy(t *testing.T, fields []crm.Field, ids []crm.ID, where []crm.Predicate) int {
	counts, err := r.CountBy(t.Context(), r.kind, fields, ids, where)
	if err != nil {
		t.Fatalf("count by %v: %v", fields, err)
	}
	return len(counts)
}

func is(field crm.Field, values ...string) crm.Predicate {
	return crm.Predicate{Field: field, In: values}
}

func present(field crm.Field) crm.Predicate { return crm.Predicate{Field: field, Present: true} }
func absent(field crm.Field) crm.Predicate  { return crm.Predicate{Field: field, Absent: true} }

func since(field crm.Field, n int) crm.Predicate {
	return crm.Predicate{Field: field, After: ptr(at(n))}
}

func starts(prefix string) crm.Predicate {
	return crm.Predicate{Field: crm.FieldTokens, Prefix: prefix}
}

func customerShapes() shapes {
	return shapes{
		sorts: []crm.Field{crm.FieldUpdatedAt, crm.FieldCreatedAt, crm.FieldName, crm.FieldID},
		alone: []crm.Predicate{
			is(crm.FieldStatus, "ACTIVE"), is(crm.FieldStatus, "BLOCKED", "MERGED"), is(crm.FieldKind, "ORGANIZATION"),
			is(crm.FieldLifecycle, "PROSPECT"), is(crm.FieldLoyalty, "LOYAL"), is(crm.FieldTag, "tag1"), is(crm.FieldTag, "tag1", "tag2"),
			present(crm.FieldLifecycle), absent(crm.FieldLifecycle), present(crm.FieldLoyalty), absent(crm.FieldLoyalty),
			present(crm.FieldOwner), absent(crm.FieldOwner),
			is(crm.FieldSegment, "segment1"), is(crm.FieldOwner, string(id(crm.KindEmployee, 3))),
			is(crm.FieldEmail, "person7@example.com"), is(crm.FieldPhone, "+441632900007"), is(crm.FieldIdentity, "shop:7"),
			since(crm.FieldUpdatedAt, 350), since(crm.FieldCreatedAt, 350), starts("person12"), starts("fam"), starts("given1"),
		},
		parents: [][]crm.Field{{crm.FieldOrganization}}, ids: ids(crm.KindCustomer, 0, 100),
		within: []crm.Predicate{is(crm.FieldStatus, "ACTIVE")},
	}
}

func orderShapes() shapes {
	return shapes{
		sorts: []crm.Field{crm.FieldPlacedAt, crm.FieldUpdatedAt, crm.FieldID},
		alone: []crm.Predicate{
			is(crm.FieldSource, source), is(crm.FieldStatus, "CANCELED"), is(crm.FieldStatus, "OPEN", "COMPLETED"),
			is(crm.FieldFinancial, "PENDING"), is(crm.FieldFulfillment, "DELIVERED"), is(crm.FieldNumber, "n77"),
			since(crm.FieldPlacedAt, 400), since(crm.FieldUpdatedAt, 400), starts("n12"), starts("n1"),
		},
		parents: [][]crm.Field{{crm.FieldCustomer}, {crm.FieldOrganization}, {crm.FieldCustomer, crm.FieldOrganization}},
		ids:     ids(crm.KindCustomer, 0, 100),
		within: []crm.Predicate{
			is(crm.FieldStatus, "CANCELED"), is(crm.FieldStatus, "OPEN", "CANCELED"), is(crm.FieldSource, "elsewhere"),
			is(crm.FieldFinancial, "PAID"), is(crm.FieldFulfillment, "DELIVERED"), since(crm.FieldPlacedAt, 300), since(crm.FieldUpdatedAt, 300),
		},
	}
}

func ticketShapes() shapes {
	return shapes{
		sorts: []crm.Field{crm.FieldCreatedAt, crm.FieldUpdatedAt, crm.FieldID},
		alone: []crm.Predicate{
			is(crm.FieldStatus, "CLOSED"), is(crm.FieldOpen, "yes"), is(crm.FieldType, "QUESTION"), is(crm.FieldPriority, "URGENT"),
			is(crm.FieldChannel, "WEB", "EMAIL"), is(crm.FieldAssignee, string(id(crm.KindEmployee, 3))), is(crm.FieldQueue, string(id(crm.KindTeam, 1))),
			present(crm.FieldType), absent(crm.FieldType), present(crm.FieldChannel), absent(crm.FieldChannel),
			present(crm.FieldAssignee), absent(crm.FieldAssignee), present(crm.FieldQueue), absent(crm.FieldQueue),
			since(crm.FieldCreatedAt, 1000), since(crm.FieldUpdatedAt, 1000), starts("t12"),
		},
		parents: [][]crm.Field{{crm.FieldCustomer}, {crm.FieldRequester}, {crm.FieldCustomer, crm.FieldRequester}},
		ids:     ids(crm.KindCustomer, 0, 100),
		within: []crm.Predicate{
			is(crm.FieldOpen, "yes"), is(crm.FieldStatus, "CLOSED"), is(crm.FieldPriority, "URGENT"), is(crm.FieldChannel, "FAX"),
			is(crm.FieldType, "COMPLAINT"), is(crm.FieldAssignee, string(id(crm.KindEmployee, 3))), is(crm.FieldQueue, string(id(crm.KindTeam, 1))),
			present(crm.FieldType), absent(crm.FieldType), present(crm.FieldChannel), absent(crm.FieldChannel),
			present(crm.FieldAssignee), absent(crm.FieldAssignee), present(crm.FieldQueue), absent(crm.FieldQueue),
			since(crm.FieldCreatedAt, 100), since(crm.FieldUpdatedAt, 100),
		},
	}
}

// madeShapes are those of the kinds whose indexes were made for them. The others have
// what their descriptions call for.
func madeShapes() map[crm.Kind]shapes {
	named := shapes{sorts: []crm.Field{crm.FieldName, crm.FieldID}}
	products := shapes{
		sorts: []crm.Field{crm.FieldName, crm.FieldUpdatedAt, crm.FieldID},
		alone: []crm.Predicate{
			is(crm.FieldSource, source), is(crm.FieldCategory, "category 3"), is(crm.FieldSKU, "shop:SKU7", "shop:SKU8"), starts("product"), starts("sku12"), starts("sku1"),
		},
	}
	customers := ids(crm.KindCustomer, 0, 100)
	byCustomer := [][]crm.Field{{crm.FieldCustomer}}
	return map[crm.Kind]shapes{
		crm.KindCustomer: customerShapes(), crm.KindOrder: orderShapes(), crm.KindTicket: ticketShapes(),
		crm.KindTeam: named, crm.KindEmployee: named, crm.KindPartnerApp: named, crm.KindProduct: products,
		crm.KindArticle: {
			sorts: []crm.Field{crm.FieldCreatedAt, crm.FieldID}, byParent: true, parents: [][]crm.Field{{crm.FieldTicket}}, ids: ids(crm.KindTicket, 0, 100),
			within: []crm.Predicate{is(crm.FieldVisibility, "PUBLIC")},
		},
		crm.KindInteraction: {
			sorts: []crm.Field{crm.FieldOccurredAt, crm.FieldID}, byParent: true, parents: byCustomer, ids: customers,
			alone:  []crm.Predicate{is(crm.FieldThread, "thread-7")},
			within: []crm.Predicate{is(crm.FieldChannel, "PHONE"), is(crm.FieldThread, "thread-7"), since(crm.FieldOccurredAt, 100)},
		},
		crm.KindRecommendation: {
			sorts: []crm.Field{crm.FieldRank, crm.FieldID}, byParent: true, parents: byCustomer, ids: customers,
			within: []crm.Predicate{is(crm.FieldKind, "UP_SELL"), is(crm.FieldStatus, "ACTIVE", "SHOWN")},
		},
		crm.KindNextBestAction: {
			sorts: []crm.Field{crm.FieldRank, crm.FieldID}, byParent: true, parents: byCustomer, ids: customers,
			within: []crm.Predicate{is(crm.FieldStatus, "DONE")},
		},
		crm.KindTimeline: {
			sorts: []crm.Field{crm.FieldOccurredAt, crm.FieldID}, byParent: true, parents: byCustomer, ids: customers,
			within: []crm.Predicate{is(crm.FieldKind, "ORDER_CANCELED"), is(crm.FieldKind, "ORDER_PLACED", "TICKET_OPENED"), since(crm.FieldOccurredAt, 100)},
		},
	}
}

// watch sees what the server did and what the store sent: the profiler leaves
// out what fetches more of an aggregate that has no collection.
type watch struct {
	*mongod.Profiler
	calls calls
}

// scanned is a server whose every operation is profiled and that refuses to
// scan a collection for a filter, with a data set.
func scanned(t *testing.T, data people) (crm.Store, *watch) {
	t.Helper()
	server := mongod.Start(t)
	sent := make(calls, 1<<16)
	store := opened(t, server.URI("crm"), observing(sent))
	data.fill(t, store)
	sent.drain()
	admin := server.Client().Database("admin")
	if err := admin.RunCommand(context.Background(), bson.D{{Key: "setParameter", Value: 1}, {Key: "notablescan", Value: true}}).Err(); err != nil {
		t.Fatalf("forbid scans: %v", err)
	}
	return store, &watch{Profiler: mongod.Profile(t, server.Client(), "crm"), calls: sent}
}

func TestEveryQueryHasAnIndex(t *testing.T) {
	store, profiler := scanned(t, people{customers: 400, orders: 20, lines: 1, others: 3})
	made := madeShapes()
	for _, d := range crm.Descriptions() {
		s, ok := made[d.Kind]
		if !ok {
			s = describedShapes(t, store, profiler, d.Kind)
		}
		t.Run(d.Name, func(t *testing.T) { s.run(t, records{store, d.Kind}, profiler) })
	}
}

// described is how many records a kind has that is listed as its description has it:
// more than may be examined.
const described = 1000

// describedShapes are those that a kind's description calls for. It stores records
// of the kind.
func describedShapes(t *testing.T, store crm.Store, profiler *watch, kind crm.Kind) shapes {
	t.Helper()
	ways := storetest.WaysOf(kind, described)
	var changes []crm.Changes
	for _, r := range ways.Records {
		changes = append(changes, crm.Put(crm.Change{Record: r}))
	}
	commit(t, store, changes...) // What they belong to may be there for another kind.
	if n, err := store.Count(t.Context(), kind, nil); err != nil || n != described {
		t.Fatalf("%d records of %s are stored (%v)", n, kind, err)
	}
	profiler.calls.drain()
	profiler.Ops(t)
	s := shapes{sorts: ways.Sorts, ids: ways.IDs, within: ways.Within}
	if ways.Searched {
		s.alone = append(s.alone, starts("name"))
	}
	for _, field := range ways.Sorts {
		if key, _ := crm.Describe(kind).Key(field); key.Class == crm.ClassNumber {
			s.ranks = append(s.ranks, field)
		}
	}
	for _, field := range ways.By {
		s.parents = append(s.parents, []crm.Field{field})
	}
	return s
}

func (s shapes) run(t *testing.T, r records, profiler *watch) {
	conditions := [][]crm.Predicate{nil}
	for _, p := range s.alone {
		conditions = append(conditions, []crm.Predicate{p})
	}
	for _, where := range conditions {
		for _, field := range s.sorts {
			for _, desc := range []bool{false, true} {
				if where == nil && s.byParent && field != crm.FieldID || where != nil && field == crm.FieldID && where[0].Field != crm.FieldTokens {
					continue // Nobody lists these: only a dump and a search sort by id.
				}
				if slices.Contains(s.ranks, field) {
					continue
				}
				q := crm.Query{Where: where, Sort: crm.Sort{Field: field, Desc: desc}, Page: crm.PageRequest{Limit: 10}}
				cheap(t, profiler, describe("list", nil, q), 1, func() int { return r.list(t, q) })
			}
		}
		free(t, profiler, describe("count", nil, crm.Query{Where: where}), func() { r.count(t, where) })
	}
	conditions = [][]crm.Predicate{nil}
	for _, p := range s.within {
		conditions = append(conditions, []crm.Predicate{p})
	}
	for _, fields := range s.parents {
		for _, where := range conditions {
			for _, field := range s.sorts {
				if field == crm.FieldID {
					continue
				}
				q := crm.Query{Where: where, Sort: crm.Sort{Field: field, Desc: true}, Page: crm.PageRequest{Limit: 2}}
				cheapBy(t, profiler, describe("list by", fields, q), len(fields)*len(s.ids)*(q.Page.Limit+1), func() int { return r.listBy(t, fields, s.ids, q) })
			}
			free(t, profiler, describe("count by", fields, crm.Query{Where: where}), func() { r.countBy(t, fields, s.ids, where) })
		}
	}
}

func describe(what string, fields []crm.Field, q crm.Query) string {
	var text strings.Builder
	text.WriteString(what)
	for _, f := range fields {
		text.WriteString(" " + string(f))
	}
	for _, p := range q.Where {
		text.WriteString(" where " + string(p.Field) + " " + strings.Join(p.In, "|") + p.Prefix)
		if p.Present || p.Absent {
			text.WriteString("there " + strconv.FormatBool(p.Present))
		}
	}
	if q.Sort.Field != "" {
		text.WriteString(" sorted by " + string(q.Sort.Field))
	}
	return text.String()
}

// cheap runs what must be one command that scans nothing and examines at most
// 4 × (documents returned + ids asked) + 100 documents.
func cheap(t *testing.T, profiler *watch, what string, asked int, run func() int) {
	t.Helper()
	returned := run()
	ops := profiler.Ops(t)
	profiler.wantOne(t, what, ops)
	for _, op := range ops {
		if strings.Contains(op.Plan, "COLLSCAN") {
			t.Errorf("%s scans the collection: %+v", what, op)
		}
		if limit := 4*(returned+asked) + 100; op.Docs > limit {
			t.Errorf("%s examines %d documents, want at most %d: %+v", what, op.Docs, limit, op)
		}
	}
}

// cheapBy runs what must be at most two commands that scan nothing and together examine
// three times as many documents as the pages can hold, and 100: a sweep and what it did
// not come to.
func cheapBy(t *testing.T, profiler *watch, what string, room int, run func() int) {
	t.Helper()
	run()
	ops := profiler.Ops(t)
	sent, docs := 0, 0
	for _, n := range profiler.calls.drain() {
		sent += n
	}
	for _, op := range ops {
		docs += op.Docs
		if strings.Contains(op.Plan, "COLLSCAN") {
			t.Errorf("%s scans the collection: %+v", what, op)
		}
	}
	if sent > 2 || len(ops) != sent {
		t.Errorf("%s: %d commands sent, %d seen, want at most 2: %+v", what, sent, len(ops), ops)
	}
	if most := 3*room + 100; docs > most {
		t.Errorf("%s examines %d documents, want at most %d: %+v", what, docs, most, ops)
	}
}

func (w *watch) wantOne(t *testing.T, what string, ops []mongod.Op) {
	t.Helper()
	sent := 0
	for _, n := range w.calls.drain() {
		sent += n
	}
	if sent != 1 || len(ops) != 1 {
		t.Errorf("%s: %d commands sent, %d seen, want 1: %+v", what, sent, len(ops), ops)
	}
}

// free runs what must be one command that examines no document.
func free(t *testing.T, profiler *watch, what string, run func()) {
	t.Helper()
	run()
	ops := profiler.Ops(t)
	profiler.wantOne(t, what, ops)
	for _, op := range ops {
		if op.Docs > 0 || strings.Contains(op.Plan, "COLLSCAN") {
			t.Errorf("%s examines documents: %+v", what, op)
		}
	}
}
