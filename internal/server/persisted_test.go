package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/server"
)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// byHash is a request as clients of persisted queries send it; without a query it
// names the document alone.
func byHash(t *testing.T, query, hash string) request {
	t.Helper()
	members := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		members["query"] = query
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return request{path: "/graphql", body: string(body)}
}

// A document that was sent with its hash once is found by it from then on, by POST
// and GET; one that is not valid is not kept.
func TestAutomaticPersistedQueries(t *testing.T) {
	documents, err := persisted.New(persisted.Config{APQ: persisted.DefaultAPQ()})
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, hello, func(c *server.Config) { c.Persisted = documents })
	const query, broken = "{hello}", "{nope}"
	hash := hashOf(query)
	extensions := url.Values{"extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`}}
	steps := []struct {
		request request
		want    string
	}{
		{byHash(t, "", hash), `{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`},
		{byHash(t, query, hashOf(broken)), badRequest},
		{byHash(t, query, hash), worldAnswer},
		{byHash(t, "", hash), worldAnswer},
		{get(extensions), worldAnswer},
		{get(url.Values{"documentId": {"sha256:" + hash}}), worldAnswer},
		{byHash(t, broken, hashOf(broken)), validationFailed},
		{byHash(t, "", hashOf(broken)), "PERSISTED_QUERY_NOT_FOUND"},
	}
	for i, step := range steps {
		status := 200
		if step.want == badRequest {
			status = 400
		}
		if got := f.do(t, step.request); got.status != status || !strings.Contains(got.body, step.want) {
			t.Errorf("step %d: %d %s\nwant %s", i+1, got.status, got.body, step.want)
		}
	}
}

// Documents of the manifest are bound by no limit on their form, but pay what they
// cost; others are refused where only these are run.
func TestTrustedDocuments(t *testing.T) {
	long := "{" + strings.Repeat("hello ", 300) + "}"
	dear := "{dear(first: 1000000) {name}}"
	manifest := map[string]any{
		"format": "apollo-persisted-query-manifest", "version": 1,
		"operations": []map[string]string{
			{"id": "long", "name": "Long", "type": "query", "body": long},
			{"id": "dear", "name": "Dear", "type": "query", "body": dear},
		},
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	documents, err := persisted.New(persisted.Config{Manifest: path, Mode: persisted.ModeSafelist})
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, hello, func(c *server.Config) { c.Persisted = documents })
	for name, test := range map[string]struct {
		request request
		status  int
		want    string
	}{
		"by id":             {byHash(t, "", "long"), 200, `"data"`},
		"by text":           {post(long), 200, `"data"`},
		"beside its id":     {byHash(t, "{hello}", "long"), 200, `"data"`},
		"too dear":          {byHash(t, "", "dear"), 400, "points"},
		"another":           {post("{hello}"), 403, "FORBIDDEN"},
		"another by its id": {byHash(t, "", hashOf("{hello}")), 400, "PERSISTED_QUERY_NOT_FOUND"},
	} {
		r := test.request
		r.header = map[string]string{"Accept": newer}
		if got := f.do(t, r); got.status != test.status || !strings.Contains(got.body, test.want) {
			t.Errorf("%s: %d %s\nwant %d with %s", name, got.status, got.body, test.status, test.want)
		}
	}
	if got := start(t, hello, nil).do(t, with(post(long), "Accept", newer)); got.status != 400 {
		t.Errorf("not trusted: %d %s", got.status, got.body)
	}
}
