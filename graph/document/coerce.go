package document

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// variable is a variable of an operation.
type variable struct {
	definition *ast.VariableDefinition
	form       *form
	fallback   any // its default, coerced
	has        bool
	// used says that null would come to where the schema permits none.
	used bool
}

// variables are those of an operation, in the order of their definitions.
type variables struct {
	all   []variable
	index map[string]int
}

// variables works out what the values of an operation's variables have to be. notNull
// are those for which null would come to where the schema permits none.
func (p *Planner) variables(operation *ast.OperationDefinition, notNull map[*ast.VariableDefinition]bool) variables {
	vs := variables{index: make(map[string]int, len(operation.VariableDefinitions))}
	for i, definition := range operation.VariableDefinitions {
		v := variable{definition: definition, form: p.inputs.form(definition.Type), used: notNull[definition]}
		if definition.DefaultValue != nil {
			v.fallback, _ = v.form.literal(definition.DefaultValue) // Validation has found that it fits.
			v.has = true
		}
		vs.all, vs.index[definition.Variable] = append(vs.all, v), i
	}
	return vs
}

// Coerce reads the JSON text of a request's variables, nothing or an object, into
// what an operation of doc is executed with (GraphQL, CoerceVariableValues in 6.1.2
// and Input Coercion in 3.5 to 3.12): what is not given is not in the map unless it
// has a default, lists are []any, input objects map[string]any with their defaults,
// enum values and ids strings, Int is int and Float float64. Values of a schema's own
// scalars are as JSON has them, numbers as json.Number. Variables that the operation
// does not have are left out. Defaults are shared: nobody may change what is in the map.
//
// Where the specification leaves a choice: a number is a whole one by its value (1.0
// and 1e3 are), but for an ID by how it is written, as 1.0 is no name for anything.
// An ID is as exact as it is written, whatever its length. JSON is that of RFC 7493:
// no name twice in an object, no half of a surrogate pair.
//
// The errors, in the order of the definitions and at most twenty, are request errors
// like those of Document. Each names a variable and the place in it, and says what
// would be right; names of the schema stand in it with options.Suggest alone.
func (p *Planner) Coerce(doc *Document, operation *ast.OperationDefinition, text []byte, options Options) (map[string]any, gqlerror.List) {
	program := doc.programs[operation]
	if program == nil {
		return nil, gqlerror.List{refuse(CodeOperationUnresolved, "The operation is not of this document.")}
	}
	r := reader{variables: &program.variables, names: options.Suggest}
	values := make(map[string]any, len(r.all))
	if len(text) > 0 {
		d := p.decoders.get(text)
		r.Decoder, r.buffer = &d.Decoder, d.buffer
		err := r.read(values)
		d.buffer = r.buffer
		if p.decoders.put(d); err != nil {
			return nil, gqlerror.List{notJSON(err)}
		}
	}
	for i := range r.all {
		r.complete(i, values)
	}
	if len(r.faults) == 0 {
		return values, nil
	}
	slices.SortStableFunc(r.faults, func(a, b fault) int { return cmp.Compare(a.variable, b.variable) })
	var errs gqlerror.List
	for _, f := range r.faults[:min(len(r.faults), maxErrors)] {
		errs = append(errs, f.told(r.all[f.variable].definition))
	}
	return nil, errs
}

// decoders are used again, but for those of large texts.
type decoders struct{ pool sync.Pool }

// mostKept bounds the texts whose decoders are kept, in bytes: a decoder remembers the
// names in all of them.
const mostKept = 64 << 10

type decoder struct {
	jsontext.Decoder
	source bytes.Buffer
	buffer []byte // for names
	large  bool
}

// get returns a decoder of a text.
func (ds *decoders) get(text []byte) *decoder {
	d, ok := ds.pool.Get().(*decoder)
	if !ok {
		d = &decoder{}
	}
	d.large = len(text) > mostKept
	d.source = *bytes.NewBuffer(text)
	d.Reset(&d.source)
	return d
}

// put takes a decoder back that lets go of its text.
func (ds *decoders) put(d *decoder) {
	if d.large {
		return
	}
	d.source = bytes.Buffer{}
	d.Reset(&d.source)
	ds.pool.Put(d)
}

// notJSON is the error of variables that cannot be read.
func notJSON(err error) *gqlerror.Error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errNoObject):
		return refuseVariable("The variables must be a JSON object.")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return refuseVariable("The variables are not valid JSON: an object in them has a name twice.")
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "surrogate pair"): // jsontext has no name for it.
		return refuseVariable("The variables have an escape at their byte %d that is half of a surrogate pair, which is no character.", syntax.ByteOffset+1)
	case errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF):
		return refuseVariable("The variables are not valid JSON in UTF-8 at their byte %d.", syntax.ByteOffset+1)
	default:
		return refuseVariable("The variables are not valid JSON: they end too early.")
	}
}

var errNoObject = errors.New("no object")

// fault is what is wrong with a variable: at a path in its value, and why.
type fault struct {
	variable  int
	path, why string
}

func (f fault) told(v *ast.VariableDefinition) *gqlerror.Error {
	place := f.path
	switch {
	case place == "":
		place = "it"
	case place[0] == '.':
		place = place[1:]
	}
	err := refuseVariable("The variable $%s of type %s does not fit: %s %s.", v.Variable, v.Type, place, f.why)
	if v.Position != nil {
		err.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
	}
	return err
}
