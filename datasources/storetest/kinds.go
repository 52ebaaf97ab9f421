package storetest

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// kind is one kind of record as the suite sees it: no more than its description.
type kind struct{ *crm.Description }

// kinds are those that records are written of, parents first.
func kinds() []kind {
	list := []kind{}
	for _, name := range crm.Kinds() {
		list = append(list, of(name))
	}
	return list
}

func of(name crm.Kind) kind { return kind{crm.Describe(name)} }

// people is how many records of a kind those of other kinds belong to.
const people = 5

// origin is the source of the suite's ids.
const origin = "storetest"

func idOf(k crm.Kind, n int) crm.ID { return crm.DerivedID(k, origin, strconv.Itoa(n)) }

func customerID(n int) crm.ID { return idOf(crm.KindCustomer, n) }

// nowhere is the number of a record that is never stored.
const nowhere = 404

// epoch is when the suite's records begin.
func epoch() time.Time { return time.Date(2024, 2, 29, 23, 59, 59, 998e6, time.UTC) }

// tied returns the same millisecond to five records in a row.
func tied(n int) time.Time { return epoch().Add(time.Duration(n/5) * time.Millisecond) }

func tiedName(n int) string { return fmt.Sprintf("Name %02d", n/5) }

func ptr[T any](v T) *T { return &v }

func many[T any](n int, one func(int) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = one(i)
	}
	return list
}

// small makes the nth record of the kind, in version 1. Its lists are nil, its
// pointers too; its own text, times, amounts and scores are set, the same in
// five records in a row, so that every sort has ties. Each of its parents is one
// of the first people records of the parent's kind.
func (k kind) small(n int) crm.Record {
	r := k.New()
	fill(reflect.ValueOf(r).Elem(), n, new(int))
	member(r, "ID").SetString(string(idOf(k.Kind, n)))
	k.number(r, 1)
	if k.Sourced { // The id says both.
		member(r, "Source").SetString("")
		member(r, "ExternalID").SetString("")
	}
	crm.Complete(r)
	for _, m := range crm.StructureOf(k.Kind).Members {
		switch {
		case m.List:
		case m.Class == crm.ValueReference && m.Needed:
			m.Of(r).SetString(string(idOf(cmp.Or(m.Refers, crm.KindCustomer), n%people)))
		case m.Class == crm.ValueWord && m.Of(r).Kind() == reflect.String && m.Of(r).Len() == 0:
			m.Of(r).SetString(m.Words[0])
		}
	}
	for _, key := range k.parentKeys() {
		hang(r, key.Field, idOf(key.Parent, n%people))
	}
	return r
}

// fill sets what is no reference, no list and no word of a closed set. Each
// further time of a record is that of the record two places on.
func fill(v reflect.Value, n int, times *int) {
	for i := range v.NumField() {
		switch field := v.Field(i).Addr().Interface().(type) {
		case *time.Time:
			*field = tied(n + 2**times)
			*times++
		case *string:
			*field = tiedName(n)
		case *float64:
			*field = float64(n/5) / 1000
		case *crm.Money:
			*field = crm.Money{Minor: int64(n / 5), CurrencyCode: "GBP"}
		default:
			if v.Field(i).Kind() == reflect.Struct {
				fill(v.Field(i), n, times)
			}
		}
	}
}

// member is a field of the record's struct.
func member(r crm.Record, name string) reflect.Value {
	return reflect.ValueOf(r).Elem().FieldByName(name)
}

// number returns a record its version, if its kind has them.
func (k kind) number(r crm.Record, version int) {
	if k.Versioned {
		member(r, "Version").SetInt(int64(version))
	}
}

// versioned is the nth small record in a version.
func (k kind) versioned(n, version int) crm.Record {
	r := k.small(n)
	k.number(r, version)
	return r
}

// parentKeys are the keys that hold a parent of another kind.
func (k kind) parentKeys() []crm.KeyField {
	list := []crm.KeyField{}
	for _, key := range k.Keys {
		if key.Parent != "" && key.Parent != k.Kind {
			list = append(list, key)
		}
	}
	return list
}

// hang sets the member whose id is the record's key, whatever it is called.
func hang(r crm.Record, key crm.Field, parent crm.ID) {
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		id, ok := v.Field(i).Addr().Interface().(*crm.ID)
		if !ok || v.Type().Field(i).Name == "ID" || r.Keys().Text[key] == string(parent) {
			continue
		}
		before := *id
		if *id = parent; r.Keys().Text[key] != string(parent) {
			*id = before
		}
	}
}

// parents writes what small records hang on.
func (k kind) parents(t testing.TB, s crm.Store) {
	t.Helper()
	put(t, s, k.ancestors(map[crm.Kind]bool{})...)
}

// ancestors returns what small records hang on, directly or not, parents first.
func (k kind) ancestors(seen map[crm.Kind]bool) []crm.Record {
	list := []crm.Record{}
	for _, key := range k.parentKeys() {
		if seen[key.Parent] {
			continue
		}
		seen[key.Parent] = true
		list = append(list, of(key.Parent).ancestors(seen)...)
		list = append(list, many(people, of(key.Parent).small)...)
	}
	return list
}

// sorts are the fields that every small record has: what lists can be sorted by.
func (k kind) sorts() []crm.Field {
	list := []crm.Field{crm.FieldID}
	keys := k.small(0).Keys()
	for _, key := range k.Keys {
		_, numbered := keys.Number[key.Field]
		if key.Class == crm.ClassSortable || key.Class == crm.ClassTime || key.Class == crm.ClassNumber && numbered {
			list = append(list, key.Field)
		}
	}
	return list
}

// smallOf is the nth small record of a kind as its own type.
func smallOf[R crm.Record](n int) R {
	var none R
	return of(none.RecordKind()).small(n).(R)
}

func customer(n int) *crm.Customer       { return smallOf[*crm.Customer](n) }
func order(n int) *crm.Order             { return smallOf[*crm.Order](n) }
func ticket(n int) *crm.Ticket           { return smallOf[*crm.Ticket](n) }
func article(n int) *crm.Article         { return smallOf[*crm.Article](n) }
func interaction(n int) *crm.Interaction { return smallOf[*crm.Interaction](n) }

// price is a breakdown that is nothing but its total.
func price(minor int64, currency string) crm.PriceBreakdown {
	none := crm.Money{CurrencyCode: currency}
	total := crm.Money{Minor: minor, CurrencyCode: currency}
	return crm.PriceBreakdown{Subtotal: total, Discount: none, Shipping: none, Tax: none, Total: total}
}

func customerParents(t testing.TB, s crm.Store) {
	t.Helper()
	of(crm.KindOrder).parents(t, s)
}

func ticketParents(t testing.TB, s crm.Store) {
	t.Helper()
	of(crm.KindArticle).parents(t, s)
}
