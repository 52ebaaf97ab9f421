package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

const (
	// patrons is how many customers the tests of failing shops have.
	patrons = 10
	// secretKey is what the shops' credentials begin with.
	secretKey = "sk_canarykey"
	// breakerDelay is how long a shop that fails is left alone.
	breakerDelay = time.Second
)

// patron returns a customer's address. None of it may be in a log.
func patron(i int) string { return fmt.Sprintf("canary.patron%d@private.example.test", i) }

// patronStore makes a store with the patrons, each with two orders of the
// company's own and a ticket.
func patronStore(t *testing.T) (path string, ids []crm.ID) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close(t.Context()) }()
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var customers []crm.Write[crm.Customer]
	var orders []crm.Write[crm.Order]
	var tickets []crm.Write[crm.Ticket]
	for i := range patrons {
		name := fmt.Sprintf("canary-name-%d", i)
		c := &crm.Customer{
			ID: crm.DerivedID(crm.KindCustomer, "erp", strconv.Itoa(i)), Version: 1, GivenName: &name, CreatedAt: at, UpdatedAt: at,
			Emails: []crm.EmailAddress{{Address: patron(i), Verified: true, Primary: true}},
		}
		c.Complete()
		ids = append(ids, c.ID)
		customers = append(customers, crm.Write[crm.Customer]{Record: c})
		for k := range 2 {
			total, none := crm.Money{Minor: int64(1000*i + k), CurrencyCode: "EUR"}, crm.Money{CurrencyCode: "EUR"}
			id := fmt.Sprintf("%d-%d", i, k)
			o := &crm.Order{
				ID: crm.DerivedID(crm.KindOrder, "erp", id), Number: id, Source: "erp", ExternalID: id, CustomerID: c.ID,
				PlacedAt: at.Add(time.Duration(k) * time.Hour),
				Price:    crm.PriceBreakdown{Subtotal: total, Discount: none, Shipping: none, Tax: none, Total: total},
			}
			o.Complete()
			orders = append(orders, crm.Write[crm.Order]{Record: o})
		}
		ticket := &crm.Ticket{
			ID: crm.DerivedID(crm.KindTicket, "erp", strconv.Itoa(i)), Number: strconv.Itoa(i), Subject: "canary-subject",
			Status: crm.TicketStatusNew, CustomerID: c.ID, RequesterID: c.ID, Version: 1, CreatedAt: at, UpdatedAt: at,
		}
		ticket.Complete()
		tickets = append(tickets, crm.Write[crm.Ticket]{Record: ticket})
	}
	stored(t, crm.Of[crm.Customer](store), customers)
	stored(t, crm.Of[crm.Order](store), orders)
	stored(t, crm.Of[crm.Ticket](store), tickets)
	return path, ids
}

// built builds the program and gives its path.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// process is the program in a process of its own.
type process struct {
	command          *exec.Cmd
	log              *buffer
	graphql, metrics string
}

// launched starts the program over a store and shops. What settings say is added
// to each shop.
func launched(t *testing.T, program, store string, settings string, shops ...*fakeShop) *process {
	t.Helper()
	folder := t.TempDir()
	var text strings.Builder
	text.WriteString("shops:\n")
	for _, s := range shops {
		credentials := filepath.Join(folder, s.name+".credentials")
		if err := os.WriteFile(credentials, []byte(secretKey+s.name), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "  - name: %s\n    kind: medusa\n    url: http://%s\n    mode: live\n    credentials_file: %s\n    cache_ttl: 0s\n    breaker_delay: %s\n%s",
			s.name, s.address, credentials, breakerDelay, settings)
	}
	config := filepath.Join(folder, "gateway.yaml")
	if err := os.WriteFile(config, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{log: &buffer{}}
	p.command = exec.CommandContext(t.Context(), program, "serve", "--insecure-local", "--json", "--listen", "127.0.0.1:0", "--store", "sqlite:"+store, "--config", config) //nolint:gosec // The program that was just built.
	p.command.Env = []string{"GATEWAY_LOG_LEVEL=debug", "TMPDIR=" + folder}
	p.command.Stderr = p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.command.ProcessState == nil {
			_ = p.command.Process.Kill()
			_ = p.command.Wait()
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no line on standard output: %v; log:\n%s", err, p.log)
	}
	var ready struct{ GraphQL, Metrics string }
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	p.graphql, p.metrics = ready.GraphQL, ready.Metrics
	return p
}

// peak returns the most memory that the process ever had, in MiB.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no peak memory in %s", status)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// metric returns the sum of a metric's values whose labels hold all of these.
func (p *process) metric(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	_, page := fetch(t, p.metrics, "")
	sum := 0.0
	for line := range strings.Lines(page) {
		rest, ok := strings.CutPrefix(line, name+"{")
		if !ok || slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(rest, l) }) {
			continue
		}
		fields := strings.Fields(rest)
		value, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += value
	}
	return sum
}

// end tells the process to end and checks what it leaves: no personal data and no
// credentials in the log and the metrics.
func (p *process) end(t *testing.T) {
	t.Helper()
	_, metrics := fetch(t, p.metrics, "")
	http.DefaultClient.CloseIdleConnections()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	log := p.log.String()
	secrets := []string{
		"canary", "private.example", "victim",
		base64.StdEncoding.EncodeToString([]byte(secretKey + "failing:")), base64.StdEncoding.EncodeToString([]byte(secretKey + "good:")),
	}
	for where, text := range map[string]string{"log": log, "metrics": metrics} {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("the %s hold %q:\n%s", where, secret, text)
			}
		}
	}
}

// answered is what the program says of one customer.
type answered struct {
	body   string
	took   time.Duration
	rest   map[string]string // the customer's fields without orders, as JSON
	orders map[string][]string
	states map[string]string
}

// ask puts customer-360 for one customer.
func (p *process) ask(ctx context.Context, document string, id crm.ID) (a answered, err error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"id": id, "orders": 50}})
	if err != nil {
		return a, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.graphql, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	request.Header.Set("Content-Type", "application/json")
	begin := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return a, err
	}
	a.took, a.body = time.Since(begin), string(content)
	return a, a.parse(content)
}

// parse takes an answer apart. One with errors is an error: a shop that fails is
// none.
func (a *answered) parse(content []byte) error {
	var answer struct {
		Data struct {
			Customer map[string]json.RawMessage
		}
		Errors json.RawMessage
	}
	if err := json.Unmarshal(content, &answer); err != nil || answer.Errors != nil || answer.Data.Customer == nil {
		return errors.Join(err, fmt.Errorf("the answer is %.800s", content))
	}
	var orders struct {
		Sources []struct{ Source, State string }
		Edges   []json.RawMessage
		Nodes   []json.RawMessage
	}
	if err := json.Unmarshal(answer.Data.Customer["orders"], &orders); err != nil {
		return err
	}
	if len(orders.Edges) != len(orders.Nodes) {
		return fmt.Errorf("%d edges and %d nodes", len(orders.Edges), len(orders.Nodes))
	}
	a.rest, a.orders, a.states = map[string]string{}, map[string][]string{}, map[string]string{}
	for name, value := range answer.Data.Customer {
		if name != "orders" {
			a.rest[name] = regexp.MustCompile(`"computedAt":"[^"]*"`).ReplaceAllString(string(value), `"computedAt":""`)
		}
	}
	for _, node := range orders.Nodes {
		var order struct{ Source string }
		if err := json.Unmarshal(node, &order); err != nil {
			return err
		}
		a.orders[order.Source] = append(a.orders[order.Source], string(node))
	}
	for _, source := range orders.Sources {
		a.states[source.Source] = source.State
	}
	return nil
}

// askAll puts customer-360 for every customer at once.
func (p *process) askAll(t *testing.T, document string, ids []crm.ID) []answered {
	t.Helper()
	answers, failed := make([]answered, len(ids)), make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() { answers[i], failed[i] = p.ask(t.Context(), document, id) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	return answers
}
