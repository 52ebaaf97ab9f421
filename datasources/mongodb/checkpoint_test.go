package mongodb_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// The server clears away keys whose time has passed, and a call for a checkpoint
// or a key is one command, answered by an index.
func TestCheckpointsAreOneCommandEach(t *testing.T) {
	uri := mongod.URI(t)
	sent := make(calls, 1<<10)
	store := opened(t, uri, observing(sent))
	var indexes []struct {
		Key     bson.D `bson:"key"`
		Expires *int   `bson:"expireAfterSeconds"`
	}
	cursor, err := raw(t, uri).Collection("seen").Indexes().List(t.Context())
	if err == nil {
		err = cursor.All(t.Context(), &indexes)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(indexes) != 2 || indexes[1].Key[0].Key != "until" || indexes[1].Expires == nil || *indexes[1].Expires != 0 {
		t.Errorf("indexes of seen: %+v", indexes)
	}
	points, later := store.Checkpoints(), time.Now().Add(time.Hour)
	for command, call := range map[string]func() error{
		"find":   func() error { _, err := points.Get(t.Context(), []string{"a", "b"}); return err },
		"insert": func() error { return points.Set(t.Context(), "a", []byte("1"), 0) },
		"update": func() error { _, err := points.Once(t.Context(), "key", later); return err },
		"delete": func() error { return points.Forget(t.Context(), "key") },
	} {
		sent.drain()
		if err := call(); err != nil {
			t.Fatal(err)
		}
		if got := sent.drain(); len(got) != 1 || got[command] != 1 {
			t.Errorf("sent %v, want one %s", got, command)
		}
	}
}
