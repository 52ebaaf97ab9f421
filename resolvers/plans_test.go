package resolvers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/resolvers"
)

// many is a document with so many fields, unlike that of any other number.
func many(fields, number int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "query ($on: Boolean = true) { customers(first: 1) { nodes { n%d: id", number)
	for i := range fields {
		fmt.Fprintf(&b, " f%d: id @include(if: $on)", i)
	}
	b.WriteString(" } } }")
	return b.String()
}

// TestPlansAreBounded wants what is kept of operations to be bounded by their fields,
// whatever documents come, and every answer to be right, kept or not.
func TestPlansAreBounded(t *testing.T) {
	graph := filled(t, backends.Backends()[0], nil)
	const fields = 2000
	for number := range 2 * resolvers.MostKept / fields {
		answer := string(graph.ask(t, many(fields, number), nil))
		if !strings.Contains(answer, fmt.Sprintf(`"n%d":`, number)) || strings.Count(answer, `"f`) != fields {
			t.Fatalf("document %d: %.300s", number, answer)
		}
		if operations, kept := resolvers.Kept(graph.schema); kept > resolvers.MostKept || operations == 0 {
			t.Fatalf("after %d documents %d fields of %d operations are kept, more than %d", number+1, kept, operations, resolvers.MostKept)
		}
	}
	operations, before := resolvers.Kept(graph.schema)
	if before < resolvers.MostKept/2 {
		t.Errorf("%d fields of %d operations are kept: far fewer than there is room for", before, operations)
	}
	giant := many(resolvers.MostKept/8, 0)
	if answer := string(graph.ask(t, giant, nil)); strings.Count(answer, `"f`) != resolvers.MostKept/8 {
		t.Errorf("%.300s", answer)
	}
	if _, after := resolvers.Kept(graph.schema); after != before {
		t.Errorf("one large operation takes %d fields", after-before)
	}
}
