package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/storetest/mongod"
)

// lines of the whole data set, and of the part that memory is compared with.
const (
	allLines  = 1_469_307
	fewLines  = 150_000
	mostTimes = 1.3
)

// TestImportAtScale imports "The Complete Journey" into both stores, as a program
// of its own whose memory can be told: it must not grow with the number of lines.
// The rates are printed, not tested.
func TestImportAtScale(t *testing.T) {
	folder := os.Getenv("COMPLETE_JOURNEY")
	if folder == "" {
		if os.Getenv("REQUIRE_SCALE") != "" {
			t.Fatal("REQUIRE_SCALE is set, and COMPLETE_JOURNEY is not")
		}
		t.Skip("the import at scale is run by itself: COMPLETE_JOURNEY is the folder of its data, which scripts/scale/complete-journey.sh fetches")
	}
	program := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	few, all := converted(t, folder, fewLines), converted(t, folder, allLines)
	for store, url := range map[string]func(t *testing.T) string{
		"sqlite":  func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"mongodb": func(t *testing.T) string { return mongod.URI(t) },
	} {
		t.Run(store, func(t *testing.T) {
			small, large := imported(t, program, url(t), few), imported(t, program, url(t), all)
			t.Logf("peak memory %d MiB for %d lines, %d MiB for %d", small.peak>>20, few.Lines, large.peak>>20, all.Lines)
			t.Logf("%d orders with %d lines in %.1f s: %.0f lines/s", all.Orders, all.Lines, large.orders.Seconds(), float64(all.Lines)/large.orders.Seconds())
			if float64(large.peak) > mostTimes*float64(small.peak) {
				t.Errorf("peak memory %d bytes for %d lines, %d for %d: more than %.1f times", large.peak, all.Lines, small.peak, few.Lines, mostTimes)
			}
		})
	}
}

// data is a folder of files to import, and what they hold.
type data struct {
	folder                             string
	Products, Customers, Orders, Lines int
}

func converted(t *testing.T, from string, lines int) data {
	t.Helper()
	d := data{folder: t.TempDir()}
	out, err := exec.CommandContext(t.Context(), "python3", "../../scripts/scale/complete_journey.py", from, d.folder, strconv.Itoa(lines)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if d.Lines < lines {
		t.Fatalf("%d lines, want %d", d.Lines, lines)
	}
	return d
}

// importing is what the imports of a data set took: the highest resident memory of
// them all in bytes, and the time of the orders.
type importing struct {
	peak   int64
	orders time.Duration
}

func imported(t *testing.T, program, store string, d data) importing {
	t.Helper()
	var took importing
	for _, kind := range []struct {
		name  string
		count int
	}{{"customers", d.Customers}, {"products", d.Products}, {"orders", d.Orders}} {
		cmd := exec.CommandContext(t.Context(), program, "import", "--store", store, "--kind", kind.name, "--json", filepath.Join(d.folder, kind.name+".ndjson"))
		start := time.Now()
		out, err := cmd.Output()
		took.orders = time.Since(start)
		var counts struct{ Created, Rejected int }
		if decoding := json.Unmarshal(out, &counts); err != nil || decoding != nil || counts.Created != kind.count || counts.Rejected != 0 {
			t.Fatalf("import %s: %v %s, want %d created", kind.name, err, out, kind.count)
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			t.Fatal("the system does not tell what a process used")
		}
		took.peak = max(took.peak, usage.Maxrss<<10) // Linux counts in KiB.
		t.Logf("%s: %d in %.1f s, peak %d MiB", kind.name, kind.count, took.orders.Seconds(), usage.Maxrss>>10)
	}
	return took
}
