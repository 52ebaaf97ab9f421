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

// Documents are asked by their ids as the usual clients do it, whatever wrote the
// manifest. Two ids, even the same, are a mistake of the client's.
func TestDocumentIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "persisted-documents.json")
	const relay, codegen, text, other = "8ff6e6ea0e9d4c7a8e4c2a5f0d1b3c4d", "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", "query A { hello }", "query B { b: hello }"
	if err := os.WriteFile(path, []byte(`{"`+relay+`": "`+text+`", "`+codegen+`": "`+other+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	const notFound, twice = "PERSISTED_QUERY_NOT_FOUND", "named twice"
	for name, test := range map[string]struct {
		body, want string // the same as parameters of a GET
		status     int
	}{
		"documentId, Relay's":         {`{"documentId": "` + relay + `"}`, worldAnswer, 200},
		"documentId, codegen's":       {`{"documentId": "` + codegen + `"}`, worldAnswer, 200},
		"documentId, the text's hash": {`{"documentId": "sha256:` + hashOf(text) + `"}`, worldAnswer, 200},
		"id":                          {`{"id": "` + relay + `"}`, worldAnswer, 200},
		"id, query null":              {`{"id": "` + relay + `", "query": null}`, worldAnswer, 200},
		"id, query empty":             {`{"id": "` + relay + `", "query": ""}`, worldAnswer, 200},
		"doc_id":                      {`{"doc_id": "` + relay + `"}`, worldAnswer, 200},
		"persistedQuery":              {`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + codegen + `"}}}`, worldAnswer, 200},
		"with operationName":          {`{"id": "` + relay + `", "operationName": "A"}`, worldAnswer, 200},
		"unknown":                     {`{"id": "canary"}`, notFound, 400},
		"unknown, prefixed":           {`{"documentId": "x-app:canary"}`, notFound, 400},
		"the text as an id":           {`{"id": "` + text + `"}`, notFound, 400},
		"documentId and id":           {`{"documentId": "` + relay + `", "id": "` + codegen + `"}`, twice, 400},
		"documentId and id, the same": {`{"documentId": "` + relay + `", "id": "` + relay + `"}`, twice, 400},
		"id and doc_id":               {`{"doc_id": "` + relay + `", "id": "` + codegen + `"}`, twice, 400},
		"id and persistedQuery":       {`{"id": "` + relay + `", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + codegen + `"}}}`, twice, 400},
		"two ids beside a text":       {`{"query": "{hello}", "documentId": "` + relay + `", "id": "` + codegen + `"}`, twice, 400},
		"a text and its documentId":   {`{"query": "` + text + `", "documentId": "` + relay + `"}`, worldAnswer, 200},
		"a text and another's id":     {`{"query": "` + text + `", "documentId": "` + codegen + `"}`, "not the hash", 400},
		"a text and an id of its own": {`{"query": "{hello}", "id": "canary"}`, worldAnswer, 200},
		"id of another type":          {`{"id": 1}`, "id must be a string", 400},
		"doc_id of another type":      {`{"doc_id": {"a": 1}}`, "doc_id must be a string", 400},
		"a text, and a request's id":  {`{"query": "{hello}", "id": 1}`, worldAnswer, 200},
		"nothing but nulls":           {`{"id": null, "documentId": null, "doc_id": null, "query": null}`, "query is missing", 400},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mode := range []persisted.Mode{persisted.ModeAllow, persisted.ModeRequireID} {
				documents, err := persisted.New(persisted.Config{Manifest: path, Mode: mode, APQ: persisted.DefaultAPQ()})
				if err != nil {
					t.Fatal(err)
				}
				f := start(t, hello, func(c *server.Config) { c.Persisted = documents })
				requests := []request{with(request{path: "/graphql", body: test.body}, "Accept", newer)}
				if parameters := asParameters(t, test.body); parameters != nil {
					requests = append(requests, with(get(parameters), "Accept", newer))
					requests[1].header["Apollo-Require-Preflight"] = "1"
				}
				for _, r := range requests {
					status, want := test.status, test.want
					if mode == persisted.ModeRequireID {
						switch name {
						case "a text and another's id": // The text is not looked at.
							status, want = 200, worldAnswer
						case "a text and an id of its own", "a text, and a request's id":
							status, want = 403, "FORBIDDEN"
						}
					}
					got := f.do(t, r)
					if got.status != status || !strings.Contains(got.body, want) || strings.Contains(got.body, "canary") {
						t.Errorf("%s, %s: %d %s\nwant %d with %s", mode, r.method, got.status, got.body, status, want)
					}
				}
			}
		})
	}
}

// asParameters is a body as the parameters of a URL, nil if they cannot say it.
func asParameters(t *testing.T, body string) url.Values {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatal(err)
	}
	parameters := url.Values{}
	for name, member := range members {
		var text string
		switch err := json.Unmarshal(member, &text); {
		case name == "extensions":
			text = string(member)
		case err != nil:
			return nil
		}
		if string(member) != "null" {
			parameters.Set(name, text)
		}
	}
	return parameters
}
