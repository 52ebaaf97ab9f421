package matrix_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/test/sdl"
)

// disabled is one rule that is switched off.
type disabled struct {
	name string
	guards
	// first are the beginnings of the names of those askers who profit most: they
	// ask before the others.
	first []string
}

// rulesOff returns every rule, each switched off: those of the policy, and what
// @access and @pii say, one part at a time.
func (m *matrix) rulesOff(t *testing.T) []disabled {
	t.Helper()
	var list []disabled
	for _, rule := range access.PolicyRules() {
		who, _, _ := strings.Cut(string(rule), ".")
		first := hints()[rule]
		list = append(list, disabled{string(rule), guards{rules: m.rules, without: []access.Rule{rule}}, append(first, who)})
	}
	for _, off := range []struct {
		name, first string
		change      func(*ast.Schema)
	}{
		{"fields of customers", "customer self", everyField(func(fieldAccess) fieldAccess { return fieldAccess{customer: true} })},
		{"fields of partners", "partner with", everyField(func(fieldAccess) fieldAccess { return fieldAccess{partner: names(access.Scopes())} })},
		{"fields of staff", "staff MARKETING", everyField(func(fieldAccess) fieldAccess { return fieldAccess{staff: names(access.Roles())} })},
		{"masking", "staff ANALYST", everyField(unmasked)},
		{"arguments", "staff ANALYST", withoutInputs},
	} {
		list = append(list, disabled{off.name, guards{rules: m.changed(t, off.change)}, []string{off.first}})
	}
	return list
}

// hints name the askers who would notice a rule of the policy first.
func hints() map[access.Rule][]string {
	return map[access.Rule][]string{
		access.RuleCustomerStanding:     {"customer blocked"},
		access.RuleCustomerMembership:   {"customer former"},
		access.RuleCustomerOrganization: {"customer buyer"},
		access.RuleCustomerRole:         {"customer user"},
		access.RuleCustomerBilling:      {"customer billing"},
		access.RuleCustomerColleagues:   {"customer buyer"},
		access.RuleCustomerArticles:     {"customer buyer"},
		access.RuleCustomerCarts:        {"customer buyer"},
		access.RuleCustomerStatistics:   {"customer buyer"},
		access.RuleCustomerWithheld:     {"customer refuser"},
		access.RulePartnerScopes:        {"partner with"},
		access.RulePartnerKinds:         {"partner of all rows"},
		access.RulePartnerInternal:      {"partner of all rows"},
		access.RulePartnerWithheld:      {"partner of all rows"},
	}
}

func names[S ~string](list []S) []string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return words
}

// changed returns the rules of the schema after a change.
func (m *matrix) changed(t *testing.T, change func(*ast.Schema)) *access.Rules {
	t.Helper()
	schema := sdl.Load(t)
	change(schema)
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// everyField returns every field more readers than it has: those that more says
// beside its own, for what it says now.
func everyField(more func(fieldAccess) fieldAccess) func(*ast.Schema) {
	return func(s *ast.Schema) {
		for name, d := range s.Types {
			if d.Kind != ast.Object && d.Kind != ast.Interface || strings.HasPrefix(name, "__") {
				continue
			}
			for _, f := range d.Fields {
				if strings.HasPrefix(f.Name, "__") {
					continue
				}
				now := graph{s}.access(coordOf(name, f.Name))
				add := more(now)
				group := graph{s}.group(append(now.staff, add.staff...))
				f.Directives = append(without(f.Directives), &ast.Directive{Name: "access", Arguments: ast.ArgumentList{
					{Name: "staff", Value: &ast.Value{Kind: ast.EnumValue, Raw: group}},
					words("partner", append(now.partner, add.partner...)),
					{Name: "customer", Value: yes(now.customer || add.customer)},
				}})
			}
		}
	}
}

// unmasked lets every role of staff read personal data.
func unmasked(now fieldAccess) fieldAccess {
	if now.pii {
		return fieldAccess{staff: names(access.Roles())}
	}
	return fieldAccess{}
}

func words(name string, list []string) *ast.Argument {
	slices.Sort(list)
	value := &ast.Value{Kind: ast.ListValue}
	for _, w := range slices.Compact(list) {
		value.Children = append(value.Children, &ast.ChildValue{Value: &ast.Value{Kind: ast.EnumValue, Raw: w}})
	}
	return &ast.Argument{Name: name, Value: value}
}

func yes(b bool) *ast.Value {
	raw := "false"
	if b {
		raw = "true"
	}
	return &ast.Value{Kind: ast.BooleanValue, Raw: raw}
}

// withoutInputs forgets who may use arguments, fields of inputs and values.
func withoutInputs(s *ast.Schema) {
	for _, d := range s.Types {
		for _, f := range d.Fields {
			if d.Kind == ast.InputObject {
				f.Directives = without(f.Directives)
			}
			for _, a := range f.Arguments {
				a.Directives = without(a.Directives)
			}
		}
		for _, v := range d.EnumValues {
			v.Directives = without(v.Directives)
		}
	}
}

func without(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool { return d.Name == "access" })
}

// candidates are the askers whom a rule may concern, the likeliest first.
func (d disabled) candidates(all []*asker) []*asker {
	var list []*asker
	for _, prefix := range d.first {
		for _, a := range all {
			if strings.HasPrefix(a.name, prefix) && !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// asked is what a worker keeps of an asker: making it takes longer than asking.
type asked struct {
	*plan
	there *gateway
}

// worker looks whether the matrix notices that rules are off.
type worker struct {
	*matrix
	here  *gateway
	known map[*asker]*asked
}

func (w *worker) asked(t *testing.T, a *asker) *asked {
	t.Helper()
	if w.known[a] == nil {
		p := w.plan(t, a)
		w.known[a] = &asked{plan: p, there: open(t, project(p.oracle))}
	}
	return w.known[a]
}

// notice returns the first thing that anybody gets because a rule is off.
func (w *worker) notice(t *testing.T, d disabled, all []*asker) (leak, bool) {
	t.Helper()
	for _, a := range d.candidates(all) {
		p := w.asked(t, a)
		leaks, answers := p.shown(t, w.here.with(d.guards), true)
		if len(leaks) == 0 {
			leaks = p.told(t, p.there.with(d.guards), answers, true)
		}
		if len(leaks) > 0 {
			return leaks[0], true
		}
	}
	return leak{}, false
}
