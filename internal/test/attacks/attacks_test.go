package attacks_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/customer360/gateway/internal/test/attacks"
)

// What an attack may cost the program, and how often it is tried: the best counts,
// because whatever else the machine does can only add.
const (
	mostTime   = 50 * time.Millisecond
	mostMemory = 32 << 20
	// What is executed as far as the bounds of answers go.
	boundedTime   = 600 * time.Millisecond
	boundedMemory = 128 << 20
)

// measuring says that the limits of time and memory count, in the best of five
// rounds: on a machine that does other work too they say nothing.
func measuring() bool { return os.Getenv("MEASURE") != "" }

func rounds() int {
	if measuring() {
		return 5
	}
	return 1
}

// TestAttacks sends every attack to the real program. Each is answered with a clear
// error, or with data if it is legal, with MEASURE=1 within the limits; and the
// program lives.
func TestAttacks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc, which only Linux has")
	}
	p := started(t)
	if a := p.ask(t, `{"query": "{ __typename }"}`); a.status != http.StatusOK || a.told != "" {
		t.Fatalf("a harmless request is answered %d %s", a.status, a.told)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "attack\tCPU\tmemory\tallocated\tstatus\tanswer")
	count := 0
	for _, a := range attacks.All(1) {
		count++
		m := p.measure(t, a)
		_, _ = fmt.Fprintf(w, "%s\t%.2f ms\t%.1f MB\t%.1f MB\t%d\t%s\n",
			a.Name, float64(m.time.Microseconds())/1000, float64(m.memory)/(1<<20), float64(m.allocated)/(1<<20), m.answer.status, m.answer.told)
		if problem := m.problem(a); problem != "" {
			t.Errorf("%s: %s", a.Name, problem)
		}
	}
	if a := p.ask(t, `{"query": "{ __typename }"}`); a.status != http.StatusOK || a.told != "" {
		t.Errorf("after the attacks, a harmless request is answered %d %s", a.status, a.told)
	}
	_ = w.Flush()
	t.Logf("%d attacks, best of %d, %v and %d MB at most:\n%s", count, rounds(), mostTime, mostMemory>>20, table.String())
}

// measured is what an attack costs: memory is by how much the process grows,
// allocated what it allocates, whether it has to grow for it or not.
type measured struct {
	time              time.Duration
	memory, allocated int
	answer            answer
}

func (m measured) problem(a attacks.Attack) string {
	var problems []string
	longest, largest := mostTime, mostMemory
	if a.Bounded {
		longest, largest = boundedTime, boundedMemory
	}
	if !m.answer.json {
		problems = append(problems, "the answer is not a GraphQL response")
	} else if m.answer.told == "" && !a.Legal {
		problems = append(problems, "the answer is no error")
	}
	if m.answer.status >= 500 {
		problems = append(problems, fmt.Sprintf("the status is %d", m.answer.status))
	}
	if measuring() && m.time > longest {
		problems = append(problems, fmt.Sprintf("it takes %v of CPU time, want %v at most", m.time, longest))
	}
	if most := max(m.memory, m.allocated); measuring() && most > largest {
		problems = append(problems, fmt.Sprintf("it takes %d MB, want %d at most", most>>20, largest>>20))
	}
	return strings.Join(problems, "; ")
}

func (p *process) measure(t *testing.T, a attacks.Attack) measured {
	t.Helper()
	best := measured{time: time.Hour, memory: 1 << 40, allocated: 1 << 40}
	body := a.Body()
	for range rounds() {
		allocated := p.allocated(t)
		p.forget(t)
		memory, spent := p.memory(t, "VmRSS"), p.cpu(t)
		got := p.send(t, a, body)
		best.time = min(best.time, p.cpu(t)-spent)
		best.memory = min(best.memory, max(0, p.memory(t, "VmHWM")-memory))
		best.allocated = min(best.allocated, p.allocated(t)-allocated)
		best.answer = got
	}
	return best
}

// answer is what the program says.
type answer struct {
	status int
	json   bool   // a GraphQL response
	told   string // the first error, "" for none
}

func (p *process) ask(t *testing.T, body string) answer {
	t.Helper()
	return p.send(t, attacks.Attack{}, []byte(body))
}

// send posts a body on a connection of its own and reads all that comes back, until
// the program has closed it: the work is done then.
func (p *process) send(t *testing.T, a attacks.Attack, body []byte) answer {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatalf("%v; log:\n%s", err, p.log)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+p.path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	request.Header.Set("Content-Type", "application/json")
	if p.authorization != "" {
		request.Header.Set("Authorization", p.authorization)
	}
	if a.Encoding != "" {
		request.Header.Set("Content-Encoding", a.Encoding)
	}
	if a.Chunked {
		request.ContentLength = -1
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = request.Write(conn) // The program need not read to the end.
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
	<-written
	return understood(response.StatusCode, text)
}

func understood(status int, text []byte) answer {
	var body struct {
		Data   *json.RawMessage
		Errors []struct{ Message string }
	}
	a := answer{status: status}
	if json.Unmarshal(text, &body) != nil {
		return a
	}
	a.json = body.Data != nil || len(body.Errors) > 0
	if len(body.Errors) > 0 {
		a.told = body.Errors[0].Message
		a.json = a.told != ""
	}
	return a
}
