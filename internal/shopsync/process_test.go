package shopsync_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync"
	"github.com/customer360/gateway/internal/test/race"
)

// A test that needs a process of its own runs this program again, with one of
// these variables: the file of the store to sync into.
const (
	killVariable   = "SHOPSYNC_TEST_KILL"
	memoryVariable = "SHOPSYNC_TEST_MEMORY"
)

// memoryOrders is how many orders the test of memory has: with the race detector its
// figure tells nothing, and only the way is tried.
func memoryOrders() int { return race.Fewer(100_000, 5_000) }

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(killVariable) != "":
		child(os.Getenv(killVariable), killWorld().ports(), 10)
	case os.Getenv(memoryVariable) != "":
		child(os.Getenv(memoryVariable), []crm.Shop{&factory{tape: tape{source: "shop"}, customers: memoryOrders() / 5, orders: memoryOrders()}}, 0)
	default:
		os.Exit(mongod.Main(m))
	}
}

// child syncs and says so after each batch; at the end it prints the most memory
// that it ever had.
func child(path string, shops []crm.Shop, batch int) {
	store, err := sqlite.Open(context.Background(), path)
	if err == nil {
		err = store.Migrate(context.Background())
	}
	if err == nil {
		_, err = shopsync.Run(context.Background(), store, shops, shopsync.Options{
			BatchSize: batch, Progress: func(shopsync.Progress) { fmt.Println("batch") },
		})
	}
	if err = errors.Join(err, store.Close(context.Background())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Print(line)
		}
	}
}

func killWorld() world {
	return newWorld(rand.New(rand.NewPCG(9, 10)).IntN, size{stored: 50, shops: 2, customers: 150, products: 30, orders: 600, people: 90})
}

func command(t *testing.T, variable, path string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc, which only Linux has")
	}
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), variable+"="+path)
	c.Stderr = os.Stderr
	return c
}

// TestKilledProcess kills a process while it syncs, ten times into one store,
// somewhere in a batch, and then lets one run to its end.
func TestKilledProcess(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	path := filepath.Join(t.TempDir(), "killed.db")
	store := opened(t, path)
	fill(t, store, killWorld().stored...)
	whole := opened(t, filepath.Join(t.TempDir(), "whole.db"))
	fill(t, whole, killWorld().stored...)
	run(t, whole, killWorld().ports(), shopsync.Options{BatchSize: 10})
	kills := 0
	for range 10 {
		c := command(t, killVariable, path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 1 + random.IntN(18) {
			lines.Scan()
		}
		for range random.IntN(200_000) { // somewhere within the next batch
			runtime.Gosched()
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if c.Wait() != nil {
			kills++
		}
	}
	if kills < 5 {
		t.Errorf("%d of 10 processes were killed before they had ended, want 5 at least", kills)
	}
	if out, err := command(t, killVariable, path).Output(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(strings.Split(dump(t, whole), "\n"), strings.Split(dump(t, store), "\n")); diff != "" {
		t.Errorf("killed ten times (-want +got):\n%s", diff)
	}
}

func opened(t *testing.T, path string) crm.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

// factory is a shop that makes its many records as it is asked for them.
type factory struct {
	tape
	customers, orders int
}

func stretch[T any](n int, from crm.Mark, limit int, record func(i int) *T) (crm.ShopChanges[T], error) {
	at, _ := strconv.Atoi(from.Cursor) // "" is the beginning
	end := min(at+limit, n)
	c := crm.ShopChanges[T]{Next: crm.Mark{Cursor: strconv.Itoa(end)}, More: end < n}
	for i := at; i < end; i++ {
		c.Items = append(c.Items, record(i))
	}
	return c, nil
}

func (f *factory) CustomerChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	return stretch(f.customers, from, limit, func(i int) *crm.ShopCustomer {
		return &crm.ShopCustomer{
			ExternalID: strconv.Itoa(i), Email: fmt.Sprintf("person%d@example.com", i), EmailVerified: true,
			GivenName: "Ann", FamilyName: "Lee", Phone: fmt.Sprintf("+4416329%05d", i), UpdatedAt: noon(),
			Addresses: []crm.Address{{Line1: strconv.Itoa(i) + " High Street"}},
		}
	})
}

func (f *factory) OrderChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	return stretch(f.orders, from, limit, func(i int) *crm.ShopOrder {
		o := order("shop", i)
		o.Buyer.ExternalID = strconv.Itoa(i % (f.customers + f.customers/10)) // some are strangers
		return o
	})
}

// TestMemory syncs 100,000 orders in a process of its own.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	out, err := command(t, memoryVariable, filepath.Join(t.TempDir(), "store.db")).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, last, found := strings.Cut(string(out), "VmHWM:")
	fields := strings.Fields(last)
	if !found || len(fields) != 2 {
		t.Fatalf("it said %q at the end", last)
	}
	peak, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("peak memory %d MiB", peak>>10)
	if limit := 256 << 10; peak > limit {
		t.Errorf("peak memory %d kB, want at most %d", peak, limit)
	}
}
