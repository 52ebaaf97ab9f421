package matrix_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// epoch is before every time in the world, which all lie within days of it.
var epoch = time.Date(2025, time.March, 1, 0, 0, 0, 0, time.UTC)

// origin is where a value of the world comes from: the record and the schema's
// coordinates that lead to it, from the record's own field inwards.
type origin struct {
	record crm.ID
	coords []string
	// own is the value as records hold it: a text without what is around a canary.
	own string
}

// filler gives values that occur nowhere else to everything that a record can
// hold. Two fillers with the same salt give the same values in the same order.
type filler struct {
	schema  *ast.Schema
	salt    int
	n       int
	zones   int // given so far
	record  crm.ID
	origins map[string]origin
	unknown map[string]bool
}

// fill returns a value to every field of a record, recursively, but to ids and
// references, which say how the world hangs together and are set by hand.
func (f *filler) fill(record crm.ID, pointer any) {
	f.record = record
	f.origins[string(record)] = origin{record: record, own: string(record)}
	f.value(reflect.ValueOf(pointer).Elem(), nil)
}

// coordinate returns the schema's coordinate of a field of a domain type; "" for
// a reference, which is told by the record it leads to.
func coordinate(schema *ast.Schema, owner reflect.Type, field string) (coord string, known bool) {
	switch owner.Name() + "." + field {
	case "Customer.Changes":
		return "Customer.timeline", true
	case "OrderLine.HolderID": // in OrderLine.id
		return "", true
	case "OrderLine.ProductTitle", "Cart.CustomerID", "Money.CurrencyCode",
		"Team.CreatedAt", "Team.UpdatedAt", "Employee.CreatedAt", "Employee.UpdatedAt", "PartnerApp.CreatedAt", "PartnerApp.UpdatedAt":
		return "", true // Nothing in the graph tells it.
	}
	d := schema.Types[owner.Name()]
	if d == nil {
		return "", false
	}
	for _, f := range d.Fields {
		for _, suffix := range []string{"", "ID", "IDs", "Ref"} {
			if strings.EqualFold(f.Name+suffix, field) {
				return d.Name + "." + f.Name, true
			}
		}
	}
	return "", false
}

func (f *filler) value(v reflect.Value, coords []string) {
	switch v.Interface().(type) {
	case crm.ID, crm.ActorRef:
		return
	case time.Time:
		v.Set(reflect.ValueOf(f.instant(coords)))
		return
	case crm.Money:
		v.Set(reflect.ValueOf(f.money(coords)))
		return
	case crm.JSON:
		v.SetString(`"` + f.text(coords, "") + `"`)
		return
	case crm.Date:
		v.SetString(f.day(coords))
		return
	}
	switch v.Kind() { //nolint:exhaustive // The domain has no others.
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem(), coords)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			f.value(v.Index(i), coords)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			coord, known := coordinate(f.schema, v.Type(), field.Name)
			if !known {
				f.unknown[v.Type().Name()+"."+field.Name] = true
			}
			if coord != "" {
				f.value(v.Field(i), append(coords[:len(coords):len(coords)], coord))
			}
		}
	case reflect.String:
		if e := f.schema.Types[v.Type().Name()]; e != nil && e.Kind == ast.Enum {
			f.n++
			v.SetString(e.EnumValues[f.n%len(e.EnumValues)].Name)
			return
		}
		v.SetString(f.text(coords, coords[len(coords)-1]))
	case reflect.Int, reflect.Int64:
		f.n++
		v.SetInt(int64(1 + f.n%4))
	case reflect.Float64:
		f.n++
		v.SetFloat(float64(100_000+f.n) / 1_000_000)
	case reflect.Bool:
		f.n++
		v.SetBool(f.n%2 == 0)
	}
}

// note remembers where a value comes from.
func (f *filler) note(seen, own string, coords []string) {
	f.origins[seen] = origin{record: f.record, coords: coords, own: own}
}

// text returns a canary, in the shape that a field wants.
func (f *filler) text(coords []string, coord string) string {
	f.n++
	canary := fmt.Sprintf("zq%d%05dqz", f.salt, f.n)
	own := canary
	switch {
	case coord == "EmailAddress.address" || coord == "Employee.email":
		own = canary + "@example.com"
	case coord == "PhoneNumber.number":
		canary = fmt.Sprintf("+4499%d%07d", f.salt, f.n)
		own = canary
	case strings.HasSuffix(strings.ToLower(coord), "url"):
		own = "https://shop.example.com/" + canary
	case coord == "Customer.language":
		canary = fmt.Sprintf("z%d%05dq", f.salt, f.n) // a subtag has 8 letters and digits
		own = "en-x-" + canary
	case coord == "Customer.timeZone":
		canary = f.zone()
		own = canary
	case coord == "ProfileChange.id" || coord == "ConsentChange.id":
		own = string(f.record) + "/" + canary
	}
	f.note(canary, own, coords)
	return own
}

// zone returns a time zone that nothing else has.
func (f *filler) zone() string {
	zones := []string{
		"Abidjan", "Algiers", "Bissau", "Cairo", "Casablanca", "Ceuta", "El_Aaiun", "Johannesburg", "Juba", "Khartoum", "Lagos",
		"Maputo", "Monrovia", "Nairobi", "Ndjamena", "Sao_Tome", "Tripoli", "Tunis", "Windhoek", "Accra", "Bamako", "Bangui",
		"Banjul", "Blantyre", "Conakry", "Dakar", "Djibouti", "Douala", "Freetown", "Gaborone", "Harare", "Kampala", "Kigali",
		"Kinshasa", "Libreville", "Lome", "Luanda", "Lusaka", "Malabo", "Maseru",
	}
	f.zones++
	return "Africa/" + zones[(f.salt*len(zones)/2+f.zones-1)%len(zones)]
}

// instant returns a time that nothing else has.
func (f *filler) instant(coords []string) time.Time {
	f.n++
	at := epoch.Add(time.Duration(f.n)*time.Minute + time.Duration(100*(f.salt+1)+f.n%97)*time.Millisecond)
	f.noteTime(at, coords)
	return at
}

func (f *filler) noteTime(at time.Time, coords []string) {
	text := at.Format("2006-01-02T15:04:05.000Z")
	f.note(text, text, coords)
	f.note(fmt.Sprint(at.UnixMilli()), text, coords)
}

func (f *filler) money(coords []string) crm.Money {
	f.n++
	m := crm.Money{Minor: int64(10_000_000+1_000_000*f.salt+f.n) * 10, CurrencyCode: "GBP"}
	f.note(string(m.Amount()), string(m.Amount()), coords)
	return m
}

func (f *filler) day(coords []string) string {
	f.n++
	day := time.Date(1900+60*f.salt, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, f.n).Format(time.DateOnly)
	f.note(day, day, coords)
	return day
}
