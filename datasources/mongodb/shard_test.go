package mongodb_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// broadcast is a kind of command that goes to all shards, as it does not name the
// values of the shard key.
type broadcast struct {
	// what is an access's, with "a parent" for filters that name one.
	what string
	// only are the collections that it is sent to, none for those of all kinds that
	// are written by themselves.
	only []string
	// by are those that it is sent to with the fields that its filter names, each of
	// them alone.
	by            map[string][]crm.Field
	query, reason string // for docs/operations.md
}

// is says whether the broadcast is of what a command does to a collection.
func (b broadcast) is(what, collection string) bool {
	if b.by != nil {
		return slices.ContainsFunc(b.by[collection], func(f crm.Field) bool { return what == b.what+" by "+mongodb.Path(f) })
	}
	return b.what == what && (slices.Contains(b.only, collection) || len(b.only) == 0 && collection != timeline)
}

const (
	byParent = "a parent"
	timeline = "timeline"
)

func broadcasts() []broadcast {
	return []broadcast{
		{
			what: "list", query: "lists and search at the root, `customerByIdentifier`, an import's look for identities, a dump",
			reason: "what they filter and sort by does not say where a record lies; the router merges what each shard has first",
		},
		{
			what: "count", query: "`totalCount` at the root",
			reason: "as for lists; without a filter it is read from metadata, which counts what is just being moved twice",
		},
		{
			what: "count", only: []string{timeline}, query: "a count of all entries",
			reason: "the graph does not ask for it; tests do",
		},
		{
			what: "$lookup by " + byParent, query: "what hangs on a record, and its count",
			reason: "records lie by id, so that an id is one record's and a move to another customer leaves them where they are (ADR 20)",
		},
		{
			what: "$lookup", by: map[string][]crm.Field{customers: {crm.FieldOrganization}}, query: "an organization's members",
			reason: "customers lie by id, and one may belong to several organizations",
		},
		{
			what: "$lookup", by: map[string][]crm.Field{"notes": {crm.FieldOrder}}, query: "`Order.notes`",
			reason: "notes lie by id, as all that hangs on a record; an order of a shop's own is stored nowhere",
		},
		{
			what: "$lookup", by: map[string][]crm.Field{customers: {crm.FieldIdentity, crm.FieldEmail}}, query: "who the buyers of shops' orders are",
			reason: "one command asks by both; `customers_identity` knows whose an identity is, but nothing whose an address is, which several may have",
		},
		{
			what: "$lookup", query: "records by others that they name",
			by: map[string][]crm.Field{
				customers: {crm.FieldOwner}, "tickets": {crm.FieldAssignee, crm.FieldQueue},
				"events": {crm.FieldEntity, crm.FieldCustomer}, "audit_entries": {crm.FieldEntity},
			},
			reason: "the graph does not ask for them; tests do",
		},
		{
			what: "aggregate by " + byParent, only: []string{"orders", "tickets", "interactions"},
			query:  "`statistics`, and orders and tickets of several customers: one aggregate for all of them",
			reason: "each shard sums up index keys or sorts its records, and the router puts them together",
		},
		{
			what: "find by " + byParent, query: "what hangs on several records, and whether something hangs on one that is to be removed",
			reason: "as above",
		},
		{
			what: "find by _id", only: []string{timeline}, query: "entries by id",
			reason: "the graph does not ask for them, as entries are no nodes; tests do",
		},
		{
			what: "$lookup", by: map[string][]crm.Field{timeline: {crm.FieldRef}}, query: "entries by their record",
			reason: "the graph does not ask for them; tests do",
		},
	}
}

// unsharded are the collections that stay on one shard, with the reason.
func unsharded() map[string]string {
	return map[string]string{
		"log":         "entries get their numbers together; on several shards a reader outside of the transaction could see a number before a lower one",
		"passes":      "a removal writes to all of them; there are few",
		"api_keys":    "`hash` is unique by an index; there are few",
		"checkpoints": "small, read and written by id",
		"seen":        "small, written by id",
	}
}

// spread are the collections that a cluster can spread over its shards, with the
// path of the field that it does so by.
func spread() map[string]string {
	keys := map[string]string{}
	for _, d := range crm.Descriptions() {
		keys[d.Name] = mongodb.Path(d.Shard)
		if name := mongodb.OwnersName(d); name != "" {
			keys[name] = "_id"
		}
	}
	return keys
}

// parentsOf are the paths that hold parents, by collection.
func parentsOf() map[string][]string {
	paths := map[string][]string{}
	for _, d := range crm.Descriptions() {
		for _, key := range d.Keys {
			if key.Parent != "" {
				paths[d.Name] = append(paths[d.Name], mongodb.Path(key.Field))
			}
		}
	}
	return paths
}

// watched notes where the commands of stores would go in a cluster.
type watched struct {
	mu       sync.Mutex
	used     map[string]bool // the queries of broadcasts that commands were of, alone and with collection and command
	wrong    map[string]bool // what is neither targeted nor in a list
	targeted int
}

func newWatched() *watched {
	return &watched{used: map[string]bool{}, wrong: map[string]bool{}}
}

func (w *watched) option() mongodb.Option {
	keys, parents := spread(), parentsOf()
	return mongodb.WithMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		list, known := accesses(e.Command)
		w.mu.Lock()
		defer w.mu.Unlock()
		if !known {
			w.wrong["the command "+e.CommandName+" is not known: add it to accesses"] = true
		}
		for _, a := range list {
			w.note(a, keys, parents[a.collection])
		}
	}})
}

func (w *watched) note(a access, keys map[string]string, parents []string) {
	key, sharded := keys[a.collection]
	if !sharded {
		if unsharded()[a.collection] == "" {
			w.wrong["the collection "+a.collection+" is of no kind: add it to unsharded with the reason, or to spread"] = true
		}
		return
	}
	if a.values(key) {
		w.targeted++
		return
	}
	what := a.what
	if command, fields, by := strings.Cut(what, " by "); by &&
		slices.ContainsFunc(strings.Split(fields, ", "), func(f string) bool { return slices.Contains(parents, f) }) {
		what = command + " by " + byParent
	}
	for _, b := range broadcasts() {
		if b.is(what, a.collection) {
			w.used[b.query] = true
			w.used[b.query+a.collection+what] = true
			return
		}
	}
	w.wrong[fmt.Sprintf("%s of %s does not name %s: name it, or add %q to broadcasts with the reason", a.what, a.collection, key, what)] = true
}

// check holds that each command names its collection's shard key or stands in a
// list, and that nothing stands there that no command is; the latter only if the
// whole suite has run.
func (w *watched) check(t *testing.T) {
	t.Helper()
	for wrong := range w.wrong {
		t.Error(wrong)
	}
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return
	}
	if w.targeted == 0 {
		t.Error("no command named a shard key")
	}
	for _, b := range broadcasts() {
		if !w.used[b.query] {
			t.Errorf("no command is %q of %v: take it out of broadcasts", b.what, b.only)
		}
		for collection, fields := range b.by {
			for _, f := range fields {
				if what := b.what + " by " + mongodb.Path(f); !w.used[b.query+collection+what] {
					t.Errorf("no command is %q of %s: take it out of broadcasts", what, collection)
				}
			}
		}
	}
}

// TestUniqueIndexesAreOnOneShard holds that no collection that a cluster can spread
// has a unique index but that of ids.
func TestUniqueIndexesAreOnOneShard(t *testing.T) {
	uri := mongod.URI(t)
	opened(t, uri)
	db := raw(t, uri)
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	for name := range spread() {
		if !slices.Contains(names, name) {
			t.Errorf("Migrate does not make %s: a transaction over several shards could not", name)
		}
	}
	for _, name := range names {
		indexes, err := db.Collection(name).Indexes().ListSpecifications(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range indexes {
			if index.Unique != nil && *index.Unique && unsharded()[name] == "" {
				t.Errorf("%s has the unique index %s", name, index.Name)
			}
		}
	}
}
