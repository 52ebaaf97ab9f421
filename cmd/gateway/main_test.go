package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// buffer may be read while the program writes it.
type buffer struct {
	mu    sync.Mutex
	all   bytes.Buffer
	wrote chan struct{} // told of writes while somebody waits for one
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wrote != nil {
		select {
		case b.wrote <- struct{}{}:
		default: // It has not looked since the last.
		}
	}
	return b.all.Write(p)
}

// await waits until what is written is as it should be, or has not become so for long.
func (b *buffer) await(t *testing.T, holds func(text string) bool) {
	t.Helper()
	b.mu.Lock()
	b.wrote = make(chan struct{}, 1)
	b.mu.Unlock()
	long := time.After(30 * time.Second)
	for !holds(b.String()) {
		select {
		case <-b.wrote:
		case <-long:
			t.Fatalf("what was waited for is not written:\n%s", b)
		}
	}
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// run runs the program to its end.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := &gateway.Main{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs}
	code = m.Run(t.Context(), args)
	return code, out.String(), errs.String()
}

// served is the program while it serves.
type served struct {
	graphql, explorer, metrics, customer, portalCustomer string
	sources                                              []string
	// tokens are whole Authorization headers, empty without access control.
	tokens struct{ Staff, Partner, Portal string }
	log    *buffer
	// end sends what a signal does and gives the exit code.
	end func() int
}

// serve starts the program and waits for its one line. Without access control in
// its settings it serves this machine alone.
func serve(t *testing.T, environ []string, args ...string) served {
	t.Helper()
	if args[0] == "serve" && !slices.Contains(environ, "GATEWAY_AUTH_API_KEYS=true") {
		args = append(args, "--insecure-local")
	}
	return start(t, &gateway.Main{Environ: environ}, args...)
}

// start does that with a program that is prepared.
func start(t testing.TB, m *gateway.Main, args ...string) served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	s := served{log: &buffer{}}
	m.Stdin, m.Stdout, m.Stderr = strings.NewReader(""), writer, s.log
	code := make(chan int, 1)
	go func() {
		code <- m.Run(ctx, append(args, "--json", "--listen", "127.0.0.1:0"))
		_ = writer.Close()
	}()
	rest := make(chan string, 1)
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	go func() {
		more, _ := io.ReadAll(lines)
		rest <- string(more)
	}()
	s.end = sync.OnceValue(func() int {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if more := <-rest; more != "" {
			t.Errorf("more than one line on standard output: %q", more)
		}
		return <-code
	})
	t.Cleanup(func() { s.end() })
	if err != nil {
		t.Fatalf("no line on standard output: %v; exit code %d; log:\n%s", err, s.end(), s.log)
	}
	var ready struct {
		GraphQL, Explorer, Metrics, Customer, PortalCustomer string
		Sources                                              []string
		Tokens                                               struct{ Staff, Partner, Portal string }
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	s.graphql, s.explorer, s.metrics, s.customer, s.sources = ready.GraphQL, ready.Explorer, ready.Metrics, ready.Customer, ready.Sources
	s.tokens, s.portalCustomer = ready.Tokens, ready.PortalCustomer
	staffOf.Store(s.graphql, s.tokens.Staff)
	return s
}

// staffOf has the staff's header for each program that was started, by its URL.
var staffOf sync.Map

// costs matches what an answer says about its cost.
var costs = regexp.MustCompile(`,"extensions":\{"cost":\{"requestedQueryCost":\d+(?:,"actualQueryCost":\d+)?,"throttleStatus":\{[^{}]*\}\}\}\}$`)

// fetch asks with POST if there is a body, else with GET. An answer's cost is left
// out of it.
func fetch(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if staff, _ := staffOf.Load(url); staff != nil && staff != "" {
		req.Header.Set("Authorization", staff.(string))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, costs.ReplaceAllString(string(content), "}")
}

// The demo is loaded into the store that was named, answers the example query,
// and is there when the store is served again.
func TestDemo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.db")
	s := serve(t, nil, "demo", "--store", "sqlite:"+path)
	query, err := os.ReadFile("../../internal/server/explorer/examples/1-customer-360.graphql")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": string(query), "variables": map[string]string{"id": s.customer}})
	if err != nil {
		t.Fatal(err)
	}
	_, first := fetch(t, s.graphql, string(body))
	if strings.Contains(first, `"errors"`) || !strings.Contains(first, `{"source":"online-retail","externalId":"17850"}`) {
		t.Errorf("the example query answers %.500s", first)
	}
	if status, page := fetch(t, s.explorer, ""); status != 200 || !strings.Contains(page, "/explorer/graphiql.min.js?v=") {
		t.Errorf("explorer: %d %s", status, page)
	}
	if _, examples := fetch(t, s.explorer+"explorer/examples.json", ""); !strings.Contains(examples, s.customer) {
		t.Errorf("the examples are not about %s", s.customer)
	}
	if _, metrics := fetch(t, s.metrics, ""); !strings.Contains(metrics, `customer360_source_calls_total{call="select",source="store"}`) {
		t.Errorf("no calls of the store in the metrics:\n%s", metrics)
	}
	for _, page := range []string{"/healthz", "/readyz"} {
		if status, body := fetch(t, strings.Replace(s.metrics, "/metrics", page, 1), ""); status != 200 {
			t.Errorf("%s: %d %s", page, status, body)
		}
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d, log:\n%s", code, s.log)
	}
	for _, secret := range []string{s.customer, "17850", "example.org", "Harriet"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.log)
		}
	}

	again := serve(t, nil, "demo", "--store", "sqlite:"+path)
	if _, second := fetch(t, again.graphql, string(body)); second != first {
		t.Errorf("the same demo answers something else:\n%s", cmp.Diff(first, second))
	}
	if code := again.end(); code != 0 {
		t.Errorf("exit code %d, log:\n%s", code, again.log)
	}
	if plain := serve(t, []string{"GATEWAY_STORE_URL=sqlite:" + path}, "serve"); plain.customer != s.customer || plain.explorer != "" {
		t.Errorf("serve says %+v", plain)
	}
}

// A demo without a store of its own leaves nothing behind, however early it ends.
func TestDemoRemovesItsStore(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log buffer
	code := make(chan int, 1)
	go func() {
		m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &log}
		code <- m.Run(ctx, []string{"demo", "--listen", "127.0.0.1:0"})
	}()
	for len(entries(t, folder)) == 0 && t.Context().Err() == nil && log.String() == "" {
		continue
	}
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d, log:\n%s", got, log.String())
	}
	if left := entries(t, folder); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

// Other records are never mixed with the demo's.
func TestDemoRefusesOtherData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	team := &crm.Team{ID: crm.NewID(crm.KindTeam), Name: "Support", CreatedAt: time.Unix(0, 0), UpdatedAt: time.Unix(0, 0)}
	if results, err := crm.Of[crm.Team](store).Write(t.Context(), []crm.Write[crm.Team]{{Record: team}}); err != nil || results[0] != nil {
		t.Fatal(results, err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, "", "demo", "--store", "sqlite:"+path, "--listen", "127.0.0.1:0")
	if code != 2 || stdout != "" || !strings.Contains(stderr, "holds other data, or a demo") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}

func TestServe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if code, stdout, stderr := run(t, "", "migrate", "--store", "sqlite:"+path); code != 0 || stdout != "sqlite:"+path+" is a new store\n" {
		t.Fatalf("migrate: %d %q %q", code, stdout, stderr)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	settings := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(settings, []byte("store:\n  url: sqlite:"+path+"\nexplorer: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{"GATEWAY_CONFIG=" + settings, "GATEWAY_PORT=tcp://10.0.0.1:80"}, "serve")
	if s.customer != "" || s.explorer == "" {
		t.Errorf("serve says %+v", s)
	}
	if _, answer := fetch(t, s.graphql, `{"query": "{ customers { totalCount } }"}`); answer != `{"data":{"customers":{"totalCount":0}}}` {
		t.Errorf("an empty store answers %s", answer)
	}
	if _, answer := fetch(t, s.graphql, `{"query": "{ nope }"}`); !strings.Contains(answer, `"code":"GRAPHQL_VALIDATION_FAILED"`) {
		t.Errorf("an invalid query answers %s", answer)
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d, log:\n%s", code, s.log)
	}
	if log := s.log.String(); !strings.Contains(log, `"variable":"GATEWAY_PORT"`) || strings.Contains(log, "10.0.0.1") {
		t.Errorf("log:\n%s", log)
	}
}

func TestMistakes(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"no command":           {nil, 2, `expected one of "demo"`},
		"unknown command":      {[]string{"sevre"}, 2, `unexpected argument sevre`},
		"unknown flag":         {[]string{"serve", "--sotre", "x"}, 2, "unknown flag --sotre"},
		"no store":             {[]string{"serve"}, 2, "store.url: is missing; give it by --store, GATEWAY_STORE_URL"},
		"bad store":            {[]string{"serve", "--store", "canary"}, 2, "--store: store.url: a store is sqlite:PATH, mongodb://HOST"},
		"stray URL":            {[]string{"serve", "mongodb://u:canary@h/d"}, 2, "unexpected argument mongodb://***@h/d"},
		"bad options":          {[]string{"migrate", "--store", "mongodb://u:canary@localhost/d?replicaSet=a&directConnection=maybe"}, 2, "mongodb://***@localhost/d"},
		"demo for all":         {[]string{"demo", "--listen", "0.0.0.0:0"}, 2, "--listen: the demo must be on a loopback address"},
		"demo's metrics":       {[]string{"demo", "--admin-listen", "[::]:0"}, 2, "--admin-listen: the demo must be on a loopback address"},
		"everything for all":   {[]string{"serve", "--store", "sqlite:x", "--insecure-local", "--listen", "0.0.0.0:0"}, 2, "--listen: with --insecure-local it must be a loopback address"},
		"no access control":    {[]string{"serve", "--store", "sqlite:x"}, 2, "there is no access control: set auth.issuers or auth.api_keys"},
		"no config":            {[]string{"serve", "--config", "/nowhere.yaml"}, 2, "/nowhere.yaml: is a file that does not exist"},
		"no folder":            {[]string{"serve", "--insecure-local", "--store", "sqlite:/nowhere/store.db"}, 1, "open the store sqlite:/nowhere/store.db"},
		"nothing answers":      {[]string{"migrate", "--store", "mongodb://u:canary@127.0.0.1:1/d?timeoutMS=1"}, 1, "open the store mongodb://***@127.0.0.1:1/d"},
		"version, an argument": {[]string{"version", "x"}, 2, "unexpected argument x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: []string{"GATEWAY_STORE_TIMEOUT=100ms"}}
			code := m.Run(t.Context(), test.args)
			got := errs.String()
			if code != test.code || out.Len() != 0 || !strings.Contains(got, test.want) || strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "gateway: ") {
				t.Errorf("exit code %d, %q, %q\nwant %d and one line with %q", code, out.String(), got, test.code, test.want)
			}
			if strings.Contains(got, "canary") {
				t.Errorf("a secret shows: %q", got)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}} {
		if code, stdout, stderr := run(t, "", args...); code != 0 || !strings.Contains(stdout, "Usage: gateway") || stderr != "" {
			t.Errorf("%v: %d %q %q", args, code, stdout, stderr)
		}
	}
	if code, stdout, _ := run(t, "", "version"); code != 0 || !strings.HasPrefix(stdout, "gateway ") {
		t.Errorf("version: %d %q", code, stdout)
	}
}

// A port in use is told before anything is loaded.
func TestPortInUse(t *testing.T) {
	taken := serve(t, nil, "demo", "--store", demoStore(t))
	address := strings.TrimSuffix(strings.TrimPrefix(taken.explorer, "http://"), "/")
	path := filepath.Join(t.TempDir(), "demo.db")
	code, stdout, stderr := run(t, "", "demo", "--store", "sqlite:"+path, "--listen", address)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "address already in use") {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := demo.Check(t.Context(), store); err != nil || state != demo.StateEmpty {
		t.Errorf("the store holds %v (%v), want nothing yet", state, err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
