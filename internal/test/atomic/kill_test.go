package atomic_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

const (
	// storeVariable makes this program the writer: it names the store.
	storeVariable = "ATOMIC_TEST_STORE"
	// roundVariable is the number of the writer, so that each has records of its own.
	roundVariable = "ATOMIC_TEST_ROUND"
	kills         = 20
	writers       = 4
	// patience is for a machine that is busy with other tests: its disk may keep a
	// server from answering for longer than a store waits by itself.
	patience = time.Minute
)

func TestMain(m *testing.M) {
	if os.Getenv(storeVariable) != "" {
		if err := write(context.Background(), os.Getenv(storeVariable), os.Getenv(roundVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(mongod.Main(m))
}

func open(ctx context.Context, where string) (crm.Store, error) {
	if strings.HasPrefix(where, "mongodb:") {
		return mongodb.Open(ctx, where, mongodb.WithTimeout(patience))
	}
	return sqlite.Open(ctx, where)
}

// together are the records of one Changes, of four kinds.
func together(name string) []crm.Record {
	now := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	customer := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "kill", name), DisplayName: name, Version: 1, CreatedAt: now, UpdatedAt: now}
	customer.ExternalIdentities = []crm.ExternalIdentity{{Source: "kill", ExternalID: name}}
	customer.Complete()
	total := crm.Money{Minor: 100, CurrencyCode: "EUR"}
	order := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, "kill", name), Source: "kill", ExternalID: name, Number: name, CustomerID: customer.ID,
		PlacedAt: now, UpdatedAt: now, Price: crm.PriceBreakdown{
			Subtotal: total, Discount: crm.Money{CurrencyCode: "EUR"}, Shipping: crm.Money{CurrencyCode: "EUR"}, Tax: crm.Money{CurrencyCode: "EUR"}, Total: total,
		},
	}
	order.Complete()
	ticket := &crm.Ticket{ID: crm.DerivedID(crm.KindTicket, "kill", name), Number: name, Subject: "Where is it?", CustomerID: customer.ID, Version: 1, CreatedAt: now, UpdatedAt: now}
	ticket.Complete()
	article := &crm.Article{ID: crm.DerivedID(crm.KindArticle, "kill", name), TicketID: ticket.ID, Body: "Where is it?", CreatedAt: now}
	article.Complete()
	return []crm.Record{customer, order, ticket, article}
}

func changes(name string) crm.Changes {
	var c crm.Changes
	for _, r := range together(name) {
		c.Records = append(c.Records, crm.Change{Record: r})
	}
	return c
}

// write commits until it is killed, several at once, and says what was stored.
func write(ctx context.Context, where, round string) error {
	store, err := open(ctx, where)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range writers {
		go func() {
			for n := 0; ; n++ {
				first, second := fmt.Sprintf("%s-%d-%d-a", round, w, n), fmt.Sprintf("%s-%d-%d-b", round, w, n)
				outcomes, err := store.Commit(ctx, []crm.Changes{changes(first), changes(second)})
				if err := errors.Join(append(outcomes, err)...); err != nil {
					failed <- err
					return
				}
				// One line, one system call: it is told whole or not at all.
				_, _ = os.Stdout.WriteString(first + " " + second + "\n")
			}
		}()
	}
	return <-failed
}

// TestKilledWriters kills writers at random points. All that they said was stored
// is there, and of what they did not finish either everything or nothing.
func TestKilledWriters(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { kill(t, filepath.Join(t.TempDir(), "store.db"), func() {}) })
	// A server of its own: one that is shared would keep the transactions that nobody
	// ends for a minute, and everybody waiting who drops their database.
	t.Run("mongodb", func(t *testing.T) {
		server := mongod.Start(t)
		kill(t, server.URI("atomic"), func() { server.EndSessions(t) })
	})
}

// kill runs writers on a store and kills them. Before it looks at what is stored it
// calls settle, which returns when nothing that a killed writer has asked for is
// under way.
func kill(t *testing.T, where string, settle func()) {
	t.Helper()
	store, err := open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close(context.Background()) }()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // The same points every time.
	var said []string
	for round := range kills {
		said = append(said, strings.Fields(runUntilKilled(t, where, round, random))...)
	}
	if len(said) < 2*kills {
		t.Errorf("the writers stored %d in %d lives: too few to have been killed in the middle", len(said), kills)
	}
	settle()
	check(t, store, said)
}

// runUntilKilled starts a writer, kills it some time after it has begun to store,
// and holds that all it said was stored is there.
func runUntilKilled(t *testing.T, where string, round int, random *rand.Rand) string {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0])
	writer.Env = append(os.Environ(), storeVariable+"="+where, roundVariable+"="+strconv.Itoa(round))
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	var (
		told strings.Builder
		once sync.Once
	)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		told.WriteString(lines.Text() + "\n")
		once.Do(func() {
			time.AfterFunc(time.Duration(random.IntN(30_000))*time.Microsecond, func() { _ = writer.Process.Kill() })
		})
	}
	if err := writer.Wait(); err == nil || writer.ProcessState.Exited() {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return told.String()
}

// check holds that what belongs together is there together, and counts it.
func check(t *testing.T, store crm.Store, said []string) {
	t.Helper()
	found, logged, tickets := map[string]int{}, map[crm.ID]bool{}, map[crm.ID]string{}
	for _, kind := range []crm.Kind{crm.KindCustomer, crm.KindOrder, crm.KindTicket, crm.KindArticle} {
		q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1_000_000}}
		page, err := store.List(t.Context(), kind, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			found[nameOf(r, tickets)]++
		}
	}
	for after := int64(0); ; {
		entries, err := store.Log(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			if after >= e.Number || logged[e.ID] {
				t.Fatalf("entry %d follows %d, or its record was logged twice", e.Number, after)
			}
			after, logged[e.ID] = e.Number, true
		}
	}
	whole := 0
	for name, n := range found {
		if n != 4 {
			t.Errorf("%s: %d of its records are there without the others", name, n)
		}
		whole++
	}
	for _, name := range said {
		if found[name] == 0 {
			t.Errorf("%s was said to be stored and is lost", name)
		}
	}
	if len(logged) != 4*whole {
		t.Errorf("the log has %d entries of %d records", len(logged), 4*whole)
	}
	t.Logf("%d Changes were stored, %d of them said so", whole, len(said))
}

// nameOf returns the name under which a record was made; tickets remembers that of
// each ticket for its articles.
func nameOf(r crm.Record, tickets map[crm.ID]string) string {
	switch r := r.(type) {
	case *crm.Customer:
		return r.DisplayName
	case *crm.Order:
		return r.ExternalID
	case *crm.Ticket:
		tickets[r.ID] = r.Number
		return r.Number
	case *crm.Article:
		return tickets[r.TicketID]
	}
	return ""
}
