package storetest

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Ways are the ways in which a kind is listed and counted, as its description has them,
// for tests of what a store reads to answer: a new kind has its own without a line.
type Ways struct {
	// Records are to be stored first, in this order: those of the kind, and what they
	// belong to.
	Records []crm.Record
	// Sorts are the kind's times, numbers and sortable texts, that of its lists first,
	// and its id.
	Sorts []crm.Field
	// By are the keys that hold ids, and IDs those that they hold.
	By  []crm.Field
	IDs []crm.ID
	// Within are conditions on each text of the records that have an id: one that some
	// fulfill, and one that none does, for which a store could read all of them; and of
	// those that a record may be without, that it is there and that it is not.
	Within []crm.Predicate
	// Searched says that the records are found by their words.
	Searched bool
}

// WaysOf returns the ways of a kind, with n records of it.
func WaysOf(name crm.Kind, n int) Ways {
	k := of(name)
	records := many(n, k.named)
	w := Ways{Records: append(k.ancestors(map[crm.Kind]bool{}), records...), Sorts: k.sorts()}
	slices.SortStableFunc(w.Sorts, func(a, b crm.Field) int { return cmp.Compare(k.rank(a), k.rank(b)) })
	keys, least := records[0].Keys(), k.small(0).Keys()
	for _, key := range k.Keys {
		if key.Field == crm.FieldTokens {
			w.Searched = true
			continue
		}
		found := values(keys, key.Field)
		if key.Class == crm.ClassText && key.Parent == "" && len(values(least, key.Field)) == 0 {
			w.Within = append(w.Within, crm.Predicate{Field: key.Field, Present: true}, crm.Predicate{Field: key.Field, Absent: true})
		}
		switch {
		case key.Class != crm.ClassText && key.Class != crm.ClassMany || len(found) == 0:
		case crm.ID(found[0]).Kind() != "":
			w.By = append(w.By, key.Field)
			for _, r := range records {
				w.IDs = append(w.IDs, crm.ID(values(r.Keys(), key.Field)[0]))
			}
		default:
			for _, value := range []string{found[0], "nobody's"} {
				w.Within = append(w.Within, crm.Predicate{Field: key.Field, In: []string{value}})
			}
		}
	}
	slices.Sort(w.IDs)
	w.IDs = slices.Compact(w.IDs)
	return w
}

// rank is how early lists are sorted by a field: by times first, by id last.
func (k kind) rank(f crm.Field) int {
	key, _ := k.Key(f)
	return slices.Index([]bool{key.Class == crm.ClassTime, key.Class == crm.ClassNumber, f != crm.FieldID, true}, true)
}

// named is the nth small record of the kind, in which each member that may name another
// record does, and each text and each word of an enumeration that may be absent is there.
func (k kind) named(n int) crm.Record {
	r := k.small(n)
	for _, m := range crm.StructureOf(k.Kind).Members {
		if m.Class == crm.ValueReference && !m.List && m.Of(r).Len() == 0 {
			m.Of(r).SetString(string(idOf(cmp.Or(m.Refers, crm.KindCustomer), n%people)))
			if crm.Check(r) != nil { // It goes with others that are not there.
				m.Of(r).SetString("")
			}
		}
	}
	for _, m := range crm.StructureOf(k.Kind).Members {
		if v := m.Of(r); len(m.Words) > 0 && v.Kind() == reflect.Pointer && v.IsNil() {
			word := reflect.New(v.Type().Elem())
			word.Elem().SetString(m.Words[0])
			v.Set(word)
		}
	}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if text, ok := v.Field(i).Addr().Interface().(**string); ok && *text == nil {
			if *text = ptr(tiedName(n)); crm.Check(r) != nil { // It has a form of its own.
				*text = nil
			}
		}
	}
	return r
}
