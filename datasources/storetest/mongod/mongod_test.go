package mongod_test

import (
	"context"
	"os"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest/mongod"
)

func TestMain(m *testing.M) { os.Exit(mongod.Main(m)) }

func TestSharedServerGivesEachTestADatabase(t *testing.T) {
	if a, b := mongod.URI(t), mongod.URI(t); a == b {
		t.Errorf("two calls gave the same database")
	}
}

func TestKeptDatabaseIsFilledOnce(t *testing.T) {
	times := 0
	fill := func(string) error { times++; return nil }
	if a, b := mongod.Kept(t, fill), mongod.Kept(t, fill); a != b || a == mongod.URI(t) || times != 1 {
		t.Errorf("two calls gave %q and %q, filled %d times; want one, filled once", a, b, times)
	}
}

func TestLockedServer(t *testing.T) {
	server := mongod.Start(t, mongod.Locked())
	var status struct {
		Security bson.Raw `bson:"security"`
	}
	err := server.Client().Database("admin").RunCommand(context.Background(), bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status)
	if err != nil {
		t.Fatalf("ask the locked server as its user: %v", err)
	}
}

func TestProfileSeesOperations(t *testing.T) {
	server := mongod.Start(t)
	profiler := mongod.Profile(t, server.Client(), "profiled")
	collection := server.Client().Database("profiled").Collection("things")
	if _, err := collection.InsertOne(context.Background(), bson.D{{Key: "a", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := collection.CountDocuments(context.Background(), bson.D{{Key: "a", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	ops := profiler.Ops(t)
	if len(ops) != 2 || ops[0].Command != "insert" || ops[1].Command != "aggregate" || ops[1].Docs != 1 {
		t.Errorf("the profiler gave %+v", ops)
	}
	if again := profiler.Ops(t); len(again) != 0 {
		t.Errorf("the profiler gave operations twice: %+v", again)
	}
}
