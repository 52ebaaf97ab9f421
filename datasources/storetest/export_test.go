package storetest

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Rule is one of the suite's rules, for tests of the suite.
type Rule struct {
	Name  string
	Check func(t testing.TB, s crm.Store)
}

// Rules lists the suite's rules.
func Rules() []Rule {
	list := []Rule{}
	for _, r := range rules() {
		list = append(list, Rule{r.name, r.check})
	}
	return list
}

// Settled is a copy of a record as stores hand it out.
func Settled[R any](record R) R { return settled(record) }

// Small is the nth small record of a kind.
func Small(name crm.Kind, n int) crm.Record { return of(name).small(n) }
