package document_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/customer360/gateway/graph/document"
)

func TestCache(t *testing.T) {
	limits := document.DefaultLimits()
	limits.CachedDocuments = 2
	p := planner(t, limits)
	planned := func(text string) *document.Document {
		t.Helper()
		doc, errs := p.Document(text, document.Options{})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return doc
	}
	a, b := planned("query A { __typename }"), planned("query B { __typename }")
	if planned("query A { __typename }") != a || planned("query B { __typename }") != b {
		t.Error("a document is planned again")
	}
	planned("query A { __typename }")
	planned("query C { __typename }")
	if planned("query A { __typename }") != a {
		t.Error("the document used last is not kept")
	}
	if planned("query B { __typename }") == b {
		t.Error("three documents are kept, want two")
	}
}

// TestCachedBytes keeps many documents and looks at what the process holds for them.
func TestCachedBytes(t *testing.T) {
	limits := document.DefaultLimits()
	limits.CachedDocuments, limits.CachedBytes = 1_000_000, 4<<20
	p := planner(t, limits)
	before := held()
	for i := range 500 {
		fields := fmt.Sprintf("a%d: id ", i) + strings.Repeat("id ", 300)
		if _, errs := p.Document("{ viewer { customer { "+fields+"} } }", document.Options{}); len(errs) > 0 {
			t.Fatal(errs)
		}
	}
	after := held()
	runtime.KeepAlive(p)
	if grown := after - before; grown < limits.CachedBytes/4 || grown > limits.CachedBytes*3/2 {
		t.Errorf("the cache holds %d bytes, want about %d", grown, limits.CachedBytes)
	}
}

func held() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestConcurrent shares documents between requests; the race detector watches.
func TestConcurrent(t *testing.T) {
	limits := document.DefaultLimits()
	limits.CachedDocuments = 3
	p := planner(t, limits)
	all := journeys(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				for name, text := range all {
					doc, errs := p.Document(text, document.Options{})
					if len(errs) > 0 {
						t.Error(name, errs)
						return
					}
					if _, err := p.Cost(doc, doc.Query.Operations[0], map[string]any{"orders": 3}); err != nil {
						t.Error(name, err)
					}
				}
			}
		})
	}
	group.Wait()
}
