package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// How many entries a list is taken to have where nothing says it.
const (
	// assumedEntries is for lists without @listSize.
	assumedEntries = 5
	// pageDefault and pageMost are the sizes of a connection's page without `first`
	// and `last`, and at most: those of the graph's connections.
	pageDefault, pageMost = 20, 100
)

// weight is what the schema says about the cost of a field.
type weight struct {
	points    int            // of each entry
	entries   int            // of the field's own list; 1 if it is none
	assumed   int            // entries where slicing says nothing
	arguments map[string]int // points of arguments, once
	slicing   []string       // arguments that say how many entries
	sized     []string       // fields below whose lists slicing sizes; none is this one's
	exactlyOne,
	connection bool
}

// weights are those of every field of the schema.
type weights struct {
	schema *ast.Schema
	fields map[*ast.FieldDefinition]*weight
	of     map[string]int // points of types
}

func newWeights(schema *ast.Schema) (*weights, error) {
	w := &weights{schema: schema, fields: map[*ast.FieldDefinition]*weight{}, of: map[string]int{}}
	for name, def := range schema.Types {
		points, err := pointsOf(def.Directives, defaultPoints(def))
		if err != nil {
			return nil, fmt.Errorf("plan: type %s: %w", name, err)
		}
		w.of[name] = points
	}
	sizes := introspectionSizes(schema)
	for name, def := range schema.Types {
		if def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, field := range def.Fields {
			fw, err := w.field(field)
			if err != nil {
				return nil, fmt.Errorf("plan: field %s.%s: %w", name, field.Name, err)
			}
			if n, ok := sizes[name+"."+field.Name]; ok {
				fw.entries = n
			}
			w.fields[field] = fw
		}
	}
	return w, nil
}

func defaultPoints(def *ast.Definition) int {
	if def.IsLeafType() {
		return 0
	}
	return 1
}

// mostPoints returns a type's points: for an interface or a union those of the
// dearest type.
func (w *weights) mostPoints(name string) int {
	points := w.of[name]
	for _, possible := range w.schema.PossibleTypes[name] {
		points = max(points, w.of[possible.Name])
	}
	return points
}

func (w *weights) field(field *ast.FieldDefinition) (*weight, error) {
	fw := &weight{entries: 1}
	for t := field.Type; t.Elem != nil; t = t.Elem {
		fw.entries *= assumedEntries
	}
	var err error
	if fw.points, err = pointsOf(field.Directives, w.mostPoints(field.Type.Name())); err != nil {
		return nil, err
	}
	for _, argument := range field.Arguments {
		points, err := pointsOf(argument.Directives, 0)
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", argument.Name, err)
		}
		if points != 0 {
			if fw.arguments == nil {
				fw.arguments = map[string]int{}
			}
			fw.arguments[argument.Name] = points
		}
	}
	fw.assumed = fw.entries
	if fw.connection = w.isConnection(field); fw.connection {
		fw.slicing, fw.sized, fw.assumed = []string{"first", "last"}, []string{"edges", "nodes"}, pageDefault
	}
	if directive := field.Directives.ForName("listSize"); directive != nil {
		return fw, fw.listSize(directive, field)
	}
	return fw, nil
}

// isConnection knows a field that gives a page in Relay's way.
func (w *weights) isConnection(field *ast.FieldDefinition) bool {
	def := w.schema.Types[field.Type.Name()]
	return field.Type.Elem == nil && strings.HasSuffix(def.Name, "Connection") &&
		def.Fields.ForName("pageInfo") != nil && field.Arguments.ForName("first") != nil
}

func pointsOf(directives ast.DirectiveList, otherwise int) (int, error) {
	directive := directives.ForName("cost")
	if directive == nil {
		return otherwise, nil
	}
	argument := directive.Arguments.ForName("weight")
	if argument == nil {
		return 0, fmt.Errorf("@cost without weight")
	}
	points, err := strconv.Atoi(argument.Value.Raw)
	if err != nil || points < 0 {
		return 0, fmt.Errorf("@cost has the weight %q, which is not a whole number of points", argument.Value.Raw)
	}
	return points, nil
}

// listSize reads the directive @listSize of a field.
func (fw *weight) listSize(directive *ast.Directive, field *ast.FieldDefinition) error {
	if size := directive.Arguments.ForName("assumedSize"); size != nil && size.Value.Kind == ast.IntValue {
		n, err := strconv.Atoi(size.Value.Raw)
		if err != nil || n < 0 {
			return fmt.Errorf("@listSize has an assumedSize that is no number of entries")
		}
		fw.assumed = n
	}
	if names := listOf(directive, "slicingArguments"); names != nil {
		fw.slicing, fw.connection = names, false
		for _, name := range names {
			if field.Arguments.ForName(name) == nil {
				return fmt.Errorf("@listSize names the argument %s, which the field has not", name)
			}
		}
		one := directive.Arguments.ForName("requireOneSlicingArgument")
		fw.exactlyOne = one == nil || one.Value.Raw != "false"
	}
	if names := listOf(directive, "sizedFields"); names != nil {
		fw.sized = names
	} else if !fw.connection {
		fw.sized = nil
	}
	switch {
	case fw.sized == nil:
		fw.entries = fw.assumed
	case fw.slicing == nil:
		return fmt.Errorf("@listSize has sizedFields without slicingArguments")
	}
	return nil
}

func listOf(directive *ast.Directive, name string) []string {
	argument := directive.Arguments.ForName(name)
	if argument == nil {
		return nil
	}
	var names []string
	for _, child := range argument.Value.Children {
		names = append(names, child.Value.Raw)
	}
	return names
}

// sizes says whether the field's slicing arguments size the list of a field below.
func (fw *weight) sizes(field string) bool { return slices.Contains(fw.sized, field) }

// introspectionSizes returns the entries of introspection's lists, by coordinate: what
// the schema has, on average where it is asked of each type.
func introspectionSizes(schema *ast.Schema) map[string]int {
	var objects, fields, arguments, enums, values, inputs, members, implements int
	for _, def := range schema.Types {
		switch def.Kind {
		case ast.Object, ast.Interface:
			objects++
			implements += len(def.Interfaces)
			for _, field := range def.Fields {
				fields++
				arguments += len(field.Arguments)
			}
		case ast.Enum:
			enums++
			values += len(def.EnumValues)
		case ast.InputObject:
			inputs++
			members += len(def.Fields)
		default:
		}
	}
	return map[string]int{
		"__Schema.types":       len(schema.Types),
		"__Schema.directives":  len(schema.Directives),
		"__Type.fields":        average(fields, objects),
		"__Type.interfaces":    average(implements, objects),
		"__Type.possibleTypes": 1,
		"__Type.enumValues":    average(values, enums),
		"__Type.inputFields":   average(members, inputs),
		"__Field.args":         average(arguments, fields),
		"__Directive.args":     2,
	}
}

// average rounds up.
func average(sum, n int) int {
	if n == 0 {
		return 0
	}
	return (sum + n - 1) / n
}
