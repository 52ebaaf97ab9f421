//go:build linux

package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/customer360/gateway/internal/demo"
)

// BenchmarkCollection asks two demos for the 360 view and for a list, by turns: one
// that collects its garbage as Go does by default (GOGC=100), and one as the program
// does by itself. ratio is the CPU time of the second by that of the first, MiB are the
// memory that each has at the end.
func BenchmarkCollection(b *testing.B) {
	program := filepath.Join(b.TempDir(), "gateway")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	plain, own := benchDemo(b, program, "GOGC=100"), benchDemo(b, program)
	asked := map[string]map[string]any{
		"dashboard/customer-360": {"id": string(demo.ExampleCustomer())},
		"dashboard/customers":    {"first": 50},
	}
	documents := map[string]string{}
	for name := range asked {
		documents[name] = journey(b, name)
	}
	ask := func(d demoProcess) {
		for range 10 {
			for name, variables := range asked {
				if got := send(b, d.served, d.tokens.Staff, documents[name], variables); got.status != 200 || strings.Contains(got.body, `"errors"`) {
					b.Fatalf("status %d: %.500s", got.status, got.body)
				}
			}
		}
	}
	ask(plain)
	ask(own)
	before, ownBefore := plain.ticks(b), own.ticks(b)
	for b.Loop() {
		ask(plain)
		ask(own)
	}
	b.ReportMetric(float64(own.ticks(b)-ownBefore)/float64(plain.ticks(b)-before), "ratio")
	b.ReportMetric(plain.resident(b), "default-MiB")
	b.ReportMetric(own.resident(b), "own-MiB")
}

// demoProcess is the demo in a process of its own.
type demoProcess struct {
	served
	pid int
}

func benchDemo(b *testing.B, program string, environ ...string) demoProcess {
	b.Helper()
	c := exec.CommandContext(b.Context(), program, "demo", "--json", "--listen", "127.0.0.1:0")
	c.Env = append(environ, "TMPDIR="+b.TempDir())
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	var ready struct {
		GraphQL string
		Tokens  struct{ Staff, Partner, Portal string }
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		b.Fatal(err)
	}
	return demoProcess{served{graphql: ready.GraphQL, tokens: ready.Tokens}, c.Process.Pid}
}

// ticks are the hundredths of a second of CPU that the process has used.
func (d demoProcess) ticks(b *testing.B) int {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

// resident is the memory that the process has, in MiB.
func (d demoProcess) resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib >> 10)
}
