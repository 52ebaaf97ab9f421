package document

import (
	"errors"
	"fmt"
)

// Limits bound what a document, its variables and its operations may be. Aliases
// and Directives may be 0, which permits none; all others must be positive.
type Limits struct {
	// DocumentBytes bounds the text of a document.
	DocumentBytes int
	// Tokens bounds its lexical tokens, comments among them.
	Tokens int
	// Depth bounds the levels of fields, through fragments; `{a}` has one level.
	Depth int
	// Aliases bounds the aliases in an operation, fragments expanded.
	Aliases int
	// RootFields bounds the fields at the root of an operation, fragments expanded.
	RootFields int
	// Directives bounds the directives in a document.
	Directives int
	// Operations, Fragments and Variables bound the definitions: of operations and
	// of fragments in a document, of variables in an operation.
	Operations, Fragments, Variables int
	// Fields bounds the fields in an operation, fragments expanded.
	Fields int
	// ListValues bounds the values inside the lists and input objects of a
	// document's arguments; ValueDepth how deep these nest.
	ListValues, ValueDepth int
	// VariableValues bounds the values in the variables of a request, members and
	// entries counted; VariableDepth how deep they nest.
	VariableValues, VariableDepth int
	// NodeIDs bounds the entries of a list in an argument that sizes its field's
	// list: `nodes(ids:)`.
	NodeIDs int
	// IntrospectionDepth bounds the levels of fields below `__schema` and `__type`,
	// themselves counted.
	IntrospectionDepth int
	// Cost bounds an operation's points.
	Cost int
	// CachedDocuments and CachedBytes bound the planned documents that are kept,
	// the bytes as an estimate of what they take in memory.
	CachedDocuments, CachedBytes int
}

// DefaultLimits are for a gateway that stands on the internet: the graph's own
// journeys take about a tenth of each, and the fullest introspection query of the
// usual tools passes.
func DefaultLimits() Limits {
	return Limits{
		DocumentBytes:      100_000,
		Tokens:             4_000,
		Depth:              15,
		Aliases:            100,
		RootFields:         20,
		Directives:         50,
		Operations:         50,
		Fragments:          100,
		Variables:          100,
		Fields:             2_000,
		ListValues:         1_000,
		ValueDepth:         10,
		VariableValues:     2_000,
		VariableDepth:      10,
		NodeIDs:            100,
		IntrospectionDepth: 15,
		Cost:               30_000,
		CachedDocuments:    1_000,
		CachedBytes:        32 << 20,
	}
}

// Bounds that no configuration changes: each keeps a step cheap that comes before
// the limit which is meant for users.
const (
	// maxNesting bounds brackets within brackets of any kind in an untrusted text,
	// so that no step recurses deeper.
	maxNesting = 128
	// maxName bounds a name in bytes.
	maxName = 255
	// visitsPerToken bounds the selections that validation looks at, by Tokens: it
	// looks through every fragment once from every operation and every other fragment.
	visitsPerToken = 10
	// stepsPerField bounds the steps of merging fields, and those of working out
	// costs, by Fields; maxSteps does so whatever Fields is.
	stepsPerField = 30
	maxSteps      = 1_000_000
	// maxTrustedSteps is the bound of these for a trusted document, which may be large
	// but must not bring a gateway to its knees by mistake.
	maxTrustedSteps = 5_000_000
	// maxErrors bounds the errors told of one document.
	maxErrors = 20
)

// Validate says which of the limits permits nothing at all.
func (l Limits) Validate() error {
	var errs []error
	if l.Aliases < 0 || l.Directives < 0 {
		errs = append(errs, errors.New("plan: limits Aliases and Directives must not be negative"))
	}
	for _, limit := range []struct {
		name  string
		value int
	}{
		{"DocumentBytes", l.DocumentBytes},
		{"Tokens", l.Tokens},
		{"Depth", l.Depth},
		{"RootFields", l.RootFields},
		{"Operations", l.Operations},
		{"Fragments", l.Fragments},
		{"Variables", l.Variables},
		{"Fields", l.Fields},
		{"ListValues", l.ListValues},
		{"ValueDepth", l.ValueDepth},
		{"VariableValues", l.VariableValues},
		{"VariableDepth", l.VariableDepth},
		{"NodeIDs", l.NodeIDs},
		{"IntrospectionDepth", l.IntrospectionDepth},
		{"Cost", l.Cost},
		{"CachedDocuments", l.CachedDocuments},
		{"CachedBytes", l.CachedBytes},
	} {
		if limit.value <= 0 {
			errs = append(errs, fmt.Errorf("plan: limit %s must be positive, not %d", limit.name, limit.value))
		}
	}
	return errors.Join(errs...)
}
