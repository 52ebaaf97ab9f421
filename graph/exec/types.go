package exec

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// Way is how a field comes by its value.
type Way uint8

// The ways.
const (
	// Plain fields stand in the Go struct.
	Plain Way = iota
	// Method fields are computed from their object alone.
	Method
	// Call fields are methods of their object that may have to wait.
	Call
	// Batch fields are resolved for all objects of a level at once.
	Batch
)

// FieldInfo is what a schema's field is in Go.
type FieldInfo struct {
	Name string
	Way  Way
	// Types are what it gives objects of, as places in the table of types: one for an
	// object type, all that are possible for an interface or a union, none for scalars
	// and enums.
	Types []int
	// Abstract says that it gives an interface or a union.
	Abstract bool
}

// TypeInfo is an object type of a schema. A field's code is its place in Fields, plus 1;
// __typename has 0.
type TypeInfo struct {
	Name   string
	Fields []FieldInfo
}

// Types are the object types of a schema.
type Types struct {
	list  []typeInfo
	query int
	// ids are the ids alone of the kinds that there are types for.
	ids map[crm.Kind]*crm.Members
}

type typeInfo struct {
	TypeInfo
	// is has the names of everything that objects of the type are.
	is []string
	// kind is that of the records that the objects are, "" if they are none.
	kind   crm.Kind
	quoted string
	byName map[string]int
}

// NewTypes returns the types of a table for a schema.
func NewTypes(schema *ast.Schema, table []TypeInfo) *Types {
	t := &Types{list: make([]typeInfo, len(table)), query: -1, ids: map[crm.Kind]*crm.Members{}}
	kinds := map[string]crm.Kind{}
	for _, d := range crm.Descriptions() {
		kinds[reflect.TypeOf(d.New()).Elem().Name()] = d.Kind
	}
	for i, info := range table {
		one := typeInfo{TypeInfo: info, kind: kinds[info.Name], is: []string{info.Name}, quoted: `"` + info.Name + `"`, byName: make(map[string]int, len(info.Fields))}
		if one.kind != "" {
			t.ids[one.kind] = crm.MustMembers(one.kind)
		}
		for _, above := range schema.Implements[info.Name] {
			one.is = append(one.is, above.Name)
		}
		for j, f := range info.Fields {
			one.byName[f.Name] = j
		}
		t.list[i] = one
		if schema.Query != nil && schema.Query.Name == info.Name {
			t.query = i
		}
	}
	return t
}
