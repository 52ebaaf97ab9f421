package mongodb_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

const (
	customers = "customers"
	owners    = "customers_identity"
)

// named is customer n, a person, in a version and with some identities.
func named(n, version int, identities ...string) *crm.Customer {
	c := customer(n)
	c.Kind, c.Memberships, c.Version, c.ExternalIdentities = crm.CustomerKindPerson, nil, version, nil
	for _, identity := range identities {
		c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: source, ExternalID: identity})
	}
	return c
}

// raw is a store's database as the driver has it.
func raw(t *testing.T, uri string) *mongo.Database {
	t.Helper()
	named, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(strings.TrimPrefix(named.Path, "/"))
}

// claimed is whose each identity is, by the customers and by the collection that
// says so.
func claimed(t *testing.T, db *mongo.Database) (byRecord, byValue map[string]string) {
	t.Helper()
	var records []struct {
		ID   string `bson:"_id"`
		Keys struct {
			Identity []string `bson:"identity"`
		} `bson:"keys"`
	}
	var values []struct {
		ID    string `bson:"_id"`
		Owner string `bson:"owner"`
	}
	all(t, db.Collection(customers), &records)
	all(t, db.Collection(owners), &values)
	byRecord, byValue = map[string]string{}, map[string]string{}
	for _, r := range records {
		for _, value := range r.Keys.Identity {
			if owner := byRecord[value]; owner != "" && owner != r.ID {
				t.Errorf("%s is two customers'", value)
			}
			byRecord[value] = r.ID
		}
	}
	for _, v := range values {
		byValue[v.ID] = v.Owner
	}
	return byRecord, byValue
}

func all(t *testing.T, docs *mongo.Collection, into any) {
	t.Helper()
	cursor, err := docs.Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cursor.All(t.Context(), into); err != nil {
		t.Fatal(err)
	}
}

// Customers take identities, give them up, pass them on and go, many in one
// Changes: it is always known whose each is.
func TestOwnersFollowTheRecords(t *testing.T) {
	const seed, people, rounds = 7, 6, 60
	uri := mongod.URI(t)
	db := raw(t, uri)
	s := opened(t, uri)
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // The same every time.
	versions := make([]int, people)             // 0 is not stored
	stored, refused := 0, 0
	for range rounds {
		next := slices.Clone(versions)
		var changes crm.Changes
		for range 1 + random.IntN(4) {
			n := random.IntN(people)
			if next[n] > 0 && random.IntN(4) == 0 {
				changes.Records = append(changes.Records, crm.Change{Remove: id(crm.KindCustomer, n), Expect: next[n]})
				next[n] = 0
				continue
			}
			var identities []string
			for range random.IntN(3) {
				identities = append(identities, strconv.Itoa(random.IntN(people)))
			}
			changes.Records = append(changes.Records, crm.Change{Record: named(n, next[n]+1, identities...), Expect: next[n]})
			next[n]++
		}
		if code := commit(t, s, changes)[0]; code == "" {
			versions, stored = next, stored+1
		} else {
			refused++
		}
		byRecord, byValue := claimed(t, db)
		if diff := cmp.Diff(byRecord, byValue); diff != "" {
			t.Fatalf("after %d changes (-customers +owners):\n%s", stored, diff)
		}
	}
	if stored < rounds/4 || refused == 0 {
		t.Errorf("%d were stored and %d refused, want some of both", stored, refused)
	}
}

// A store of an earlier version had a unique index in place of the collection. It
// is migrated by two at once, after one who gave up half-way and left what is no
// longer right.
func TestOwnersOfAnEarlierVersion(t *testing.T) {
	const people = 2500 // more than two steps
	uri := mongod.URI(t)
	db := raw(t, uri)
	s := opened(t, uri)
	var changes []crm.Changes
	for n := range people {
		changes = append(changes, store(named(n, 1, strconv.Itoa(n), fmt.Sprintf("again-%d", n))))
	}
	commit(t, s, changes...)
	want, _ := claimed(t, db)
	unique := mongo.IndexModel{
		Keys: bson.D{{Key: "keys.identity", Value: 1}},
		Options: options.Index().SetUnique(true).
			SetPartialFilterExpression(bson.D{{Key: "keys.identity", Value: bson.D{{Key: "$exists", Value: true}}}}),
	}
	if _, err := db.Collection(customers).Indexes().CreateOne(t.Context(), unique); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Collection(owners).DeleteMany(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: source + ":3"}}}}); err != nil {
		t.Fatal(err)
	}
	for value, owner := range map[string]crm.ID{"shop:1": id(crm.KindCustomer, 2), "shop:given-up": id(crm.KindCustomer, 1), "shop:of-nobody": "cus_gone"} {
		set := bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: owner}}}}
		if _, err := db.Collection(owners).UpdateByID(t.Context(), value, set, options.UpdateOne().SetUpsert(true)); err != nil {
			t.Fatal(err)
		}
	}

	var migrating sync.WaitGroup
	for range 2 {
		migrating.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	migrating.Wait()

	byRecord, byValue := claimed(t, db)
	if diff := cmp.Diff(want, byRecord); diff != "" {
		t.Errorf("the customers have changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(want, byValue); diff != "" {
		t.Errorf("whose the identities are (-want +got):\n%s", diff)
	}
	indexes, err := db.Collection(customers).Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range indexes {
		if index.Unique != nil && *index.Unique {
			t.Errorf("the unique index %s is still there", index.Name)
		}
	}
	wantCodes(t, commit(t, s, store(named(people, 1, "2499")), store(named(people+1, 1, "given-up"))), crm.CodeConflict, "")
}

// drifted is a store whose index is gone, and to which an earlier version went on
// writing: customer 1 has no claim, what was 2's is said to be 3's, "stale" to be 4's
// who does not have it, and 6 has the identity of 5 too.
func drifted(t *testing.T, s crm.Store, db *mongo.Database) {
	t.Helper()
	var changes []crm.Changes
	for n := range 8 {
		changes = append(changes, store(named(n, 1, strconv.Itoa(n))))
	}
	commit(t, s, changes...)
	if _, err := db.Collection(owners).DeleteOne(t.Context(), bson.D{{Key: "_id", Value: "shop:1"}}); err != nil {
		t.Fatal(err)
	}
	for value, owner := range map[string]int{"shop:2": 3, "shop:stale": 4} {
		set := bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: id(crm.KindCustomer, owner)}}}}
		if _, err := db.Collection(owners).UpdateByID(t.Context(), value, set, options.UpdateOne().SetUpsert(true)); err != nil {
			t.Fatal(err)
		}
	}
	also := bson.D{{Key: "$push", Value: bson.D{{Key: "keys.identity", Value: "shop:5"}}}}
	if _, err := db.Collection(customers).UpdateByID(t.Context(), id(crm.KindCustomer, 6), also); err != nil {
		t.Fatal(err)
	}
}

// What an earlier version leaves that still ran after the migration is made good when
// that is asked for, and values of several records are told, not given to one of them.
func TestOwnersAreRepaired(t *testing.T) {
	uri := mongod.URI(t)
	db := raw(t, uri)
	s := opened(t, uri)
	drifted(t, s, db)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, commit(t, s, store(named(20, 1, "stale"))), crm.CodeConflict)

	repairing := fresh(t, mongodb.WithRepair())
	if err := repairing.Migrate(t.Context()); err != nil {
		t.Errorf("a store without fault: %v", err)
	}
	for range 2 {
		err := repair(t, uri)
		if crm.CodeOf(err) != crm.CodeConflict || !strings.Contains(err.Error(), " 1 values") {
			t.Errorf("one identity of two customers: %v", err)
		}
		wantNoSecret(t, err)
	}
	want := map[string]string{}
	for n := range 8 {
		want["shop:"+strconv.Itoa(n)] = string(id(crm.KindCustomer, n))
	}
	var values []struct {
		ID    string `bson:"_id"`
		Owner string `bson:"owner"`
	}
	all(t, db.Collection(owners), &values)
	got := map[string]string{}
	for _, v := range values {
		got[v.ID] = v.Owner
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("whose the identities are (-want +got):\n%s", diff)
	}

	wantCodes(t, commit(t, s, crm.Put(crm.Change{Record: named(6, 2, "6"), Expect: 1})), "") // gives up what is 5's
	wantCodes(t, commit(t, s, store(named(21, 1, "5"))), crm.CodeConflict)
	if err := repair(t, uri); err != nil {
		t.Errorf("after one of the two has given it up: %v", err)
	}
	wantCodes(t, commit(t, s, store(named(20, 1, "stale")), store(named(22, 1, "1"))), "", crm.CodeConflict)
	byRecord, byValue := claimed(t, db)
	if diff := cmp.Diff(byRecord, byValue); diff != "" {
		t.Errorf("-customers +owners:\n%s", diff)
	}
	var left []bson.Raw
	all(t, db.Collection(customers), &left)
	for _, c := range left {
		if c.Lookup("locked").Type != 0 {
			t.Error("a customer is left with what the migration has written")
		}
	}
}

func repair(t *testing.T, uri string, opts ...mongodb.Option) error {
	t.Helper()
	s, err := mongodb.Open(t.Context(), uri, append(opts, mongodb.WithRepair(), mongodb.WithTimeout(patience))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(context.Background()) }()
	return s.Migrate(t.Context())
}

// An identity that nothing says the owner of is given up while the store is repaired:
// afterwards it is nobody's.
func TestARepairMeetsWriters(t *testing.T) {
	uri := mongod.URI(t)
	db := raw(t, uri)
	wantCodes(t, commit(t, opened(t, uri), store(named(1, 1, "a"))), "")
	if _, err := db.Collection(owners).DeleteMany(t.Context(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	held, aborted := newHold("commitTransaction", 0), newHold("abortTransaction", 0)
	aborted.pass()
	writer := opened(t, uri, held.option())
	outcome, repaired := make(chan []crm.Code, 1), make(chan []crm.Code, 1)
	go func() { outcome <- commit(t, writer, crm.Put(crm.Change{Record: named(1, 2), Expect: 1})) }()
	<-held.met
	go func() {
		if err := repair(t, uri, aborted.option()); err != nil {
			t.Error(err)
		}
		repaired <- nil
	}()
	met(t, aborted, repaired)
	held.pass()
	wantCodes(t, <-outcome, "")
	<-repaired
	if _, byValue := claimed(t, db); len(byValue) != 0 {
		t.Errorf("%d identities are somebody's, want none", len(byValue))
	}
}

// A value that passes from one record to another has an owner afterwards, also if it
// had none.
func TestAMissingOwnerIsMadeGood(t *testing.T) {
	uri := mongod.URI(t)
	db := raw(t, uri)
	s := opened(t, uri)
	wantCodes(t, commit(t, s, store(named(1, 1, "a"), named(2, 1))), "")
	if _, err := db.Collection(owners).DeleteMany(t.Context(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, commit(t, s, crm.Put(
		crm.Change{Record: named(1, 2), Expect: 1}, crm.Change{Record: named(2, 2, "a"), Expect: 1},
	)), "")
	byRecord, byValue := claimed(t, db)
	if diff := cmp.Diff(byRecord, byValue); diff != "" {
		t.Errorf("-customers +owners:\n%s", diff)
	}
}
