package crm

import (
	"iter"
	"maps"
)

// RuleNames are the members that have a rule.
func RuleNames() iter.Seq[string] { return maps.Keys(rules) }
