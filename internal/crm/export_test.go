package crm

import (
	"iter"
	"maps"
	"reflect"
)

// RuleNames are the members that have a rule.
func RuleNames() iter.Seq[string] { return maps.Keys(rulesOf(descriptions)) }

// SizeOf is what Check holds against MaxRecordBytes.
func SizeOf(r Record) int { return sizeOf(reflect.ValueOf(r).Elem(), structures[r.RecordKind()]) }
