package mongod

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Opcounters returns how many operations the server has done since it started, by
// the server's own count (serverStatus.opcounters): query, getmore, insert,
// update, delete and command, asking for them included among the last.
func (s *Server) Opcounters(t testing.TB) map[string]int64 {
	t.Helper()
	var status struct {
		Opcounters map[string]any `bson:"opcounters"`
	}
	ask := bson.D{{Key: "serverStatus", Value: 1}}
	if err := s.client.Database("admin").RunCommand(context.Background(), ask).Decode(&status); err != nil {
		t.Fatalf("ask for the server's counters: %v", err)
	}
	counters := map[string]int64{}
	for name, value := range status.Opcounters {
		switch n := value.(type) {
		case int32:
			counters[name] = int64(n)
		case int64:
			counters[name] = n
		}
	}
	return counters
}
