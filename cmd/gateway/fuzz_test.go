package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/attacks"
	"github.com/customer360/gateway/internal/test/race"
)

// fuzzTime is what a request may take. One that takes longer is asked again, for
// the machine may have been busy with something else.
const (
	fuzzTime  = race.Slower * 500 * time.Millisecond
	fuzzTries = 4
)

// fuzzDemo is the environment variable with which the fuzzing process tells its
// workers where the demo is loaded: each would need half of its minute for that.
const fuzzDemo = "FUZZ_DEMO"

// FuzzRequest sends whatever there is to the whole program, as each kind of caller
// and as nobody: it does not panic, never fails by itself, answers in JSON and in
// time, and tells the portal nothing about another customer.
func FuzzRequest(f *testing.F) {
	target := fuzzed(f)
	for _, a := range attacks.All(1000) {
		if a.Encoding == "" && len(a.Body()) < 16<<10 {
			for who := range callers {
				f.Add(uint8(who), uint8(0), false, a.Body())
			}
		}
	}
	for _, body := range target.journeys(f) {
		f.Add(uint8(callerStaff), uint8(1), false, body)
		f.Add(uint8(callerPartner), uint8(2), false, body)
		f.Add(uint8(callerPortal), uint8(3), false, body)
	}
	f.Add(uint8(callerPortal), uint8(1), true, []byte("query={viewer{customer{id,emails{address}}}}"))
	f.Add(uint8(callerStaff), uint8(2), true, []byte(`query=query($t:String!){search(text:$t){nodes{__typename}}}&variables={"t":"ward"}`))
	f.Add(uint8(callerPortal), uint8(1), false, []byte(`{"query":"query($c:Boolean=true){__typename @include(if:$c)}","variables":{"c":null}}`))
	f.Add(uint8(callerNobody), uint8(0), true, []byte("query=%7b__typename%7D&extensions={}"))
	f.Fuzz(func(t *testing.T, who, accept uint8, get bool, content []byte) {
		target.try(t, caller(who%uint8(callers)), accept, get, content)
	})
}

// caller is who sends a request.
type caller uint8

const (
	callerNobody caller = iota
	callerStaff
	callerPartner
	callerPortal
	callers
)

// fuzzTarget is the program with what must not come out of it.
type fuzzTarget struct {
	url             string
	headers         [callers]string
	foreign         map[string]bool // ids, addresses and numbers of other customers
	customer, other string
	log             *buffer
	client          *http.Client
}

var accepts = []string{"", "application/graphql-response+json", "application/json", "*/*", "text/html", "application/graphql-response+json;q=0, */*;q=0.1"}

func (f *fuzzTarget) try(t *testing.T, who caller, accept uint8, get bool, content []byte) {
	t.Helper()
	took := time.Hour
	for i := 0; i < fuzzTries && took > fuzzTime; i++ {
		start := time.Now()
		status, header, body, ok := f.send(t, who, accepts[int(accept)%len(accepts)], get, content)
		if !ok {
			return
		}
		took = min(took, time.Since(start))
		if status >= 500 {
			t.Fatalf("status %d: %s", status, body)
		}
		if len(body) > 0 && !json.Valid(body) {
			t.Fatalf("status %d, %s, is not JSON: %q", status, header.Get("Content-Type"), body)
		}
		if bytes.Contains(body, []byte(`"code":"INTERNAL"`)) {
			t.Fatalf("status %d: %s\n%s", status, body, f.log)
		}
		if who == callerPortal {
			f.checkPortal(t, content, body)
		}
		if who == callerNobody && status != http.StatusUnauthorized && bytes.Contains(body, []byte(`"data"`)) {
			t.Fatalf("nobody is answered %d: %s", status, body)
		}
	}
	if took > fuzzTime {
		t.Fatalf("takes %v", took)
	}
}

// send returns what a request is answered, and false if it cannot be sent at all.
func (f *fuzzTarget) send(t *testing.T, who caller, accept string, get bool, content []byte) (int, http.Header, []byte, bool) {
	t.Helper()
	method, url, body := http.MethodPost, f.url, content
	if get {
		if bytes.ContainsFunc(content, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return 0, nil, nil, false // Not HTTP: the gateway is not even asked.
		}
		method, url, body = http.MethodGet, f.url+"?"+string(content), nil
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, false
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range map[string]string{"Accept": accept, "Authorization": f.headers[who]} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := f.client.Do(request)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.log)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, answer, true
}

// telling are ids of all that can be a customer's, addresses and numbers.
var telling = regexp.MustCompile(`(` + prefixes() + `)_[\w.-]+|[\w.+-]+@[\w.-]+|\+\d{6,}`)

// prefixes are those of the ids of records that the graph shows, but for what all may
// know.
func prefixes() string {
	var list []string
	for _, d := range crm.Shown() {
		if d.Kind != crm.KindTeam && d.Kind != crm.KindEmployee && d.Kind != crm.KindPartnerApp && d.Kind != crm.KindProduct {
			list = append(list, string(d.Kind))
		}
	}
	return strings.Join(list, "|")
}

// checkPortal looks in an answer for what is of other customers and did not stand in
// the request.
func (f *fuzzTarget) checkPortal(t *testing.T, content, body []byte) {
	t.Helper()
	if bytes.Contains(body, []byte(`"visibility":"INTERNAL"`)) {
		t.Fatalf("the portal is told an internal article: %s", body)
	}
	for _, found := range telling.FindAll(body, -1) {
		if f.foreign[string(found)] && !bytes.Contains(content, found) {
			t.Fatalf("the portal is told %s of another customer: %s", found, body)
		}
	}
}

// journeys returns the bodies of what callers usually ask and of what tests ask of
// every type, with ids of the portal's customer and of another.
func (f *fuzzTarget) journeys(tb testing.TB) [][]byte {
	tb.Helper()
	var files []string
	for _, pattern := range []string{"../../internal/test/schema/testdata/journeys/*/*.graphql", "../../resolvers/testdata/*/*/query.graphql"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			tb.Fatalf("found no %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	var bodies [][]byte
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, id := range []string{f.customer, f.other} {
			body, err := json.Marshal(map[string]any{"query": string(document), "variables": map[string]any{
				"id": id, "text": "ward", "since": "2010-01-01T00:00:00Z", "source": "online-retail", "externalId": "17850",
			}})
			if err != nil {
				tb.Fatal(err)
			}
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// fuzzed starts the demo with rates that nobody reaches, and learns of other
// customers what the portal must not tell.
func fuzzed(f *testing.F) *fuzzTarget {
	f.Helper()
	folder := os.Getenv(fuzzDemo)
	if folder == "" {
		loadedDemo.once.Do(func() { loadedDemo.folder, loadedDemo.err = loadDemo() })
		if loadedDemo.err != nil {
			f.Fatal(loadedDemo.err)
		}
		folder = loadedDemo.folder
		f.Setenv(fuzzDemo, folder)
	}
	path := filepath.Join(f.TempDir(), "demo.db")
	content, err := os.ReadFile(filepath.Join(folder, "demo.db"))
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	target := &fuzzTarget{foreign: map[string]bool{}, log: &buffer{}, client: &http.Client{Transport: &http.Transport{}}}
	m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: writer, Stderr: target.log, Environ: []string{
		"GATEWAY_LOG_LEVEL=error", "GATEWAY_LIMITS_REQUESTS_PER_SECOND=1000000",
		"GATEWAY_LIMITS_ADDRESS_REQUESTS_PER_SECOND=1000000", "GATEWAY_LIMITS_COST_PER_MINUTE=1000000000",
	}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.Run(ctx, []string{"demo", "--store", "sqlite:" + path, "--json", "--listen", "127.0.0.1:0"})
		_ = writer.Close()
	}()
	f.Cleanup(func() {
		cancel()
		target.client.CloseIdleConnections()
		_, _ = io.Copy(io.Discard, reader)
		<-ended
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		f.Fatalf("no line on standard output: %v; log:\n%s", err, target.log)
	}
	var ready struct {
		GraphQL, PortalCustomer string
		Tokens                  struct{ Staff, Partner, Portal string }
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		f.Fatalf("%q: %v", line, err)
	}
	target.url, target.customer = ready.GraphQL, ready.PortalCustomer
	target.headers = [callers]string{callerStaff: ready.Tokens.Staff, callerPartner: ready.Tokens.Partner, callerPortal: ready.Tokens.Portal}
	target.learn(f)
	return target
}

// learn asks as staff for what belongs to the first hundreds of other customers.
func (f *fuzzTarget) learn(tb testing.TB) {
	tb.Helper()
	after := "null"
	for range 5 {
		body := fmt.Sprintf(`{"query": "query($after: String) { customers(first: 100, after: $after, filter: {kind: [PERSON]}) { nodes { id emails { address } phones { number } orders(first: 5) { nodes { id } } tickets(first: 5) { nodes { id } } notes(first: 2) { nodes { id } } needs(first: 2) { nodes { id } } } pageInfo { endCursor } } }", "variables": {"after": %s}}`, after)
		request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, f.url, strings.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", f.headers[callerStaff])
		response, err := f.client.Do(request)
		if err != nil {
			tb.Fatal(err)
		}
		var page struct {
			Data struct {
				Customers struct {
					Nodes    []json.RawMessage
					PageInfo struct{ EndCursor string }
				}
			}
			Errors []any
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		_ = response.Body.Close()
		if err != nil || len(page.Errors) > 0 || len(page.Data.Customers.Nodes) == 0 {
			tb.Fatalf("%v, %v", err, page.Errors)
		}
		for _, node := range page.Data.Customers.Nodes {
			if bytes.Contains(node, []byte(f.customer)) {
				continue
			}
			for _, found := range telling.FindAll(node, -1) {
				f.foreign[string(found)] = true
			}
			if f.other == "" {
				f.other = string(telling.Find(node))
			}
		}
		after = fmt.Sprintf("%q", page.Data.Customers.PageInfo.EndCursor)
	}
	if len(f.foreign) < 1000 || f.other == "" {
		tb.Fatalf("%d things are known of other customers, want a thousand", len(f.foreign))
	}
}
