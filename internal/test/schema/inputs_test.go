package schema_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/sdl"
)

// reads are the fields whose values every input tells something about, by
// filtering, sorting, searching or identifying with it. Records' own ids and
// places in lists tell what the caller had already: they read nothing here, but
// stand here all the same. A field of a filter that is not here reads the field of
// the same name.
func reads() map[string][]string {
	return map[string][]string{
		"Query.node(id:)": nil, "Query.nodes(ids:)": nil, "Query.customer(id:)": nil, "Query.order(id:)": nil,
		"Query.product(id:)": nil, "Query.ticket(id:)": nil,

		"Query.customers(text:)": crm.Describe(crm.KindCustomer).SearchesIn,
		"Query.orders(text:)":    crm.Describe(crm.KindOrder).SearchesIn,
		"Query.products(text:)":  crm.Describe(crm.KindProduct).SearchesIn,
		"Query.tickets(text:)":   crm.Describe(crm.KindTicket).SearchesIn,
		"Query.search(text:)":    nil, // The kinds say what it looks through.

		"TimeRange.after": nil, "TimeRange.before": nil, // What they bound is said where they are used.
		"OrderDirection.ASC": nil, "OrderDirection.DESC": nil, // As what is sorted by.

		"CustomerIdentifier.email":            {"Customer.emails", "EmailAddress.address"},
		"CustomerIdentifier.phone":            {"Customer.phones", "PhoneNumber.number"},
		"CustomerIdentifier.externalIdentity": {"Customer.externalIdentities", "ExternalIdentity.externalId"},
		"ExternalIdentityRef.source":          {"ExternalIdentity.source"},
		"ExternalIdentityRef.externalId":      {"ExternalIdentity.externalId"},
		"CustomerFilter.ownerId":              {"Customer.owner"},
		"CustomerFilter.tag":                  {"Customer.tags"},
		"CustomerFilter.segment":              {"Customer.segments"},
		"CustomerOrderField.UPDATED_AT":       {"Customer.updatedAt"},
		"CustomerOrderField.CREATED_AT":       {"Customer.createdAt"},
		"CustomerOrderField.NAME":             {"Customer.displayName"},

		"OrderOrderField.PLACED_AT":  {"Order.placedAt"},
		"OrderOrderField.UPDATED_AT": {"Order.updatedAt"},

		"ProductFilter.category":       {"Product.categories"},
		"ProductFilter.sku":            {"Product.variants", "Variant.sku"},
		"SKURef.source":                {"Product.source"},
		"SKURef.sku":                   {"Variant.sku"},
		"ProductOrderField.NAME":       {"Product.title"},
		"ProductOrderField.UPDATED_AT": {"Product.updatedAt"},

		"TicketFilter.open":           {"Ticket.status"},
		"TicketFilter.assigneeId":     {"Ticket.assignee"},
		"TicketFilter.queueId":        {"Ticket.queue"},
		"TicketOrderField.CREATED_AT": {"Ticket.createdAt"},
		"TicketOrderField.UPDATED_AT": {"Ticket.updatedAt"},

		"TimelineFilter.kind":       {"TimelineEntry.kind"},
		"TimelineFilter.occurredAt": {"TimelineEntry.occurredAt"},
	}
}

// unsaid says whether an enum's values, as a filter's, say no more than the filter:
// they are those of a field.
func unsaid(schema *ast.Schema, enum string) bool {
	shown := false
	eachField(schema, func(_ string, _ *ast.Definition, f *ast.FieldDefinition) { shown = shown || f.Type.Name() == enum })
	return shown
}

// sorts are the fields whose values the order of a list tells, and with it every
// cursor, when the caller gives no order.
func sorts() map[string][]string {
	return map[string][]string{
		"Query.customers":          {"Customer.updatedAt"},
		"Query.orders":             {"Order.placedAt"},
		"Query.products":           {"Product.title"},
		"Query.tickets":            {"Ticket.createdAt"},
		"Query.search":             nil, // By kind and id.
		"Customer.members":         {"Customer.displayName"},
		"Customer.orders":          {"Order.placedAt"},
		"Customer.tickets":         {"Ticket.createdAt"},
		"Customer.interactions":    {"Interaction.occurredAt"},
		"Customer.timeline":        {"TimelineEntry.occurredAt"},
		"Customer.recommendations": {"Recommendation.score"},
		"Customer.nextBestActions": {"NextBestAction.score"},
		"Ticket.articles":          {"Article.createdAt"},
	}
}

// byID are the lists whose cursors hold an id alone for callers who may not read
// what they are sorted by.
var byID = []string{"Customer.recommendations"}

// principals are all classes of caller: every role, every set of scopes, the
// customer.
func principals() []*access.Principal {
	list := []*access.Principal{{Kind: access.KindCustomer}}
	for _, role := range access.Roles() {
		list = append(list, &access.Principal{Kind: access.KindStaff, Roles: []access.Role{role}})
	}
	for set := 1; set < 1<<len(access.Scopes()); set++ {
		p := &access.Principal{Kind: access.KindPartner}
		for i, scope := range access.Scopes() {
			if set&(1<<i) != 0 {
				p.Scopes = append(p.Scopes, scope)
			}
		}
		list = append(list, p)
	}
	return list
}

// rulesOf reads the rules of the schema.
func rulesOf(t *testing.T, schema *ast.Schema) *access.Rules {
	t.Helper()
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// eachInput calls do with every way to use an input: the field and the
// coordinates from its argument to the last of them.
func eachInput(schema *ast.Schema, do func(field string, way []string)) {
	eachField(schema, func(field string, _ *ast.Definition, f *ast.FieldDefinition) {
		for _, a := range f.Arguments {
			if slices.Contains([]string{"first", "after", "last", "before"}, a.Name) {
				continue
			}
			follow(schema, []string{field + "(" + a.Name + ":)"}, a.Type, func(way []string) { do(field, way) })
		}
	})
}

func follow(schema *ast.Schema, way []string, t *ast.Type, do func(way []string)) {
	do(way)
	d := schema.Types[t.Name()]
	for _, f := range d.Fields {
		if d.Kind == ast.InputObject {
			follow(schema, append(slices.Clone(way), d.Name+"."+f.Name), f.Type, do)
		}
	}
	for _, v := range d.EnumValues {
		if !unsaid(schema, d.Name) {
			do(append(slices.Clone(way), d.Name+"."+v.Name))
		}
	}
}

// leadsOn says whether an input is but a way to others, which say what it reads.
func leadsOn(coordinate string) bool {
	return strings.HasSuffix(coordinate, "(filter:)") || strings.HasSuffix(coordinate, "(orderBy:)") ||
		strings.HasSuffix(coordinate, "(by:)") || strings.HasSuffix(coordinate, "(kinds:)") ||
		strings.HasSuffix(coordinate, "Order.field") || strings.HasSuffix(coordinate, "Order.direction")
}

// TestInputsReadNothingMore wants all who may use an input to be allowed to read
// all that it tells something about, and every input to be known here.
func TestInputsReadNothingMore(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	rules, table, seen := rulesOf(t, schema), reads(), map[string]bool{}
	for _, d := range crm.Searched() {
		if table["SearchKind."+string(d.Search)] = d.SearchesIn; len(d.SearchesIn) == 0 {
			t.Errorf("what search finds %s by is not said: SearchesIn of their description lists the fields of FieldTokens", d.Name)
		}
	}
	eachInput(schema, func(field string, way []string) {
		last := way[len(way)-1]
		told, known := table[last]
		if !known {
			told = likeNamed(schema, last)
		}
		if seen[last] = true; told == nil && !known {
			if !leadsOn(last) {
				t.Errorf("%s is not in the table of what inputs read", last)
			}
			return
		}
		for _, p := range principals() {
			who := rules.Reader(p)
			if mayUse(rules, who, field, way) {
				for _, coordinate := range told {
					if !mayRead(rules, who, coordinate) {
						t.Errorf("%s: %s may use %v, which tells about %s", field, p.Class(), way, coordinate)
					}
				}
			}
		}
	})
	for coordinate, told := range table {
		if !seen[coordinate] {
			t.Errorf("there is no input %s", coordinate)
		}
		wantFields(t, schema, told)
	}
}

// likeNamed returns the field that a filter's field has its name from: NoteFilter.pinned
// is about Note.pinned, TicketFilter.hasType about Ticket.type. nil if there is none.
func likeNamed(schema *ast.Schema, input string) []string {
	filter, name, _ := strings.Cut(input, ".")
	if member, has := strings.CutPrefix(name, "has"); has {
		name = strings.ToLower(member[:1]) + member[1:]
	}
	if typ, is := strings.CutSuffix(filter, "Filter"); is && schema.Types[typ] != nil && schema.Types[typ].Fields.ForName(name) != nil {
		return []string{typ + "." + name}
	}
	return nil
}

// newest is how a list's description says that it is sorted by createdAt, or by
// another time.
var newest = regexp.MustCompile("the newest (?:`(\\w+)` )?first")

// newestFirst returns the time that a list is sorted by which says so in its
// description; nil for another.
func newestFirst(schema *ast.Schema, list *ast.FieldDefinition) []string {
	found := newest.FindStringSubmatch(list.Description)
	if found == nil {
		return nil
	}
	return []string{schema.Types[list.Type.Name()].Fields.ForName("nodes").Type.Name() + "." + cmp.Or(found[1], "createdAt")}
}

// TestOrdersTellNothingMore wants all who may read a list to be allowed to read
// what it is sorted by, and every list to be known here.
func TestOrdersTellNothingMore(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	rules, table, seen := rulesOf(t, schema), sorts(), map[string]bool{}
	eachField(schema, func(field string, _ *ast.Definition, f *ast.FieldDefinition) {
		if !strings.HasSuffix(f.Type.Name(), "Connection") {
			return
		}
		told, known := table[field]
		if !known {
			told = newestFirst(schema, f)
			wantFields(t, schema, told)
		}
		if seen[field] = true; told == nil && !known {
			t.Errorf("%s is not in the table of what lists are sorted by, and does not say that it has the newest first", field)
		}
		for _, p := range principals() {
			who := rules.Reader(p)
			for _, coordinate := range told {
				if mayRead(rules, who, field) && !mayRead(rules, who, coordinate) && !slices.Contains(byID, field) {
					t.Errorf("%s: %s may page through it, which tells about %s", field, p.Class(), coordinate)
				}
			}
		}
	})
	for field, told := range table {
		if !seen[field] {
			t.Errorf("there is no list %s", field)
		}
		wantFields(t, schema, told)
	}
}

// TestJourneysAreAllowed wants what callers send, inputs included, to be allowed
// to those who send it.
func TestJourneysAreAllowed(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	rules, found := rulesOf(t, schema), journeys(t, schema)
	support := &access.Principal{Kind: access.KindStaff, Roles: []access.Role{access.RoleSupport}}
	partner := &access.Principal{Kind: access.KindPartner, Scopes: access.Scopes()}
	variables := map[string]any{"text": "a", "source": "a", "externalId": "a", "filter": map[string]any{
		"kind": "PERSON", "status": "ACTIVE", "lifecycleStage": "CUSTOMER", "loyaltyClass": "NEW", "ownerId": "a", "tag": "a", "segment": "a",
	}}
	for folder, who := range map[string]*access.Principal{"dashboard/": support, "partner/": partner, "portal/": {Kind: access.KindCustomer}} {
		for path, document := range found {
			if !strings.HasPrefix(path, folder) {
				continue
			}
			for _, operation := range document.Operations {
				if d := rules.Decide(operation, rules.Reader(who)); d.Guarded() || len(d.Values(variables)) > 0 {
					t.Errorf("%s: something is denied to or masked for %s", path, who.Class())
				}
			}
		}
	}
}

func mayRead(rules *access.Rules, who access.Reader, coordinate string) bool {
	object, field, _ := strings.Cut(coordinate, ".")
	return rules.Field(who, object, field) == access.Allowed
}

func mayUse(rules *access.Rules, who access.Reader, field string, way []string) bool {
	return mayRead(rules, who, field) && !slices.ContainsFunc(way, func(c string) bool { return !rules.Input(who, c) })
}

func wantFields(t *testing.T, schema *ast.Schema, coordinates []string) {
	t.Helper()
	for _, where := range coordinates {
		object, field, _ := strings.Cut(where, ".")
		if d := schema.Types[object]; d == nil || d.Fields.ForName(field) == nil {
			t.Errorf("there is no field %s", where)
		}
	}
}
