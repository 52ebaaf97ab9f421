package resolvers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// TestStoppedServerIsUnavailable stops a server that keeps its connections open:
// the graph says UNAVAILABLE in time and answers again when the server goes on.
func TestStoppedServerIsUnavailable(t *testing.T) {
	const timeout = 2 * time.Second
	server := mongod.Start(t)
	graph := newGraph(onServer(t, server, "stopped", mongodb.WithTimeout(timeout)))
	const query = `{ customers(first: 2) { nodes { id orders(first: 1) { nodes { id } } } } }`
	want := string(graph.ask(t, query, nil))

	server.Pause(t)
	start := time.Now()
	answer := string(graph.ask(t, query, nil))
	if took := time.Since(start); took > timeout+time.Second {
		t.Errorf("the answer took %s, want at most %s", took, timeout+time.Second)
	}
	if !strings.Contains(answer, `"code":"UNAVAILABLE"`) || strings.Contains(answer, "mongo") || strings.Contains(answer, "127.0.0.1") {
		t.Errorf("answer = %s; want UNAVAILABLE and none of the driver's words", answer)
	}
	if log := graph.log.String(); strings.Count(log, `msg="source unavailable"`) != 1 || !strings.Contains(log, "level=WARN") {
		t.Errorf("the outage must be logged once, as a warning:\n%s", log)
	}

	server.Resume(t)
	if got := string(graph.ask(t, query, nil)); got != want {
		t.Errorf("after it goes on: %s, want %s", got, want)
	}
}
