package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// fieldAccess is what @access says of a field.
type fieldAccess struct {
	staff, partner []string
	customer       bool
}

// accessOf reads @access; ok is false if it is missing or there twice.
func accessOf(f *ast.FieldDefinition) (a fieldAccess, ok bool) {
	directives := f.Directives.ForNames("access")
	if len(directives) != 1 {
		return fieldAccess{}, false
	}
	for _, argument := range directives[0].Arguments {
		switch argument.Name {
		case "staff":
			a.staff = listOf(argument.Value)
		case "partner":
			a.partner = listOf(argument.Value)
		case "customer":
			a.customer = argument.Value.Raw == "true"
		}
	}
	return a, true
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

// TestAccess wants every field to say who may read it, in values of the enums,
// each once and in the enum's order; administrators may read everything,
// analysts no personal data.
func TestAccess(t *testing.T) {
	t.Parallel()
	schema := load(t)
	roles, scopes := schema.Types["StaffRole"], schema.Types["PartnerScope"]
	eachField(schema, func(where string, _ *ast.Definition, f *ast.FieldDefinition) {
		a, ok := accessOf(f)
		if !ok {
			t.Errorf("%s must have @access, once", where)
			return
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
	schema := load(t)
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
	schema := load(t)
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
			a, _ := accessOf(f)
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
	schema := load(t)
	for _, r := range readers(schema) {
		eachField(schema, func(where string, _ *ast.Definition, f *ast.FieldDefinition) {
			target := schema.Types[f.Type.Name()]
			if a, _ := accessOf(f); !r.reads(a) || !target.IsCompositeType() {
				return
			}
			for _, d := range append(slices.Clone(schema.PossibleTypes[target.Name]), target) {
				for _, g := range fields(d) {
					if a, _ := accessOf(g); r.reads(a) {
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
	schema := load(t)
	for _, r := range []reader{
		{"a customer", func(a fieldAccess) bool { return a.customer }},
		{"a partner with every scope", func(a fieldAccess) bool { return len(a.partner) > 0 }},
		{"staff with every role", func(a fieldAccess) bool { return len(a.staff) > 0 }},
	} {
		reached := map[string]bool{}
		reach(schema, r, schema.Query, reached)
		eachField(schema, func(where string, d *ast.Definition, f *ast.FieldDefinition) {
			if a, _ := accessOf(f); r.reads(a) && !reached[d.Name] {
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
		if a, _ := accessOf(f); r.reads(a) {
			reach(schema, r, schema.Types[f.Type.Name()], reached)
		}
	}
}
