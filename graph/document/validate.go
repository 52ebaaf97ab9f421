package document

import (
	"cmp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	library "github.com/vektah/gqlparser/v2/validator/rules"
)

// rules are the specification's validation rules but for the merging of fields,
// which mergeable checks, and the values, which have rules of their own words here.
type rules []validator.Rule

// newRules returns the rules in a fixed order. With suggest, errors name similar
// fields and arguments.
func newRules(suggest bool, all inputs) rules {
	rs := rules{
		library.FragmentsOnCompositeTypesRule,
		library.KnownDirectivesRule,
		library.KnownFragmentNamesRule,
		library.KnownRootTypeRule,
		// The other one asks the types in no fixed order for what is similar.
		library.KnownTypeNamesRuleWithoutSuggestions,
		library.LoneAnonymousOperationRule,
		library.MaxIntrospectionDepth,
		library.NoFragmentCyclesRule,
		library.NoUndefinedVariablesRule,
		library.NoUnusedFragmentsRule,
		library.NoUnusedVariablesRule,
		library.PossibleFragmentSpreadsRule,
		library.ProvidedRequiredArgumentsRule,
		library.ScalarLeafsRuleWithoutSuggestions,
		library.SingleFieldSubscriptionsRule,
		library.UniqueArgumentNamesRule,
		library.UniqueDirectivesPerLocationRule,
		library.UniqueFragmentNamesRule,
		library.UniqueInputFieldNamesRule,
		library.UniqueOperationNamesRule,
		library.UniqueVariableNamesRule,
		all.valuesRule(),
		library.VariablesAreInputTypesRule,
		library.VariablesInAllowedPositionRule,
	}
	if suggest {
		rs = append(rs, library.FieldsOnCorrectTypeRule, library.KnownArgumentNamesRule)
	} else {
		rs = append(rs, library.FieldsOnCorrectTypeRuleWithoutSuggestions, library.KnownArgumentNamesRuleWithoutSuggestions)
	}
	slices.SortFunc(rs, func(a, b validator.Rule) int { return cmp.Compare(a.Name, b.Name) })
	return rs
}

// enough ends a walk that has found maxErrors errors; the walker knows no other
// way to stop.
type enough struct{}

// validate completes the tree with the schema's definitions and gives what values it
// uses and the first maxErrors errors.
func (rs rules) validate(schema *ast.Schema, query *ast.QueryDocument) (used *uses, errs gqlerror.List) {
	used = &uses{notNull: map[*ast.VariableDefinition]bool{}}
	defer func() {
		switch r := recover(); r.(type) {
		case nil, enough:
		default:
			panic(r)
		}
	}()
	var observers validator.Events
	for _, rule := range rs {
		rule.RuleFunc(&observers, func(options ...validator.ErrorOption) {
			raw := &gqlerror.Error{}
			for _, option := range options {
				option(raw)
			}
			told := refuse(CodeValidationFailed, "%s", raw.Message)
			told.Rule, told.Locations = rule.Name, raw.Locations
			if errs = append(errs, told); len(errs) >= maxErrors {
				panic(enough{})
			}
		})
	}
	observers.OnValue(func(_ *validator.Walker, value *ast.Value) { used.note(value) })
	validator.Walk(schema, query, &observers)
	return used, errs
}
