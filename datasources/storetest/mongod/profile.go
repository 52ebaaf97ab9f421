package mongod

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// profileBytes is the room for what the profiler writes of one test.
const profileBytes = 64 << 20

// Op is one operation as the profiler saw it.
type Op struct {
	// Command is the command's name: find, aggregate, getMore, insert.
	Command string
	// Namespace is database and collection.
	Namespace string
	// Docs and Keys are the documents and index keys examined, Returned the
	// documents of the reply.
	Docs, Keys, Returned int
	// Plan is the planner's summary: "IXSCAN { keys.customer: 1 }".
	Plan string
}

// Profiler reads what a database's profiler saw.
type Profiler struct {
	database *mongo.Database
}

// Profile switches a database's profiler on for every operation (level 2). The
// client is the test's own, so that its commands are not counted as another's.
func Profile(t testing.TB, client *mongo.Client, database string) *Profiler {
	t.Helper()
	p := &Profiler{database: client.Database(database)}
	p.level(t, 0)
	create := options.CreateCollection().SetCapped(true).SetSizeInBytes(profileBytes)
	if err := p.database.CreateCollection(context.Background(), "system.profile", create); err != nil {
		t.Fatalf("make room for the profile: %v", err)
	}
	p.level(t, 2)
	return p
}

// Ops returns the operations since Profile or the last call, in order, and forgets
// them. The server leaves out a getMore of an aggregate that has no collection.
func (p *Profiler) Ops(t testing.TB) []Op {
	t.Helper()
	ctx := context.Background()
	p.level(t, 0)
	profile := p.database.Collection("system.profile")
	cursor, err := profile.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "$natural", Value: 1}}))
	if err != nil {
		t.Fatalf("read the profile: %v", err)
	}
	var entries []struct {
		NS       string   `bson:"ns"`
		Command  bson.Raw `bson:"command"`
		Docs     int      `bson:"docsExamined"`
		Keys     int      `bson:"keysExamined"`
		Returned int      `bson:"nreturned"`
		Plan     string   `bson:"planSummary"`
	}
	if err := cursor.All(ctx, &entries); err != nil {
		t.Fatalf("read the profile: %v", err)
	}
	ops := []Op{}
	for _, e := range entries {
		name := ""
		if elements, err := e.Command.Elements(); err == nil && len(elements) > 0 {
			name = elements[0].Key()
		}
		if name != "profile" && name != "create" {
			ops = append(ops, Op{
				Command: name, Namespace: e.NS, Docs: e.Docs, Keys: e.Keys, Returned: e.Returned, Plan: e.Plan,
			})
		}
	}
	if err := profile.Drop(ctx); err != nil {
		t.Fatalf("empty the profile: %v", err)
	}
	create := options.CreateCollection().SetCapped(true).SetSizeInBytes(profileBytes)
	if err := p.database.CreateCollection(ctx, "system.profile", create); err != nil {
		t.Fatalf("make room for the profile: %v", err)
	}
	p.level(t, 2)
	return ops
}

func (p *Profiler) level(t testing.TB, level int) {
	t.Helper()
	if err := p.database.RunCommand(context.Background(), bson.D{{Key: "profile", Value: level}}).Err(); err != nil {
		t.Fatalf("set the profiler's level: %v", err)
	}
}

// RefuseScans makes the server refuse every query that would scan a collection.
func (s *Server) RefuseScans(t testing.TB) {
	t.Helper()
	refuse := bson.D{{Key: "setParameter", Value: 1}, {Key: "notablescan", Value: true}}
	if err := s.client.Database("admin").RunCommand(context.Background(), refuse).Err(); err != nil {
		t.Fatalf("refuse collection scans: %v", err)
	}
}
