package exec

import (
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// The codes of fields that no type has.
const (
	// Typename is __typename.
	Typename = 0
	// Barred fields may not be read, or not with their value.
	Barred = -1
)

// maxFields bounds the fields of a plan. Fragments that spread one another may stand for
// more of them than any answer has; such an operation is not compiled.
const maxFields = 20_000

// Bar is what stands in the place of a field's value.
type Bar struct {
	// Coordinate names what is barred.
	Coordinate string
	// Err is told at the field's path, nil if the value is only masked.
	Err error
}

// Compiler says what plans need to know of who asks, and of prices. Fields of it that
// are nil bar nothing and cost nothing.
type Compiler struct {
	// Needs says what a field of a type needs of the records of a kind that hold it, as
	// crm.GraphMembers, which it is if it is nil.
	Needs func(kind crm.Kind, typ, field string) (names []string, ok bool)
	// Bar says what bars a field on an object type, nil if nothing does.
	Bar func(object string, field *ast.Field) *Bar
	// Width says how many fields are selected of each entry that a field gives.
	Width func(field graphql.CollectedField) int
	// Units says what a field has cost that gave so many entries, with so many fields
	// selected of each.
	Units func(field *ast.Field, entries, width int) int
}

// Plan is a compiled operation: the same for all who may read the same of it, with the
// same variables in @skip and @include. It does not change, but that it learns how large
// its answers are.
type Plan struct {
	types *Types
	root  *Selection
	slots int
	size  int // fields
	// bytes are about how many the last answers had.
	bytes atomic.Int64
}

// Size is how many fields the plan has, 0 for nil.
func (p *Plan) Size() int {
	if p == nil {
		return 0
	}
	return p.size
}

// Answers begin with room for what the last ones had and a little more, within bounds.
const (
	leastRoom = 512
	mostRoom  = 1 << 20
)

// room returns a buffer for an answer.
func (p *Plan) room() []byte {
	n := int(p.bytes.Load())
	return make([]byte, 0, min(leastRoom+n+n/8, mostRoom))
}

// learn keeps how large an answer is; one that is much smaller than those before it is
// forgotten slowly.
func (p *Plan) learn(bytes int) {
	known := p.bytes.Load()
	p.bytes.Store(max(int64(bytes), known-known/8))
}

// Selection is what is selected of objects of one type in one place.
type Selection struct {
	Fields []Field
	// Leads are those of the fields that have to be loaded, or lead to such.
	Leads []*Field
	// typ is the type's name, and quoted the same in quotes.
	typ, quoted string
}

// Field is a field of a selection.
type Field struct {
	graphql.CollectedField
	Info *FieldInfo
	// Code is the field's among those of its type, or one of no type's.
	Code int
	// Slot is where what was loaded or made for the field is kept, -1 if nothing is.
	Slot int
	// Of is what is selected of the objects that the field gives, By the same for each
	// of the possible types of an abstract one, as Info has them.
	Of *Selection
	By []*Selection

	// below says that what the field gives leads to fields that have to be loaded.
	below bool
	// reads are the members of records, by their kinds, that are selected of what the field
	// loads.
	reads  map[crm.Kind]*crm.Members
	object string
	key    string // with quotes and colon
	bar    *Bar
	// width, base and per say what the field adds to a budget: per for each entry.
	width, base, per int
}

// Object is the type that has the field.
func (f *Field) Object() string { return f.object }

// nonNull says whether null must not stand in the field's place.
func (f *Field) nonNull() bool { return f.Definition.Type.NonNull }

// compilation is the making of a plan.
type compilation struct {
	Compiler
	types     *Types
	operation *graphql.OperationContext
	plan      *Plan
	failed    bool
}

// Compile returns the plan of a query, nil if it is not for this package.
func (t *Types) Compile(operation *graphql.OperationContext, c Compiler) *Plan {
	if operation.Operation.Operation != ast.Query || t.query < 0 {
		return nil
	}
	if c.Needs == nil {
		c.Needs = crm.GraphMembers
	}
	made := &compilation{Compiler: c, types: t, operation: operation, plan: &Plan{types: t}}
	made.plan.root = made.selection(t.query, operation.Operation.SelectionSet, place{})
	if made.failed {
		return nil
	}
	return made.plan
}

// selection compiles what is selected of objects of a type in a place.
func (c *compilation) selection(of int, set ast.SelectionSet, at place) *Selection {
	typ := &c.types.list[of]
	at.enter(typ.kind)
	collected := graphql.CollectFields(c.operation, set, typ.is)
	if c.plan.size += len(collected); c.plan.size > maxFields {
		c.failed = true
	}
	s := &Selection{typ: typ.Name, quoted: typ.quoted, Fields: make([]Field, len(collected))}
	for i, field := range collected {
		if c.failed {
			return s
		}
		s.Fields[i] = c.field(typ, field, at)
	}
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Slot >= 0 || f.below {
			s.Leads = append(s.Leads, f)
		}
	}
	return s
}

func (c *compilation) field(typ *typeInfo, collected graphql.CollectedField, at place) Field {
	f := Field{CollectedField: collected, Slot: -1, object: typ.Name, key: `"` + collected.Alias + `":`}
	if c.Bar != nil {
		f.bar = c.Bar(typ.Name, collected.Field)
	}
	number, known := typ.byName[collected.Name]
	switch {
	case f.bar != nil:
		f.Code = Barred
	case collected.Name == "__typename":
		f.Code = Typename
	case !known:
		c.failed = true // Introspection.
		return f
	default:
		f.Code = number + 1
	}
	if known {
		f.Info = &typ.Fields[number]
	}
	c.price(&f)
	if f.Code > 0 {
		at.read(typ.Name, collected.Name, c.Needs)
		c.below(&f, at)
	}
	return f
}

// below compiles what is selected of what a field in a place gives.
func (c *compilation) below(f *Field, at place) {
	leads := false
	if f.Info.Way >= Call { // What it gives is loaded for it.
		at = place{loaded: &loaded{}}
		defer func() { f.reads = at.loaded.members() }()
	}
	for _, of := range f.Info.Types {
		s := c.selection(of, f.Selections, at)
		leads = leads || len(s.Leads) > 0
		if f.Info.Abstract {
			f.By = append(f.By, s)
		} else {
			f.Of = s
		}
	}
	f.below = leads
	if f.Info.Way >= Call || f.Info.Way == Method && leads {
		f.Slot = c.plan.slots
		c.plan.slots++
	}
}

// price works out what a field adds to a budget.
func (c *compilation) price(f *Field) {
	if c.Width != nil && len(f.Selections) > 0 {
		f.width = c.Width(f.CollectedField)
	}
	if c.Units != nil {
		f.base = c.Units(f.Field, 0, f.width)
		f.per = c.Units(f.Field, 1, f.width) - f.base
	}
}
