package roundtrip_test

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// broken stands for a byte that is not UTF-8, in a record that has still to be
// written as JSON; what hands the record on puts brokenByte in its place.
const (
	broken     = "\ue0ff"
	brokenByte = "\xff"
)

// place is a value inside a record that can be changed.
type place struct {
	path  string
	value reflect.Value
}

// change is one awkward value for a place.
type change struct {
	name  string // as it is shown when a test fails
	apply func()
}

// placesOf lists every value inside of what record points at: fields, elements,
// and the lists and pointers that hold them. It knows no kind and no field, so a
// new one is among them by itself.
func placesOf(record any) []place {
	var list []place
	addPlaces(&list, reflect.ValueOf(record).Elem(), "")
	return list
}

func addPlaces(list *[]place, v reflect.Value, path string) {
	switch v.Interface().(type) {
	case time.Time, crm.Money:
		*list = append(*list, place{path, v})
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			if v.Type() == reflect.TypeFor[crm.LineQuantity]() && v.Field(i).Kind() == reflect.Pointer {
				*list = append(*list, place{name, v.Field(i)}) // The line itself is among the order's.
				continue
			}
			addPlaces(list, v.Field(i), name)
		}
	case reflect.Pointer:
		*list = append(*list, place{path, v})
		if !v.IsNil() {
			addPlaces(list, v.Elem(), path)
		}
	case reflect.Slice:
		*list = append(*list, place{path, v})
		for i := range v.Len() {
			element := v.Index(i)
			if element.Kind() == reflect.Pointer {
				element = element.Elem() // No list of a record has nil in it.
			}
			addPlaces(list, element, path+"["+strconv.Itoa(i)+"]")
		}
	default:
		*list = append(*list, place{path, v})
	}
}

// changes lists the awkward values of a place, which follow from its type.
func (p place) changes() []change {
	switch v := p.value.Addr().Interface().(type) {
	case *time.Time:
		return options(v, times())
	case *crm.Money:
		return options(v, amounts(*v))
	case *crm.JSON:
		return options(v, values())
	case *crm.ID:
		return options(v, ids(*v))
	case *bool:
		return options(v, map[string]bool{"the opposite": !*v})
	case *int:
		return options(v, map[string]int{
			"0": 0, "-1": -1, "1": 1, "1e9": 1e9, "1e9+1": 1e9 + 1, "2^40": 1 << 40,
			"the largest": math.MaxInt, "the smallest": math.MinInt,
		})
	case *float64:
		return options(v, map[string]float64{
			"0": 0, "-0.1": -0.1, "1": 1, "1.0000001": 1.0000001, "the smallest": math.SmallestNonzeroFloat64,
			"-0": math.Copysign(0, -1), "1/3": 1.0 / 3, "the largest": math.MaxFloat64,
		})
	case **crm.OrderLine:
		return options(v, map[string]*crm.OrderLine{"a line of no order": {ID: "nobody's"}}) // No file can say none.
	}
	switch p.value.Kind() {
	case reflect.Pointer:
		return []change{p.to("none", reflect.Zero(p.value.Type())), p.to("empty", reflect.New(p.value.Type().Elem()))}
	case reflect.Slice:
		return p.lists()
	case reflect.String:
		var list []change
		for _, name := range sorted(texts(p.path)) {
			list = append(list, p.to(name, reflect.ValueOf(texts(p.path)[name]()).Convert(p.value.Type())))
		}
		return list
	default:
		panic("roundtrip: no awkward values of " + p.value.Type().String() + " at " + p.path)
	}
}

func (p place) to(name string, v reflect.Value) change {
	return change{name, func() { p.value.Set(v) }}
}

// options makes a change of each value, in the order of their names.
func options[T any](at *T, list map[string]T) []change {
	changes := make([]change, 0, len(list))
	for _, name := range sorted(list) {
		changes = append(changes, change{name, func() { *at = list[name] }})
	}
	return changes
}

// lists are the list empty, backwards, and filled up with its first element, or
// an empty one.
func (p place) lists() []change {
	v := p.value
	none := p.to("none", reflect.Zero(v.Type()))
	empty := p.to("empty", reflect.MakeSlice(v.Type(), 0, 0))
	first := reflect.Zero(v.Type().Elem())
	switch {
	case v.Len() > 0:
		first = v.Index(0)
	case first.Kind() == reflect.Pointer:
		first = reflect.New(first.Type().Elem())
	}
	filled := func(n int) func() {
		return func() {
			list := reflect.MakeSlice(v.Type(), 0, n)
			for i := range n {
				element := copied(first)
				if i < v.Len() {
					element = v.Index(i)
				}
				list = reflect.Append(list, element)
			}
			v.Set(list)
		}
	}
	return []change{
		none, empty,
		{"its first element once more", filled(v.Len() + 1)},
		{"10,000 elements", filled(10_000)},
		{"10,001 elements", filled(10_001)},
	}
}

// copied returns a copy that shares nothing with v; what points to the same thing
// twice does so in the copy.
func copied(v reflect.Value) reflect.Value { return copyOf(v, map[any]reflect.Value{}) }

func copyOf(v reflect.Value, seen map[any]reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		if done, ok := seen[v.Interface()]; ok {
			return done
		}
		c.Set(reflect.New(v.Type().Elem()))
		seen[v.Interface()] = c
		c.Elem().Set(copyOf(v.Elem(), seen))
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(copyOf(v.Index(i), seen))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return v
		}
		for i := range v.NumField() {
			c.Field(i).Set(copyOf(v.Field(i), seen))
		}
	default:
		return v
	}
	return c
}

// texts are texts that people and other systems send. Those that are about the
// place stand among them more than once.
func texts(path string) map[string]func() string {
	said := func(text string) func() string { return func() string { return text } }
	long := func(n int, of string) func() string { return func() string { return strings.Repeat(of, n) } }
	list := map[string]func() string{
		"1,001 characters": long(1001, "a"), "2,049 characters": long(2049, "b"),
		"100,000 characters": long(100_000, "c"), "100,001 characters": long(100_001, "d"),
		"100,000 of three bytes": long(100_000, "語"), "257 characters": long(257, "e"), "129 characters": long(129, "f"),
		"NUL": said("a\x00b"), "a byte that is not UTF-8": said("a" + broken + "b"), "two spaces": said("  "),
	}
	for _, text := range []string{
		"", " ann ", "e\u0301 and \u00e9", "👩‍👩‍👧 🇬🇧", "\u202eעברית", "line\nfeed\ttab\r", "\u2028\u2029\ufeff", "\x01\x1f\x7f\u0085",
		"=1+1", "$where", "a.b", "{}", "\"quoted\\\"", "<b>&amp;</b>", "null", "0", "İıſßΣς", "\ufffd",
	} {
		list[strconv.QuoteToASCII(text)] = said(text)
	}
	for word, forms := range map[string][]string{
		"Country": {"UK", "gb", "GBR", "Atlantis", "XK", "ZZ", "EU", "826", "AN", "G\u200bB"},
		"Email":   {"a..b@example.com", "nobody", "@example.com", "a@b", "a@example", "Ann <ann@example.com>", "a b@example.com", "ö@exämple.com", "a@b@example.com"},
		"Phone":   {"+44 1632 960123", "0044 1632 960123", "01632 960123", "call me", "(01632) 960-123 ext. 4", "+", "+441632960123456789"},
		"URL":     {"javascript:alert(1)", "https://user:secret@example.com/", "//example.com", "https://example.com/ a", "http://[::1", "ftp://example.com/"},
		"Lang":    {"en_GB", "EN-gb", "xx", "klingon", "de-CH-1996"},
		"Zone":    {"Local", "UTC", "europe/london", "GMT+1", "../etc/passwd"},
		"Birth":   {"1980-02-30", "29.2.1980", "0000-01-01", "10000-01-01"},
		"Source":  {"Shop", "a_b", "store", "sh.op"},
		"External": {
			"a b", "ä", "a:b", "a/b", "..",
		},
	} {
		if strings.Contains(path, word) {
			for _, text := range forms {
				list[strconv.QuoteToASCII(text)] = said(text)
				list[strconv.QuoteToASCII(text)+", as people write it"] = said(text)
			}
		}
	}
	return list
}

func times() map[string]time.Time {
	return map[string]time.Time{
		"none": {}, "year 0": time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), "year 1": time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC),
		"year 9998": time.Date(9998, 12, 31, 23, 59, 59, 999_000_000, time.UTC), "year 9999": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
		"year 10000": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "before 1970": time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		"nanoseconds":                       time.Date(2024, 2, 29, 1, 2, 3, 999_999_999, time.UTC),
		"another zone":                      time.Date(2024, 2, 29, 1, 2, 3, 4_000_000, time.FixedZone("", -12*3600)),
		"a zone that makes it another year": time.Date(9998, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*3600)),
	}
}

// amounts are other sums of the same currency, and the same sum of other currencies.
func amounts(m crm.Money) map[string]crm.Money {
	list := map[string]crm.Money{"no money": {}}
	for name, minor := range map[string]int64{
		"0": 0, "-1": -1, "at the bound": 1e14, "above the bound": 1e14 + 1, "below the bound": -1e14 - 1,
		"the largest": math.MaxInt64, "the smallest": math.MinInt64,
	} {
		list[name] = crm.Money{Minor: minor, CurrencyCode: m.CurrencyCode}
	}
	for _, code := range []string{"", "JPY", "KWD", "USD", "ZZZ", "gbp", "XAU"} {
		list["in "+strconv.Quote(code)] = crm.Money{Minor: m.Minor, CurrencyCode: code}
	}
	return list
}

// values are JSON values, as custom attributes have them.
func values() map[string]crm.JSON {
	deep := func(n int) crm.JSON { return crm.JSON(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	list := map[string]crm.JSON{
		"nothing": "", "lists 10 deep": deep(10), "lists 12 deep": deep(12), "lists 16 deep": deep(16), "lists 40 deep": deep(40),
		"10,000 numbers": crm.JSON("[" + strings.Repeat("1,", 9_999) + "1]"), "10,001 numbers": crm.JSON("[" + strings.Repeat("1,", 10_000) + "1]"),
		"100,001 characters":     crm.JSON(`"` + strings.Repeat("a", 100_001) + `"`),
		"a number of 101 digits": crm.JSON(strings.Repeat("1", 101)),
	}
	for _, text := range []string{
		`null`, `1.50`, `-0`, `1e400`, `{"$where":1}`, `{"a.b":1}`, `{"":1}`, `"\u0000"`, `{"b":{"c":[{"d":"é"}]}}`, `"\u2028<&>"`, `"\ud83d\ude00"`,
	} {
		list[text] = crm.JSON(text)
	}
	return list
}

// ids are ids that name nothing, something else, or are none.
func ids(id crm.ID) map[string]crm.ID {
	list := map[string]crm.ID{
		"no id": "", "a malformed id": "cus_1", "an id with a prefix of no kind": "xyz_01h455vb4pex5vsknk084sn02q",
		"a long id": crm.ID(strings.Repeat("a", crm.MaxIDLength+1)),
	}
	for _, kind := range crm.Kinds() {
		list["one of "+string(kind)+" that is not there"] = crm.DerivedID(kind, "nowhere", "1")
	}
	if kind := id.Kind(); kind != "" {
		list["one of its kind that is not there"] = crm.DerivedID(kind, "nowhere", "2")
	}
	return list
}
