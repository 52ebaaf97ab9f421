package clone_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/guard/clone"
	"github.com/customer360/gateway/internal/crm"
)

func TestACopyIsEqualAndSharesNothing(t *testing.T) {
	t.Parallel()
	t.Run("Order", func(t *testing.T) { t.Parallel(); check(t, clone.Order) })
	t.Run("ShopOrder", func(t *testing.T) { t.Parallel(); check(t, clone.ShopOrder) })
	t.Run("Cart", func(t *testing.T) { t.Parallel(); check(t, clone.Cart) })
	t.Run("Product", func(t *testing.T) { t.Parallel(); check(t, clone.Product) })
	t.Run("ShopCustomer", func(t *testing.T) { t.Parallel(); check(t, clone.ShopCustomer) })
}

// check copies a record with every field set, an empty one and nil.
func check[T any](t *testing.T, copied func(*T) *T) {
	t.Helper()
	full := new(T)
	n := 0
	fill(reflect.ValueOf(full).Elem(), &n)
	for _, original := range []*T{full, new(T)} {
		c := copied(original)
		if diff := cmp.Diff(original, c); diff != "" {
			t.Errorf("the copy differs (-original +copy):\n%s", diff)
		}
		owned := map[uintptr]string{}
		pointers(reflect.ValueOf(original), "original", owned)
		shared := map[uintptr]string{}
		pointers(reflect.ValueOf(c), "copy", shared)
		for p, path := range shared {
			if _, ok := owned[p]; ok {
				t.Errorf("%s is shared", path)
			}
		}
	}
	if c := copied(nil); c != nil {
		t.Errorf("the copy of nil is %v", c)
	}
}

// fill sets every field below v, pointers and lists too.
func fill(v reflect.Value, n *int) {
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(string(rune('a' + *n%26)))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a kind of field that is not filled: " + v.Type().String())
	}
}

// pointers notes what is pointed to below v, by its path.
func pointers(v reflect.Value, path string, into map[uintptr]string) {
	if v.Type() == reflect.TypeFor[time.Time]() { // Immutable.
		return
	}
	switch v.Kind() { //nolint:exhaustive // The rest holds no pointers.
	case reflect.Pointer:
		if !v.IsNil() {
			into[v.Pointer()] = path
			pointers(v.Elem(), path, into)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			into[v.Pointer()] = path
		}
		for i := range v.Len() {
			pointers(v.Index(i), path+"[]", into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			pointers(v.Field(i), path+"."+v.Type().Field(i).Name, into)
		}
	}
}

func TestQuantitiesPointToTheCopysOwnLines(t *testing.T) {
	t.Parallel()
	line := &crm.OrderLine{ID: "1", SKU: new(string)}
	o := &crm.Order{
		Lines:   []*crm.OrderLine{line},
		Refunds: []*crm.Refund{{Lines: []crm.LineQuantity{{Line: line, Quantity: 1}}}},
	}
	c := clone.Order(o)
	if c.Refunds[0].Lines[0].Line != c.Lines[0] || c.Lines[0] == line {
		t.Error("the refund's line is not the copy's own")
	}
}
