package recordtest

import (
	"reflect"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Random returns a record of a kind that choices make: choose(n) returns a number
// from 0 to n-1, and always 0 makes an empty record. Lists and pointers are empty
// at times, texts are of every script and not all valid UTF-8; what the domain
// promises is kept: JSON is JSON, a currency code is made of capitals, and a
// quantity names a line of its own order.
func Random(kind crm.Kind, choose func(n int) int) crm.Record {
	r := crm.Describe(kind).New()
	g := generator{choose: choose}
	g.fill(reflect.ValueOf(r).Elem())
	if order, ok := r.(*crm.Order); ok {
		g.link(order)
	}
	return r
}

type generator struct{ choose func(n int) int }

// fill sets v and what is below it.
func (g generator) fill(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(g.instant()))
		return
	case reflect.TypeFor[crm.Money]():
		v.Set(reflect.ValueOf(g.money()))
		return
	case reflect.TypeFor[crm.JSON]():
		v.SetString(pick(g, "null", `{"a":[1.50,true,null],"b<":"ü"}`, `"3rd"`, "-0", "[]", `"\\ \u2028"`))
		return
	case reflect.TypeFor[*crm.OrderLine]():
		return // See link.
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(g.text())
	case reflect.Bool:
		v.SetBool(g.choose(2) == 1)
	case reflect.Int:
		v.SetInt(pick[int64](g, 0, 1, -1, 1<<31-1, 1<<31, -1<<31, -1<<40))
	case reflect.Float64:
		v.SetFloat(pick[float64](g, 0, 1, 0.123456789, 1e-7, -1e21, 1e20, 5e-324, 3))
	case reflect.Pointer:
		if g.choose(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			g.fill(v.Elem())
		}
	case reflect.Slice:
		g.list(v)
	case reflect.Struct:
		for i := range v.NumField() {
			g.fill(v.Field(i))
		}
	default:
		panic("recordtest: no random values of " + v.Type().String())
	}
}

// list sets v to nil or a list of up to three elements, none of them nil.
func (g generator) list(v reflect.Value) {
	n := g.choose(5) - 1
	if n < 0 {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		element := v.Index(i)
		if element.Kind() == reflect.Pointer {
			element.Set(reflect.New(element.Type().Elem()))
			element = element.Elem()
		}
		g.fill(element)
	}
}

func (g generator) text() string {
	return pick(g, "", "a", "ACTIVE", "Zoë Ångström", "<&>\"\\/", "\x00\x01\t\n\r\b\f\x7f", "\u2028\u2029\ufeff",
		"\xff\xc3", "𝄞 日本語", "e\u0301", "1", "a text that is somewhat longer than those before it")
}

func (g generator) instant() time.Time {
	t := pick(g, time.Time{}, at(3), time.UnixMilli(-1).UTC(), time.Unix(0, 1_999_999).UTC(), time.UnixMilli(1<<44).UTC())
	if g.choose(4) == 3 {
		return t.In(time.FixedZone("", 3600))
	}
	return t
}

func (g generator) money() crm.Money {
	return crm.Money{
		CurrencyCode: pick(g, "", "GBP", "EUR", "JPY", "KWD", "ZZZ"),
		Minor:        pick[int64](g, 0, 1, -1, 1295, -1<<63, 1<<63-1, 1<<40),
	}
}

// link points quantities at lines of the order, few at none.
func (g generator) link(o *crm.Order) {
	ids := map[string]bool{}
	for _, line := range o.Lines { // An order's lines have different ids.
		for ids[line.ID] {
			line.ID += "'"
		}
		ids[line.ID] = true
	}
	for _, r := range o.Refunds {
		g.pointAt(r.Lines, o.Lines)
	}
	for _, r := range o.Returns {
		g.pointAt(r.Lines, o.Lines)
	}
	for _, s := range o.Shipments {
		g.pointAt(s.Lines, o.Lines)
	}
}

func (g generator) pointAt(list []crm.LineQuantity, lines []*crm.OrderLine) {
	for i := range list {
		if n := g.choose(len(lines) + 1); n > 0 {
			list[i].Line = lines[n-1]
		}
	}
}

func pick[T any](g generator, values ...T) T { return values[g.choose(len(values))] }
