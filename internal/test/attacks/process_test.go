package attacks_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// process is the real program, serving the demo.
type process struct {
	id            int
	address       string // HOST:PORT
	path          string
	authorization string
	tokens        map[string]string // by caller, as Authorization
	metrics       string            // URL
	log           *bytes.Buffer
	client        *http.Client // keeps as many connections as are asked for
}

// started builds the program and starts its demo in a process of its own.
func started(t *testing.T) *process {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gateway")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/customer360/gateway/cmd/gateway")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	store := "--store=sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	load(t, program, store)
	p := &process{
		log:    &bytes.Buffer{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections + 1}},
	}
	t.Cleanup(p.client.CloseIdleConnections)
	command := exec.CommandContext(t.Context(), program, "demo", "--json", "--listen", "127.0.0.1:0", store)
	command.Stderr = p.log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no line on standard output: %v; log:\n%s", err, p.log)
	}
	var ready struct {
		GraphQL, Metrics string
		Tokens           map[string]string
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	p.id, p.authorization, p.tokens, p.metrics = command.Process.Pid, ready.Tokens["staff"], ready.Tokens, ready.Metrics
	address, path, _ := strings.Cut(strings.TrimPrefix(ready.GraphQL, "http://"), "/")
	p.address, p.path = address, "/"+path
	return p
}

// load makes a store with the demo, in a process of its own: loading takes memory that
// is not all given back, and a gateway is seldom started on an empty store.
func load(t *testing.T, program, store string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := exec.CommandContext(ctx, program, "demo", "--json", "--listen", "127.0.0.1:0", store)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the demo is not loaded: %v", err)
	}
	cancel()
	_ = command.Wait() // It was killed.
}

// cpu returns the processor time that the process has used, on all its threads. A
// thread of a Go program stays.
func (p *process) cpu(t *testing.T) time.Duration {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.id))
	if err != nil || len(files) == 0 {
		t.Fatalf("no threads of process %d: %v", p.id, err)
	}
	var sum time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		spent, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(spent, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		sum += time.Duration(n)
	}
	return sum
}

// forget lets the kernel measure the most memory from now on.
func (p *process) forget(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.id), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// memory returns a number of bytes from the process's status: VmRSS is what it holds,
// VmHWM the most since forget.
func (p *process) memory(t *testing.T, name string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.id))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(name + `:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no %s in %s", name, status)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// allocated returns the bytes that the process has ever allocated: what it takes of
// them may fit into memory that it holds already, and would not show in memory.
func (p *process) allocated(t *testing.T) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.metrics, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^go_memstats_alloc_bytes_total (\S+)$`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no allocated bytes in %s", text)
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
