package main_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// The store calls in the program's metrics are those that the MongoDB server
// itself counts: a find is a query to it, a getMore a getmore.
func TestCallsAreTheServersOwn(t *testing.T) {
	server := mongod.Start(t)
	uri := server.URI("counted")
	if code, _, stderr := run(t, ann+bob, "import", "--store", uri, "--kind", "customers", "-"); code != 0 {
		t.Fatal(stderr)
	}
	s := serve(t, nil, "serve", "--store", uri)
	fetch(t, s.graphql, `{"query": "{ customers { nodes { id } } }"}`) // The connections are there.

	before, counters := calls(t, s.metrics), server.Opcounters(t)
	for range 5 {
		fetch(t, s.graphql, `{"query": "{ customers { nodes { id orders { nodes { id } } statistics { orderCount } owner { id } } } search(text: \"a\") { nodes { __typename } } }"}`)
	}
	after, countersAfter := calls(t, s.metrics), server.Opcounters(t)
	finds, aggregates := after["find"]-before["find"], after["aggregate"]-before["aggregate"]
	if finds == 0 || aggregates == 0 {
		t.Fatalf("calls %v: want finds and aggregates", after)
	}
	if got := countersAfter["query"] - counters["query"]; got != finds {
		t.Errorf("the server counts %d queries, the metrics %d finds", got, finds)
	}
	if got, want := countersAfter["getmore"]-counters["getmore"], after["getMore"]-before["getMore"]; got != want {
		t.Errorf("the server counts %d getmores, the metrics %d", got, want)
	}
	if got := countersAfter["command"] - counters["command"]; got < aggregates {
		t.Errorf("the server counts %d commands, fewer than the %d aggregates of the metrics", got, aggregates)
	}
}

// calls returns the store calls so far by their name.
func calls(t *testing.T, metricsURL string) map[string]int64 {
	t.Helper()
	_, metrics := fetch(t, metricsURL, "")
	byName := map[string]int64{}
	for _, found := range regexp.MustCompile(`(?m)^customer360_source_calls_total\{call="(\w+)",source="store"\} (\d+)$`).FindAllStringSubmatch(metrics, -1) {
		n, err := strconv.ParseInt(found[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		byName[found[1]] = n
	}
	return byName
}
