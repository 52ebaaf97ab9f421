package mongodb_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// BenchmarkLoad stores about what the demo has: 4,300 customers, 17,200 orders
// of eight lines, 60,000 timeline entries and 35,000 other records.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		store := fresh(b)
		b.StartTimer()
		people{customers: 4300, orders: 4, lines: 8, others: 2}.fill(b, store)
	}
}

// BenchmarkReads reads from a server of its own, whose CPU time it tells too.
func BenchmarkReads(b *testing.B) {
	server := mongod.Start(b)
	storetest.Benchmark(b, opened(b, server.URI("reads")), func() time.Duration {
		var status struct {
			Extra struct {
				User   int64 `bson:"user_time_us"`
				System int64 `bson:"system_time_us"`
			} `bson:"extra_info"`
		}
		command := bson.D{{Key: "serverStatus", Value: 1}}
		if err := server.Client().Database("admin").RunCommand(b.Context(), command).Decode(&status); err != nil {
			b.Fatal(err)
		}
		return time.Duration(status.Extra.User+status.Extra.System) * time.Microsecond
	})
}
