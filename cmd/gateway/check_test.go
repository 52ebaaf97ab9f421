package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/customer360/gateway/cmd/gateway"
)

// The fakes' knobs: what a shop is asked with, and what it is like.
const (
	good    = "good"    // lets the gateway in
	refuses = "refuses" // knows other credentials
	lacks   = "lacks"   // does not permit one thing
)

// credentials returns each kind's, all of them with the word canary.
func credentials(kind string) string {
	return map[string]string{
		"vendure": "canarylookup:canarysecret", "medusa": "sk_canary", "shopify": "shpat_canary", "woocommerce": "ck_canary:cs_canary",
	}[kind]
}

// fake returns a server that answers what the kinds of shop do when they are
// checked. Its refusals repeat the credentials, as a careless shop might.
func fake(t *testing.T, kind, like string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		switch kind {
		case "vendure":
			fakeVendure(w, r, string(body), like)
		case "shopify":
			fakeShopify(w, r, like)
		default:
			fakeREST(w, r, kind, like)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func fakeVendure(w http.ResponseWriter, r *http.Request, body, like string) {
	key := r.Header.Get("vendure-api-key")
	refused := r.URL.Path != "/admin-api" || key != credentials("vendure") || like == refuses ||
		like == lacks && strings.Contains(body, "orders(")
	if refused {
		_, _ = fmt.Fprintf(w, `{"errors": [{"message": "not with %s", "extensions": {"code": "FORBIDDEN"}}], "data": null}`, key)
		return
	}
	_, _ = io.WriteString(w, `{"data": {"activeChannel": {"code": "default"}, "customers": {"items": []}, "orders": {"items": []}, "productVariants": {"items": []}}}`)
}

func fakeShopify(w http.ResponseWriter, r *http.Request, like string) {
	token := r.Header.Get("X-Shopify-Access-Token")
	if token != credentials("shopify") || like == refuses {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"errors": "[API] Invalid API key or access token: %s"}`, token)
		return
	}
	scopes := []string{"read_customers", "read_orders", "read_products", "read_returns", "read_all_orders"}
	if like == lacks {
		scopes = scopes[:4]
	}
	list := []string{}
	for _, scope := range scopes {
		list = append(list, fmt.Sprintf(`{"handle": %q}`, scope))
	}
	_, _ = fmt.Fprintf(w, `{"data": {"currentAppInstallation": {"accessScopes": [%s]}}}`, strings.Join(list, ","))
}

func fakeREST(w http.ResponseWriter, r *http.Request, kind, like string) {
	user, password, _ := r.BasicAuth()
	given := user
	if password != "" {
		given += ":" + password
	}
	switch {
	case given != credentials(kind) || like == refuses:
		w.WriteHeader(http.StatusUnauthorized)
	case like == lacks && strings.HasSuffix(r.URL.Path, "/customers"):
		w.WriteHeader(http.StatusForbidden)
	case kind == "medusa":
		_, _ = io.WriteString(w, `{"customers": [], "orders": [], "products": [], "count": 0}`)
		return
	case strings.HasSuffix(r.URL.Path, "/current"):
		_, _ = io.WriteString(w, `{"code": "EUR"}`)
		return
	default:
		_, _ = io.WriteString(w, `[]`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"message": "not with %s"}`, given)
}

// configured is one shop of a configuration.
type configured struct{ name, kind, url string }

// configure writes a configuration and gives its path and the environment with
// the credentials.
func configure(t *testing.T, list []configured, more ...string) (file string, environ []string) {
	t.Helper()
	text := strings.Join(more, "\n") + "\nshops:\n"
	for _, c := range list {
		text += fmt.Sprintf("  - name: %s\n    kind: %s\n    url: %s\n", c.name, c.kind, c.url)
		environ = append(environ, "GATEWAY_SHOPS_"+strings.ToUpper(strings.ReplaceAll(c.name, "-", "_"))+"_CREDENTIALS="+credentials(c.kind))
	}
	file = filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, environ
}

// edit replaces text in a file, everywhere.
func edit(t *testing.T, file, old, replacement string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(content), old, replacement)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runWith runs the program to its end in an environment.
func runWith(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: environ}
	code = m.Run(t.Context(), args)
	return code, out.String(), errs.String()
}

type result struct {
	Source  string
	OK      bool
	Missing []string
	MS      *int64
	Error   string
}

// check runs the check with --json; what took how long is taken out and must be
// at least least.
func check(t *testing.T, wantCode int, file string, environ []string, args ...string) []result {
	t.Helper()
	code, stdout, stderr := runWith(t, environ, append([]string{"shops", "check", "--json", "--config", file}, args...)...)
	if code != wantCode || stderr != "" || strings.Count(stdout, "\n") != 1 {
		t.Errorf("exit code %d, want %d; %q %q", code, wantCode, stdout, stderr)
	}
	if strings.Contains(stdout, "canary") {
		t.Errorf("a secret shows: %s", stdout)
	}
	var results []result
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&results); err != nil {
		t.Fatalf("%q: %v", stdout, err)
	}
	for i := range results {
		if results[i].MS == nil || *results[i].MS < 0 {
			t.Errorf("%s does not say how long it took", results[i].Source)
		}
		results[i].MS = nil
	}
	return results
}

func TestShopsCheck(t *testing.T) {
	kinds := []string{"vendure", "medusa", "shopify", "woocommerce"}
	missing := map[string]string{
		"vendure": "ReadOrder", "medusa": "customers:read", "shopify": "read_all_orders", "woocommerce": "read customers",
	}
	tests := map[string]struct {
		code int
		want func(kind string) result
	}{
		good:    {0, func(string) result { return result{OK: true, Missing: []string{}} }},
		refuses: {1, func(string) result { return result{Missing: []string{}, Error: "it refuses the credentials"} }},
		lacks:   {1, func(kind string) result { return result{Missing: []string{missing[kind]}} }},
	}
	for like, test := range tests {
		t.Run(like, func(t *testing.T) {
			var list []configured
			var want []result
			for _, kind := range kinds {
				list = append(list, configured{"z-" + kind, kind, fake(t, kind, like)})
				r := test.want(kind)
				r.Source = "z-" + kind
				want = append(want, r)
			}
			file, environ := configure(t, list)
			if diff := cmp.Diff(want, check(t, test.code, file, environ)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is wrong with one shop is told in words that help, and costs the others
// nothing.
func TestShopsCheckFailures(t *testing.T) {
	answering := func(answer http.HandlerFunc) string {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		return server.URL
	}
	slow := answering(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	garbage := answering(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>canary</html>") })
	failing := answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	elsewhere := answering(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://canary.example/", http.StatusFound)
	})
	throttled := answering(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // It is told of the handshake that fails.
	secure.StartTLS()
	t.Cleanup(secure.Close)
	file, environ := configure(t, []configured{
		{"stopped", "medusa", "http://127.0.0.1:1"}, // The port of a closed server could be another's by now.
		{"slow", "vendure", slow},
		{"garbage", "medusa", garbage},
		{"failing", "woocommerce", failing},
		{"elsewhere", "medusa", elsewhere},
		{"throttled", "medusa", throttled},
		{"unknown", "medusa", "https://canary-shop.invalid"},
		{"secure", "medusa", secure.URL},
		{"well", "medusa", fake(t, "medusa", good)},
	})
	none, senseless := []string{}, "it failed, or its answer makes no sense; is the url that of a shop of this kind?"
	want := []result{
		{Source: "stopped", Missing: none, Error: "nothing listens at its url"},
		{Source: "slow", Missing: none, Error: "it does not answer in time"},
		{Source: "garbage", Missing: none, Error: senseless},
		{Source: "failing", Missing: none, Error: senseless},
		{Source: "elsewhere", Missing: none, Error: senseless},
		{Source: "throttled", Missing: none, Error: "it is asked too often at the moment"},
		{Source: "unknown", Missing: none, Error: "the host of its url is not known"},
		{Source: "secure", Missing: none, Error: "its certificate is not valid"},
		{Source: "well", OK: true, Missing: none},
	}
	if diff := cmp.Diff(want, check(t, 1, file, environ, "--timeout", "2s")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Shops that wait for one another are all well: they are asked at once.
func TestShopsCheckAtOnce(t *testing.T) {
	var list []configured
	var all sync.WaitGroup
	for i := range 3 {
		all.Add(1)
		arrived := sync.OnceFunc(all.Done)
		behind := fake(t, "medusa", good)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived()
			all.Wait()
			answer, err := http.NewRequestWithContext(r.Context(), r.Method, behind+r.URL.Path, nil)
			if err != nil {
				t.Error(err)
				return
			}
			answer.Header = r.Header
			response, err := http.DefaultTransport.RoundTrip(answer)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			_, _ = io.Copy(w, response.Body)
		}))
		t.Cleanup(server.Close)
		list = append(list, configured{fmt.Sprintf("shop-%d", i), "medusa", server.URL})
	}
	file, environ := configure(t, list)
	for _, r := range check(t, 0, file, environ) {
		if !r.OK {
			t.Errorf("%+v", r)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// What the shops say is in the log if it is asked for, their credentials never.
func TestShopsCheckLog(t *testing.T) {
	var list []configured
	for _, kind := range []string{"vendure", "medusa", "shopify", "woocommerce"} {
		list = append(list, configured{kind, kind, fake(t, kind, refuses)})
	}
	file, environ := configure(t, list)
	code, stdout, stderr := runWith(t, append(environ, "GATEWAY_LOG_LEVEL=debug"), "shops", "check", "--config", file)
	if code != 1 || strings.Count(stderr, `"msg":"a shop cannot be used"`) != len(list) || !strings.Contains(stderr, "401") || strings.Contains(stdout+stderr, "canary") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestShopsCheckTable(t *testing.T) {
	file, environ := configure(t, []configured{
		{"vendure-eu", "vendure", fake(t, "vendure", lacks)},
		{"m", "medusa", fake(t, "medusa", good)},
		{"shopify", "shopify", fake(t, "shopify", refuses)},
	})
	code, stdout, stderr := runWith(t, environ, "shops", "check", "--config", file)
	lines := strings.Split(stdout, "\n")
	for i, line := range lines {
		words := strings.Fields(line)
		if i > 0 && len(words) > 2 { // How long it took.
			at := strings.Index(line, words[2])
			lines[i] = line[:at] + strings.Repeat("_", len(words[2])) + line[at+len(words[2]):]
		}
	}
	columns := []int{strings.Index(lines[0], "OK"), strings.Index(lines[0], "WHAT")}
	want := []string{"vendure-eu no the credentials do not permit ReadOrder", "m yes ", "shopify no it refuses the credentials"}
	var got []string
	for _, line := range lines[1:4] {
		line += strings.Repeat(" ", max(0, columns[1]-len(line)))
		got = append(got, strings.TrimSpace(line[:columns[0]])+" "+strings.Fields(line[columns[0]:])[0]+" "+line[columns[1]:])
	}
	if diff := cmp.Diff(want, got); diff != "" || code != 1 || stderr != "" || len(lines) != 5 || lines[4] != "" {
		t.Errorf("exit code %d, %q\n%s\n(-want +got):\n%s", code, stderr, stdout, diff)
	}
}

func TestShopsCheckMistakes(t *testing.T) {
	file, environ := configure(t, []configured{{"vendure-eu", "vendure", "https://shop.example"}})
	empty := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(empty, []byte("listen: localhost:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		environ []string
		args    []string
		want    string
	}{
		"no shops":        {nil, []string{"--config", empty}, "no shops are configured; list them under shops in the file that --config or GATEWAY_CONFIG names"},
		"no file":         {nil, nil, "no shops are configured"},
		"no such file":    {nil, []string{"--config", "/nowhere.yaml"}, "/nowhere.yaml: is a file that does not exist"},
		"no credentials":  {nil, []string{"--config", file}, "shops[0].credentials: is missing; give it by GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS"},
		"bad credentials": {[]string{"GATEWAY_SHOPS_VENDURE_EU_CREDENTIALS=canary"}, []string{"--config", file}, "shop vendure-eu: the credentials of a Vendure shop must be"},
		"no time":         {environ, []string{"--config", file, "--timeout", "0s"}, "--timeout must be more than 0"},
		"no command":      {nil, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"shops", "check"}, test.args...)
			if name == "no command" {
				args = []string{"shops"}
			}
			code, stdout, stderr := runWith(t, test.environ, args...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
			}
			if strings.Contains(stderr, "canary") {
				t.Errorf("a secret shows: %q", stderr)
			}
		})
	}
}
