package explorer_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/server/explorer"
	"github.com/customer360/gateway/internal/test/sdl"
)

func get(t *testing.T, h http.Handler, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// The page and all that it names come from the gateway itself, and nothing in
// the page is a script.
func TestPage(t *testing.T) {
	h, err := explorer.New(explorer.Options{Customer: "cus_1"})
	if err != nil {
		t.Fatal(err)
	}
	resp := get(t, h, "/", nil)
	page := resp.Body.String()
	if got := resp.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; script-src 'self';") {
		t.Errorf("Content-Security-Policy = %q", got)
	}
	if regexp.MustCompile(`(?s)<script[^>]*>[^<]|\son[a-z]+=|https?://`).MatchString(page) {
		t.Errorf("the page has a script in it or names another host:\n%s", page)
	}
	links := regexp.MustCompile(`(?:href|src|examples)="(/[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) != 7 {
		t.Errorf("the page names %d files, want 7", len(links))
	}
	for _, link := range links {
		checkAsset(t, h, link[1])
	}
}

func checkAsset(t *testing.T, h http.Handler, path string) {
	t.Helper()
	plain := get(t, h, path, nil)
	if plain.Code != http.StatusOK || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %v", path, plain.Code, plain.Header())
	}
	zipped := get(t, h, path, map[string]string{"Accept-Encoding": "br, gzip"})
	reader := io.Reader(zipped.Body)
	if zipped.Header().Get("Content-Encoding") == "gzip" {
		var err error
		if reader, err = gzip.NewReader(zipped.Body); err != nil {
			t.Fatal(err)
		}
	}
	got, err := io.ReadAll(reader)
	if want := plain.Body.String(); err != nil || string(got) != want || want == "" {
		t.Errorf("%s: %d bytes compressed, %d plain: %v", path, len(got), len(want), err)
	}
	again := get(t, h, path, map[string]string{"If-None-Match": plain.Header().Get("ETag")})
	if again.Code != http.StatusNotModified {
		t.Errorf("%s again: %d, want 304", path, again.Code)
	}
	if path, _, _ = strings.Cut(path, "?"); get(t, h, path+"?v=old", nil).Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%s is kept under a digest that is not its own", path)
	}
}

// The licences of what is served go with it.
func TestNotice(t *testing.T) {
	h, err := explorer.New(explorer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	notice := get(t, h, "/explorer/NOTICE", nil)
	for _, want := range []string{"graphiql 3.9.0", "react 18.3.1", "react-dom 18.3.1", "Permission is hereby granted"} {
		if !strings.Contains(notice.Body.String(), want) {
			t.Errorf("the notice does not say %q:\n%s", want, notice.Body)
		}
	}
}

func TestRefuses(t *testing.T) {
	h, err := explorer.New(explorer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/explorer/nothing": 404, "/explorer/index.html": 404, "/explorer/../explorer.go": 404, "/explorer/graphiql.min.js.gz": 404,
	} {
		if got := get(t, h, path, nil); got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if got := get(t, h, "/explorer/graphiql.min.js", map[string]string{"Accept-Encoding": "gzip;q=0"}); got.Header().Get("Content-Encoding") != "" {
		t.Error("compressed although gzip is ruled out")
	}
}

// The page is told whom to ask as by its own origin alone, at a loopback name.
func TestAuthorization(t *testing.T) {
	const path = "/explorer/authorization.json"
	h, err := explorer.New(explorer.Options{Authorization: func() string { return "Bearer canary" }})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ host, site, want string }{
		"the page":            {"127.0.0.1:8080", "same-origin", `"Bearer canary"`},
		"by name":             {"localhost", "same-origin", `"Bearer canary"`},
		"a program":           {"[::1]:8080", "", `"Bearer canary"`},
		"another name":        {"evil.example", "same-origin", "null"},
		"almost this name":    {"127.0.0.1.evil.example:8080", "", "null"},
		"another site":        {"127.0.0.1:8080", "cross-site", "null"},
		"another port's":      {"127.0.0.1:8080", "same-site", "null"},
		"typed as an address": {"127.0.0.1:8080", "none", "null"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = test.host
		if test.site != "" {
			r.Header.Set("Sec-Fetch-Site", test.site)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Body.String() != test.want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %v, want %s", name, w.Body, w.Header(), test.want)
		}
	}
	for name, o := range map[string]explorer.Options{"nobody to ask as": {}, "nobody yet": {Authorization: func() string { return "" }}} {
		h, err := explorer.New(o)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Body.String() != "null" {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}

// Without the demo no example names a record of it.
func TestExamplesOfAnyStore(t *testing.T) {
	examples, names := examplesOf(t, "")
	if diff := cmp.Diff([]string{"1-customer-360", "2-customers", "5-viewer"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, example := range examples {
		if text := example.Query + string(example.Variables); strings.Contains(text, "$CUSTOMER") || strings.Contains(text, "$id") || strings.Contains(text, "17850") {
			t.Errorf("%s names a record: %s", example.Name, text)
		}
	}
}

func TestExamples(t *testing.T) {
	examples, names := examplesOf(t, `cus_"1`)
	if diff := cmp.Diff([]string{"1-customer-360", "2-customers", "3-search", "4-resolve", "5-viewer"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := string(examples[0].Variables); !strings.Contains(got, `"cus_\"1"`) {
		t.Errorf("the customer is not in %s", got)
	}
}

// examplesOf returns the examples about a customer with their names. Every one is a
// valid query with variables that fit it.
func examplesOf(t *testing.T, customer string) (examples []explorer.Example, names []string) {
	t.Helper()
	planner, err := document.New(sdl.Load(t), document.DefaultLimits(), scalar.Checks())
	if err != nil {
		t.Fatal(err)
	}
	examples, err = explorer.Examples(customer)
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range examples {
		names = append(names, example.Name)
		doc, errs := planner.Document(example.Query, document.Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", example.Name, errs)
			continue
		}
		if _, errs := planner.Coerce(doc, doc.Query.Operations[0], example.Variables, document.Options{}); len(errs) > 0 {
			t.Errorf("%s: %v", example.Name, errs)
		}
	}
	return examples, names
}
