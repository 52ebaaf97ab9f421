package matrix_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// project returns a second world: the one that the asker may know. Records that may
// not be seen are not there (or, where a record that may be seen hangs on them,
// there with other values), and neither are values that may not be read: others
// stand in their place. Who is asked in both worlds must answer with the same bytes
// after the same calls: whatever differs tells of something that may not be seen.
func project(o *oracle) *world {
	w := newWorld(o.world.schema)
	p := &projection{
		oracle: o, records: w.records(), kept: map[crm.ID]bool{},
		other: &filler{schema: w.schema, salt: 1, origins: map[string]origin{}, unknown: map[string]bool{}},
	}
	for id, r := range p.records {
		if o.visible(o.records[id]) {
			p.kept[id] = true
			for _, parent := range parents(r) {
				p.kept[parent] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.records)) {
		p.other.record = id
		p.scramble(id, reflect.ValueOf(p.records[id]).Elem(), nil)
	}
	p.keep(w)
	return w
}

// projection is the making of a second world.
type projection struct {
	*oracle
	records map[crm.ID]any
	kept    map[crm.ID]bool
	other   *filler
}

// parents returns the records that must be stored for a record to be.
func parents(record any) []crm.ID {
	r, ok := record.(crm.Record)
	if !ok {
		return nil // A cart, which is no store's.
	}
	var list []crm.ID
	for _, key := range crm.Describe(r.RecordKind()).Keys {
		if key.Parent == crm.KindCustomer {
			list = append(list, crm.ID(r.Keys().Text[key.Field]))
		}
	}
	return list
}

// scramble returns other values to everything in a value that may not be read.
func (p *projection) scramble(id crm.ID, v reflect.Value, coords []string) {
	last := ""
	if len(coords) > 0 {
		last = coords[len(coords)-1]
	}
	if decisive(last) {
		return
	}
	switch v.Kind() { //nolint:exhaustive // The others are single values.
	case reflect.Pointer:
		if !v.IsNil() {
			p.scramble(id, v.Elem(), coords)
		}
		return
	case reflect.Slice:
		for i := range v.Len() {
			p.scramble(id, v.Index(i), coords)
		}
		return
	case reflect.Struct:
		switch v.Interface().(type) {
		case time.Time, crm.Money, crm.ActorRef:
		default:
			for i := range v.NumField() {
				coord, _ := coordinate(p.world.schema, v.Type(), v.Type().Field(i).Name)
				if coord != "" {
					p.scramble(id, v.Field(i), append(coords[:len(coords):len(coords)], coord))
				}
			}
			return
		}
	}
	own := ""
	if v.Kind() == reflect.String {
		own = v.String()
	}
	if !p.readable(origin{record: id, coords: coords, own: own}) {
		p.change(v, coords)
	}
}

// change puts another value in the place of one.
func (p *projection) change(v reflect.Value, coords []string) {
	switch v.Interface().(type) {
	case crm.ID, crm.ActorRef:
		return // What a record hangs on is told by the records.
	case crm.Money:
		money := p.other.money(coords)
		money.CurrencyCode = v.Field(1).String()
		v.Set(reflect.ValueOf(money))
		return
	}
	if e := p.world.schema.Types[v.Type().Name()]; v.Kind() == reflect.String && e != nil && e.Kind == ast.Enum {
		at := slices.IndexFunc(e.EnumValues, func(d *ast.EnumValueDefinition) bool { return d.Name == v.String() })
		v.SetString(e.EnumValues[(at+1)%len(e.EnumValues)].Name)
		return
	}
	switch v.Kind() { //nolint:exhaustive // The others are filled anew.
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() - 1e-7) // In the same order.
	case reflect.Bool:
		v.SetBool(!v.Bool())
	default:
		p.other.value(v, coords)
	}
}

// keep leaves in a world the records that are kept, and has the shops know the
// customers by what they are called now.
func (p *projection) keep(w *world) {
	gone := func(id crm.ID) bool { return !p.kept[id] }
	set := reflect.ValueOf(&w.set).Elem()
	for i := range set.NumField() {
		kept := reflect.MakeSlice(set.Field(i).Type(), 0, set.Field(i).Len())
		for n := range set.Field(i).Len() {
			if r := set.Field(i).Index(n); !gone(r.Interface().(crm.Record).RecordID()) {
				kept = reflect.Append(kept, r)
			}
		}
		set.Field(i).Set(kept)
	}
	w.orders = slices.DeleteFunc(w.orders, func(r *crm.ShopOrder) bool { return gone(r.Order.ID) })
	for _, r := range w.orders {
		r.Buyer.ExternalID = p.customer(r.Order.CustomerID).ExternalIdentities[1].ExternalID
	}
	for source, carts := range w.carts {
		carts = slices.DeleteFunc(carts, func(r shoptest.Cart) bool { return gone(r.Cart.ID) })
		for i := range carts {
			carts[i].Buyer.Email = p.customer(carts[i].Cart.CustomerID).Emails[0].Address
		}
		w.carts[source] = carts
	}
}

func (p *projection) customer(id crm.ID) *crm.Customer {
	c, _ := p.records[id].(*crm.Customer)
	return c
}

// logPlace is where a page of changes ends, and whether the log goes on there: that
// something was written is no secret from those who follow it, and the cursor tells
// nothing else.
var logPlace = regexp.MustCompile(`"ChangePage_endCursor":"[A-Za-z0-9_-]{22}"|"ChangePage_hasNextPage":(true|false)`)

// differs says what an answer in one world tells that the other does not; "" if
// nothing.
func differs(here, there answer) string {
	here.body, there.body = logPlace.ReplaceAll(here.body, nil), logPlace.ReplaceAll(there.body, nil)
	switch {
	case string(here.body) != string(there.body):
		at := 0
		for at < min(len(here.body), len(there.body)) && here.body[at] == there.body[at] {
			at++
		}
		from := max(0, at-120)
		return "the answer tells what may not be known: …" + string(here.body[from:min(len(here.body), at+60)]) +
			"… or …" + string(there.body[from:min(len(there.body), at+60)]) + "…"
	case here.status != there.status:
		return "the status tells what may not be known"
	case strings.Join(here.calls, " ") != strings.Join(there.calls, " "):
		return "the calls tell what may not be known: " + strings.Join(here.calls, " ") + " or " + strings.Join(there.calls, " ")
	}
	return ""
}

// records returns every record by its id.
func (w *world) records() map[crm.ID]any {
	all := map[crm.ID]any{}
	for _, r := range w.set.All() {
		all[r.RecordID()] = r
	}
	for _, r := range w.orders {
		all[r.Order.ID] = r.Order
	}
	for _, carts := range w.carts {
		for _, c := range carts {
			all[c.Cart.ID] = c.Cart
		}
	}
	return all
}
