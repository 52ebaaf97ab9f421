package document_test

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/test/attacks"
	"github.com/customer360/gateway/internal/test/race"
)

// What planning one document may take: the program has as much again for the rest.
const (
	attackTime   = race.Slower * 25 * time.Millisecond
	attackMemory = 16 << 20
)

// TestAttacks plans what is made to exhaust a planner: each is refused, or planned
// if it is legal, in little time and memory.
func TestAttacks(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	for _, a := range attacks.All(1) {
		if a.Document == "" {
			continue
		}
		took, bytes := time.Hour, uint64(1<<62)
		var told string
		for range 5 {
			before, memory := cpu(t), allocated()
			told = refusal(p, a)
			took = min(took, cpu(t)-before)
			bytes = min(bytes, allocated()-memory)
		}
		t.Logf("%-45s %8v %6d KB  %s", a.Name, took.Round(10*time.Microsecond), bytes>>10, told)
		if told == "" && !a.Legal {
			t.Errorf("%s is planned, want it refused", a.Name)
		}
		if took > attackTime || bytes > attackMemory {
			t.Errorf("%s takes %v and %d KB, want %v and %d KB at most", a.Name, took, bytes>>10, attackTime, attackMemory>>10)
		}
	}
}

// refusal returns the first error that an attack is answered with, "" for none.
func refusal(p *document.Planner, a attacks.Attack) string {
	if err := p.Variables([]byte(a.Variables)); err != nil {
		return err.Message
	}
	doc, errs := p.Document(a.Document, document.Options{Suggest: true})
	if len(errs) > 0 {
		return errs[0].Message
	}
	operation, err := doc.Operation("")
	if err != nil {
		return err.Message
	}
	variables, errs := p.Coerce(doc, operation, []byte(a.Variables), document.Options{Suggest: true})
	if len(errs) > 0 {
		return errs[0].Message
	}
	if _, err := p.Cost(doc, operation, variables); err != nil {
		return err.Message
	}
	return ""
}

// cpu returns the processor time that the test has used, on all threads.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestWorstWithinLimits plans what goes as far as the default limits permit: how
// long it takes is what they are worth.
func TestWorstWithinLimits(t *testing.T) {
	limits := document.DefaultLimits()
	limits.CachedBytes = 1 // Nothing is kept.
	p := planner(t, limits)
	count := func(n int, text func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(text(i))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"fragments that reach each other": "{ viewer { customer { ...F0 } } } " + count(60, func(i int) string {
			return fmt.Sprintf("fragment F%d on Customer { id kind status tags ...F%d } ", i, i+1)
		}) + "fragment F60 on Customer { " + strings.Repeat("id ", 400) + "}",
		"operations with one fragment": count(19, func(i int) string {
			return fmt.Sprintf("query Q%d { viewer { customer { ...F } } } ", i)
		}) + "fragment F on Customer { " + strings.Repeat("id kind ", 900) + "}",
		"every type of node": "{ node(id: 1) { ... on Node { " + strings.Repeat("__typename id ", 990) + "} } }",
		"errors everywhere":  "{ viewer { customer { " + strings.Repeat("id(a: 1) { x } ", 380) + "} } }",
		"long names": "{ viewer { customer { " + count(300, func(i int) string {
			return strings.Repeat("n", 250) + fmt.Sprint(i) + " "
		}) + "} } }",
		"repeated objects":  "{ viewer { customer { " + strings.Repeat("parent { id } ", 950) + "} } }",
		"repeated lists":    "{ viewer { customer { " + strings.Repeat("orders(first: 1, filter: {status: [OPEN, CANCELED]}) { totalCount } ", 80) + "} } }",
		"nested everywhere": "{ viewer { customer { " + strings.Repeat(strings.Repeat("parent { ", 10)+"id "+strings.Repeat("} ", 10), 120) + "} } }",
	} {
		took, bytes := time.Hour, uint64(1<<62)
		var errs gqlerror.List
		for range 5 {
			before, memory := cpu(t), allocated()
			_, errs = p.Document(text, document.Options{Suggest: true})
			took = min(took, cpu(t)-before)
			bytes = min(bytes, allocated()-memory)
		}
		told := ""
		if len(errs) > 0 {
			told = errs[0].Message
		}
		t.Logf("%-35s %8v %6d KB  %s", name, took.Round(10*time.Microsecond), bytes>>10, told)
		if took > attackTime || bytes > attackMemory {
			t.Errorf("%s takes %v and %d KB, want %v and %d KB at most", name, took, bytes>>10, attackTime, attackMemory>>10)
		}
	}
}
