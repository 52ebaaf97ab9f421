//go:build !race

package resolvers_test

import (
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
)

// TestRulesCostNothingForFields wants rules that allow an operation to allocate
// a little for it, whatever its number of fields: the journey answers with
// hundreds. The race detector lets pools forget at random what they hold, so that with
// it the counts say nothing.
func TestRulesCostNothingForFields(t *testing.T) {
	graph, _ := onDemo(t, backends.Backends()[0], nil)
	without, with := graph.answering(t, staffOf(access.RoleSupport), false), graph.answering(t, staffOf(access.RoleSupport), true)
	const most = 25
	a, b := testing.AllocsPerRun(30, without), testing.AllocsPerRun(30, with)
	if b-a > most {
		t.Errorf("%.0f allocations without rules and %.0f with them: more than %d for one operation", a, b, most)
	}
}
