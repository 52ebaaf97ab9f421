package crm

import (
	"iter"
	"maps"
)

// RuleNames are the members that have a rule.
func RuleNames() iter.Seq[string] { return maps.Keys(rulesOf(descriptions)) }

// SizeOf is what Check holds against MaxRecordBytes.
func SizeOf(r Record) int { return recordSize(r) }
