package main_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// Against a server with users and TLS: the password comes from a file and shows
// nowhere. When the server stops answering, requests end in time and the
// gateway says that it is not ready; when it answers again, so does the gateway.
func TestServeMongoDB(t *testing.T) {
	server := mongod.Start(t, mongod.Locked())
	address, err := url.Parse(server.URI("gateway"))
	if err != nil {
		t.Fatal(err)
	}
	password, ok := address.User.Password()
	if !ok {
		t.Fatal("the server has no password")
	}
	address.User = url.User(address.User.Username())
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{
		"GATEWAY_STORE_URL=" + address.String(), "GATEWAY_STORE_PASSWORD_FILE=" + file, "GATEWAY_STORE_TIMEOUT=1s",
	}, "serve")
	const (
		query       = `{"query": "{ customers { totalCount } }"}`
		answer      = `{"data":{"customers":{"totalCount":0}}}`
		unavailable = `"code":"UNAVAILABLE"`
	)
	admin := strings.TrimSuffix(s.metrics, "/metrics")
	want := func(when string, ready int, body string) {
		t.Helper()
		start := time.Now()
		if _, got := fetch(t, s.graphql, query); !strings.Contains(got, body) {
			t.Errorf("%s: answer %s, want %s", when, got, body)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: the answer took %v, want at most the time-out and 1 s", when, took)
		}
		if status, got := fetch(t, admin+"/readyz", ""); status != ready {
			t.Errorf("%s: /readyz %d %s, want %d", when, status, got, ready)
		}
		if status, got := fetch(t, admin+"/healthz", ""); status != 200 {
			t.Errorf("%s: /healthz %d %s", when, status, got)
		}
	}
	want("at first", 200, answer)
	before := goroutines(t, s.metrics)
	server.Pause(t)
	want("paused", 503, unavailable)
	want("still paused", 503, unavailable)
	server.Resume(t)
	want("resumed", 200, answer)
	for limit := time.Now().Add(30 * time.Second); goroutines(t, s.metrics) > before; {
		if time.Now().After(limit) { // What the pause began ends by itself, but not at once.
			t.Errorf("%d goroutines at the start, %d after the pause", before, goroutines(t, s.metrics))
			break
		}
	}
	_, metrics := fetch(t, s.metrics, "")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(s.log.String()+metrics, password) {
		t.Errorf("the password shows in log or metrics:\n%s", s.log)
	}
}

// goroutines returns the program's number of them, as its metrics say.
func goroutines(t *testing.T, metricsURL string) int {
	t.Helper()
	_, metrics := fetch(t, metricsURL, "")
	found := regexp.MustCompile(`(?m)^go_goroutines (\d+)$`).FindStringSubmatch(metrics)
	if found == nil {
		t.Fatal("no go_goroutines in the metrics")
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// gateway migrate makes good whose the customers' identities are, which an older
// gateway has left out; opening the store does not.
func TestMigrateRepairs(t *testing.T) {
	server := mongod.Start(t)
	uri := server.URI("drifted")
	migrate := func() {
		t.Helper()
		if code, _, stderr := run(t, "", "migrate", "--store", uri); code != 0 {
			t.Fatal(stderr)
		}
	}
	migrate()
	db := server.Client().Database("drifted")
	older := map[string]any{"_id": "cus_older", "keys": map[string]any{"identity": []string{"shop:1"}}}
	if _, err := db.Collection("customers").InsertOne(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	identities := func(when string, want int64) {
		t.Helper()
		if n, err := db.Collection("customers_identity").CountDocuments(t.Context(), map[string]any{}); err != nil || n != want {
			t.Errorf("%s: %d identities are somebody's (%v), want %d", when, n, err, want)
		}
	}
	if code, _, stderr := run(t, "", "keys", "list", "--store", uri); code != 0 {
		t.Fatal(stderr)
	}
	identities("after the store was opened", 0)
	migrate()
	identities("after gateway migrate", 1)
}
