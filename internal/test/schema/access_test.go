package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/test/sdl"
)

// fieldAccess is what @access says of a field.
type fieldAccess struct {
	staff, partner []string
	customer       bool
}

// accessOf reads what @access says of a type's field: its own or, without one, the
// type's. It is read here and not by internal/access, so that one of the two shows
// what the other has wrong. ok is false if it is missing or there twice.
func accessOf(schema *ast.Schema, d *ast.Definition, f *ast.FieldDefinition) (a fieldAccess, ok bool) {
	directives := f.Directives.ForNames("access")
	if len(directives) == 0 {
		directives = d.Directives.ForNames("access")
	}
	if len(directives) != 1 {
		return fieldAccess{}, false
	}
	return said(schema, directives[0]), true
}

// said returns what an @access says; a group that there is not has no roles.
func said(schema *ast.Schema, access *ast.Directive) (a fieldAccess) {
	for _, argument := range access.Arguments {
		switch argument.Name {
		case "staff":
			if group := schema.Types["StaffGroup"].EnumValues.ForName(argument.Value.Raw); group != nil {
				a.staff = rolesOf(group)
			}
		case "partner":
			a.partner = append(a.partner, listOf(argument.Value)...)
		case "anyPartner":
			if argument.Value.Raw == "true" {
				a.partner = append(a.partner, valuesOf(schema.Types["PartnerScope"])...)
			}
		case "customer":
			a.customer = argument.Value.Raw == "true"
		}
	}
	return a
}

// rolesOf returns the roles of a group of staff, none if it does not say them.
func rolesOf(group *ast.EnumValueDefinition) []string {
	says := group.Directives.ForName("staffGroup")
	if says == nil || says.Arguments.ForName("roles") == nil {
		return nil
	}
	return listOf(says.Arguments.ForName("roles").Value)
}

func valuesOf(enum *ast.Definition) []string {
	values := make([]string, len(enum.EnumValues))
	for i, v := range enum.EnumValues {
		values[i] = v.Name
	}
	return values
}

func listOf(v *ast.Value) []string {
	values := make([]string, len(v.Children))
	for i, child := range v.Children {
		values[i] = child.Value.Raw
	}
	return values
}

// eachField calls do with every field of every object and interface.
func eachField(schema *ast.Schema, do func(where string, d *ast.Definition, f *ast.FieldDefinition)) {
	for _, d := range own(schema, ast.Object, ast.Interface) {
		for _, f := range fields(d) {
			do(d.Name+"."+f.Name, d, f)
		}
	}
}

// TestAccess wants every field to say who may read it, itself or by its type, in
// values of the enums, each once and in the enum's order; administrators may read
// everything, analysts no personal data.
func TestAccess(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	roles, scopes := schema.Types["StaffRole"], schema.Types["PartnerScope"]
	eachField(schema, func(where string, d *ast.Definition, f *ast.FieldDefinition) {
		a, ok := accessOf(schema, d, f)
		if !ok {
			t.Errorf("%s or its type must have @access, once", where)
			return
		}
		if len(a.staff) == 0 {
			t.Errorf("%s: @access names no group of staff", where)
		}
		if !inOrder(roles, a.staff) || !inOrder(scopes, a.partner) {
			t.Errorf("%s: @access has unknown, repeated or unsorted values: %v %v", where, a.staff, a.partner)
		}
		if !slices.Contains(a.staff, "ADMIN") {
			t.Errorf("%s is not for administrators", where)
		}
		if f.Directives.ForName("pii") != nil && slices.Contains(a.staff, "ANALYST") {
			t.Errorf("%s is personal data and open to analysts", where)
		}
	})
}

// TestAccessIsSaidOnce wants a field to have an @access of its own only if it
// differs from its type's, a type's to hold for some field, a list of all scopes to
// be anyPartner, and the root's fields to say each for itself what they open.
func TestAccessIsSaidOnce(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, d := range own(schema, ast.Object, ast.Interface) {
		ofType := d.Directives.ForName("access")
		if ofType != nil && d == schema.Query {
			t.Errorf("%s has @access: what the root opens is said field by field", d.Name)
		}
		used := ofType == nil
		for _, f := range fields(d) {
			one := f.Directives.ForName("access")
			used = used || one == nil
			if one != nil && ofType != nil && cmp.Equal(said(schema, one), said(schema, ofType), cmp.AllowUnexported(fieldAccess{})) {
				t.Errorf("%s.%s says again what its type says", d.Name, f.Name)
			}
		}
		if !used {
			t.Errorf("@access of %s holds for none of its fields", d.Name)
		}
	}
	for where, one := range eachAccess(schema) {
		if list := one.Arguments.ForName("partner"); list != nil && len(list.Value.Children) == len(valuesOf(schema.Types["PartnerScope"])) {
			t.Errorf("%s lists every scope: say anyPartner", where)
		}
	}
}

// eachAccess returns every @access of the schema, by where it stands.
func eachAccess(schema *ast.Schema) map[string]*ast.Directive {
	found := map[string]*ast.Directive{}
	add := func(where string, directives ast.DirectiveList) {
		if one := directives.ForName("access"); one != nil {
			found[where] = one
		}
	}
	for _, d := range own(schema) {
		add(d.Name, d.Directives)
		for _, v := range d.EnumValues {
			add(d.Name+"."+v.Name, v.Directives)
		}
		for _, f := range fields(d) {
			add(d.Name+"."+f.Name, f.Directives)
			for _, a := range f.Arguments {
				add(d.Name+"."+f.Name+"("+a.Name+":)", a.Directives)
			}
		}
	}
	return found
}

// TestStaffGroups wants each group of staff to be made of roles, each once and in
// their order, administrators among them, to be no other's double and to be used;
// and every @access to name one that there is.
func TestStaffGroups(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	used := map[string]bool{}
	for where, one := range eachAccess(schema) {
		name := one.Arguments.ForName("staff").Value.Raw
		used[name] = true
		if schema.Types["StaffGroup"].EnumValues.ForName(name) == nil {
			t.Errorf("%s: there is no group of staff %q", where, name)
		}
	}
	doubles := map[string]string{}
	for _, group := range schema.Types["StaffGroup"].EnumValues {
		roles := rolesOf(group)
		if !inOrder(schema.Types["StaffRole"], roles) || !slices.Contains(roles, "ADMIN") {
			t.Errorf("the group %s must have roles in their order, and ADMIN: %v", group.Name, roles)
		}
		if other := doubles[strings.Join(roles, " ")]; other != "" {
			t.Errorf("the groups %s and %s have the same roles", other, group.Name)
		}
		doubles[strings.Join(roles, " ")] = group.Name
		if !used[group.Name] {
			t.Errorf("nothing is for the group %s", group.Name)
		}
	}
}

// inOrder says whether values are an enum's, each once, in its order.
func inOrder(enum *ast.Definition, values []string) bool {
	last := -1
	for _, v := range values {
		at := slices.IndexFunc(enum.EnumValues, func(e *ast.EnumValueDefinition) bool { return e.Name == v })
		if at <= last {
			return false
		}
		last = at
	}
	return true
}

// TestPersonalData wants what names, reaches or quotes a customer marked.
func TestPersonalData(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, where := range []string{
		"Customer.displayName", "Customer.givenName", "Customer.familyName", "Customer.emails", "Customer.phones",
		"Customer.addresses", "Customer.birthday", "EmailAddress.address", "PhoneNumber.number", "Address.name",
		"Address.line1", "Address.line2", "Address.postalCode", "Order.shippingAddress", "Order.billingAddress",
		"Consent.contactPoint", "ExternalIdentity.externalId", "CustomAttribute.value", "Ticket.subject",
		"Article.body", "Satisfaction.comment", "Interaction.summary", "Interaction.outcome", "Participant.name",
		"Return.reason",
	} {
		typeName, name, _ := strings.Cut(where, ".")
		f := schema.Types[typeName].Fields.ForName(name)
		if f == nil || f.Directives.ForName("pii") == nil {
			t.Errorf("%s must be a field with @pii", where)
		}
	}
}

// notForCustomers are the rules of what no customer reads, not even of their
// own record: whole types, and single fields of types they do read.
var notForCustomers = []struct {
	rule   string
	types  []string
	fields []string
}{
	{
		rule:   "what the company plans with a customer is its own",
		types:  []string{"NextBestAction", "NextBestActionConnection", "NextBestActionEdge"},
		fields: []string{"Customer.nextBestActions"},
	},
	{
		rule: "what the company thinks of a customer is its own",
		fields: []string{
			"Customer.owner", "Customer.customerGroup", "Customer.tier", "Customer.acquisitionSource", "Customer.tags",
			"Customer.segments", "Customer.lifecycleStage", "Customer.loyaltyClass", "Customer.retentionStatus",
			"Customer.relationshipLevel", "Customer.customAttributes",
			"Recommendation.score", "Recommendation.model", "Recommendation.modelVersion",
		},
		types: []string{"CustomAttribute"},
	},
	{
		rule: "staff's notes about a customer are the company's own",
		types: []string{
			"Interaction", "InteractionConnection", "InteractionEdge", "Participant",
			"TimelineEntry", "TimelineConnection", "TimelineEdge", "ProfileChange",
		},
		fields: []string{"Customer.interactions", "Customer.timeline", "CustomerStatistics.lastContactAt", "Refund.reason"},
	},
	{
		rule:  "how the company works is its own",
		types: []string{"TicketSLA", "SLATarget", "Team", "PartnerApp"},
		fields: []string{
			"Ticket.sla", "Ticket.queue", "Ticket.assignee", "Ticket.priority", "Ticket.category", "Ticket.reopenCount",
			"Ticket.source", "Ticket.externalId", "Order.sourceStatus", "ConsentChange.actor",
			"Employee.email", "Employee.title", "Employee.active", "Employee.team",
		},
	},
	{
		rule:   "an internal note changes a ticket: when is internal too",
		fields: []string{"Ticket.version", "Ticket.updatedAt"},
	},
	{
		rule:  "other customers are none of a customer's business",
		types: []string{"CustomerConnection", "CustomerEdge", "SearchConnection", "SearchEdge"},
		fields: []string{
			"Customer.members", "Customer.parent", "Customer.referredBy",
			"Query.customer", "Query.customerByIdentifier", "Query.customers", "Query.orders", "Query.tickets", "Query.search",
		},
	},
}

// TestCustomersReadNothingInternal holds the rules above, for the fields of
// today by name and for those to come by their types: a list or a link to
// something that customers do not read is not theirs either.
func TestCustomersReadNothingInternal(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, r := range notForCustomers {
		for _, name := range r.types {
			if schema.Types[name] == nil {
				t.Errorf("there is no type %s", name)
			}
		}
		for _, where := range r.fields {
			typeName, name, _ := strings.Cut(where, ".")
			if d := schema.Types[typeName]; d == nil || d.Fields.ForName(name) == nil {
				t.Errorf("there is no field %s", where)
			}
		}
		eachField(schema, func(where string, d *ast.Definition, f *ast.FieldDefinition) {
			a, _ := accessOf(schema, d, f)
			forbidden := slices.Contains(r.types, d.Name) || slices.Contains(r.types, f.Type.Name()) || slices.Contains(r.fields, where)
			if a.customer && forbidden {
				t.Errorf("%s is open to customers: %s", where, r.rule)
			}
		})
	}
}

// reader is a kind of caller, by the fields it may read.
type reader struct {
	name  string
	reads func(fieldAccess) bool
}

// readers are all kinds of caller: every role, every scope, the customer.
func readers(schema *ast.Schema) []reader {
	list := []reader{{"a customer", func(a fieldAccess) bool { return a.customer }}}
	for _, role := range schema.Types["StaffRole"].EnumValues {
		list = append(list, reader{role.Name, func(a fieldAccess) bool { return slices.Contains(a.staff, role.Name) }})
	}
	for _, scope := range schema.Types["PartnerScope"].EnumValues {
		list = append(list, reader{scope.Name, func(a fieldAccess) bool { return slices.Contains(a.partner, scope.Name) }})
	}
	return list
}

// TestNoDeadEnds wants everybody who may read a field that gives objects to be able
// to read some field of those objects.
func TestNoDeadEnds(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, r := range readers(schema) {
		eachField(schema, func(where string, from *ast.Definition, f *ast.FieldDefinition) {
			target := schema.Types[f.Type.Name()]
			if a, _ := accessOf(schema, from, f); !r.reads(a) || !target.IsCompositeType() {
				return
			}
			for _, d := range append(slices.Clone(schema.PossibleTypes[target.Name]), target) {
				for _, g := range fields(d) {
					if a, _ := accessOf(schema, d, g); r.reads(a) {
						return
					}
				}
			}
			t.Errorf("%s may be read by %s, but nothing of %s", where, r.name, target.Name)
		})
	}
}

// TestNothingOutOfReach wants every field that customers, partners or staff may
// read to be on a type that they get to: an annotation that means nothing
// misleads.
func TestNothingOutOfReach(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, r := range []reader{
		{"a customer", func(a fieldAccess) bool { return a.customer }},
		{"a partner with every scope", func(a fieldAccess) bool { return len(a.partner) > 0 }},
		{"staff with every role", func(a fieldAccess) bool { return len(a.staff) > 0 }},
	} {
		reached := map[string]bool{}
		reach(schema, r, schema.Query, reached)
		eachField(schema, func(where string, d *ast.Definition, f *ast.FieldDefinition) {
			if a, _ := accessOf(schema, d, f); r.reads(a) && !reached[d.Name] {
				t.Errorf("%s may be read by %s, who never gets to %s", where, r.name, d.Name)
			}
		})
	}
}

// reach marks the types that a reader gets to from one on.
func reach(schema *ast.Schema, r reader, from *ast.Definition, reached map[string]bool) {
	if reached[from.Name] {
		return
	}
	reached[from.Name] = true
	for _, d := range schema.PossibleTypes[from.Name] {
		reach(schema, r, d, reached)
	}
	for _, f := range fields(from) {
		if a, _ := accessOf(schema, from, f); r.reads(a) {
			reach(schema, r, schema.Types[f.Type.Name()], reached)
		}
	}
}
