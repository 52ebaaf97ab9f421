package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/resolvers"
)

// staffOf, partnerOf and zoe are principals.
func staffOf(roles ...access.Role) *access.Principal {
	return &access.Principal{Kind: access.KindStaff, ID: "staff:test", Roles: roles}
}

func partnerOf(scopes ...access.Scope) *access.Principal {
	return &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: scopes}
}

func zoe() *access.Principal { return inPortal(fixture.ID(crm.KindCustomer, "zoe")) }

// answered is an answer in parts that tests compare.
type answered struct {
	data   string
	errors []string // "CODE path"
	masked []string
}

// asked asks as a principal.
func (g *graphOn) asked(t testing.TB, who *access.Principal, query string, variables map[string]any) answered {
	t.Helper()
	raw, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Data       json.RawMessage
		Errors     gqlerror.List
		Extensions struct{ Masked []string }
	}
	decode(t, g.as(t, request{Query: query, Variables: raw}, who), &got)
	a := answered{data: string(got.Data), masked: got.Extensions.Masked}
	for _, e := range got.Errors {
		a.errors = append(a.errors, fmt.Sprintf("%v %s", e.Extensions["code"], e.Path))
	}
	return a
}

// TestAccess holds what small documents give to a class of principals each.
func TestAccess(t *testing.T) {
	t.Parallel()
	var calls struct {
		sync.Mutex
		names []string
	}
	graph := filled(t, backends.Backends()[0], func(name string) {
		calls.Lock()
		defer calls.Unlock()
		calls.names = append(calls.names, name)
	})
	id := map[string]any{"id": fixture.ID(crm.KindCustomer, "zoe")}
	// The variables of a document that has more of them than it needs.
	const one = `query($id: ID!) { customer(id: $id) `
	for _, test := range []struct {
		name      string
		who       *access.Principal
		query     string
		variables map[string]any
		want      answered
		noCall    string // of the store
	}{
		{
			name: "masked", who: staffOf(access.RoleAnalyst), variables: id,
			query: one + `{ displayName givenName emails { address verified } birthday externalIdentities { source externalId } } }`,
			want: answered{
				data:   `{"customer":{"displayName":"•••","givenName":null,"emails":[],"birthday":null,"externalIdentities":[{"source":"webshop","externalId":"•••"},{"source":"loyalty","externalId":"•••"}]}}`,
				masked: []string{"Customer.birthday", "Customer.displayName", "Customer.emails", "Customer.givenName", "ExternalIdentity.externalId"},
			},
		},
		{
			name: "not masked for one of the roles", who: staffOf(access.RoleAnalyst, access.RoleSupport), variables: id,
			query: one + `{ familyName } }`, want: answered{data: `{"customer":{"familyName":"Müller-O'Neill"}}`},
		},
		{
			name: "skipped", who: staffOf(access.RoleAnalyst), variables: id,
			query: one + `{ kind displayName @skip(if: true) } }`, want: answered{data: `{"customer":{"kind":"PERSON"}}`},
		},
		{
			name: "a denied list is not asked for", who: staffOf(access.RoleMarketing), variables: id, noCall: "articles",
			query: one + `{ tickets(first: 1) { nodes { articles { nodes { body } } } } } }`,
			want:  answered{data: `{"customer":{"tickets":{"nodes":[{"articles":null}]}}}`, errors: []string{"FORBIDDEN customer.tickets.nodes[0].articles"}},
		},
		{
			name: "a denied field that must not be null", who: partnerOf(access.ScopeCustomers), variables: id,
			query: one + `{ kind statistics { orderCount computedAt } } }`,
			want:  answered{data: `{"customer":{"kind":"PERSON","statistics":null}}`, errors: []string{"FORBIDDEN customer.statistics.orderCount"}},
		},
		{
			name: "who works on a ticket, for a partner", who: partnerOf(access.ScopeTickets),
			query:     `query($id: ID!) { ticket(id: $id) { assignee { name email } } }`,
			variables: map[string]any{"id": fixture.Records().Tickets[6].ID},
			want:      answered{data: `{"ticket":{"assignee":{"name":"Bo Lindqvist","email":null}}}`, errors: []string{"FORBIDDEN ticket.assignee.email"}},
		},
		{
			name: "nothing is masked for partners", who: partnerOf(access.ScopeOrders),
			query: `{ orders(first: 1) { nodes { customer { __typename ... on Customer { name: givenName } } } } }`,
			want:  answered{data: `{"orders":{"nodes":[{"customer":{"__typename":"Customer","name":null}}]}}`, errors: []string{"FORBIDDEN orders.nodes[0].customer.name"}},
		},
		{
			name: "a customer's own", who: zoe(),
			query: `{ viewer { customer { familyName tags } } }`,
			want:  answered{data: `{"viewer":{"customer":{"familyName":"Müller-O'Neill","tags":null}}}`, errors: []string{"FORBIDDEN viewer.customer.tags"}},
		},
		{
			name: "others are not asked for", who: zoe(), variables: id, noCall: "customers",
			query: one + `{ familyName } }`, want: answered{data: `{"customer":null}`, errors: []string{"FORBIDDEN customer"}},
		},
		{
			name: "introspection in the portal", who: zoe(), query: `{ __typename __type(name: "Query") { name } }`,
			want: answered{data: `{"__typename":"Query","__type":null}`, errors: []string{"FORBIDDEN __type"}},
		},
		{
			name: "introspection", who: partnerOf(access.ScopeOrders), query: `{ __type(name: "Query") { name } }`,
			want: answered{data: `{"__type":{"name":"Query"}}`},
		},
		{
			name: "an interface, by the concrete type", who: staffOf(access.RoleMarketing),
			query:     `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`,
			variables: map[string]any{"ids": []crm.ID{fixture.Records().Teams[0].ID, fixture.Records().Articles[0].ID}},
			want: answered{
				data:   `{"nodes":[{"__typename":"Team","id":"` + string(fixture.Records().Teams[0].ID) + `"},null]}`,
				errors: []string{"FORBIDDEN nodes[1].id"},
			},
		},
		{
			name: "a sort", who: staffOf(access.RoleAnalyst), noCall: "customers",
			query: `{ customers(orderBy: {field: NAME}) { nodes { id } } }`,
			want:  answered{data: `{"customers":null}`, errors: []string{"FORBIDDEN customers"}},
		},
		{
			name: "a sort in a variable", who: staffOf(access.RoleAnalyst), noCall: "customers",
			query:     `query($f: CustomerOrderField!) { customers(orderBy: {field: $f}) { nodes { id } } }`,
			variables: map[string]any{"f": "NAME"},
			want:      answered{data: `{"customers":null}`, errors: []string{"FORBIDDEN customers"}},
		},
		{
			name: "a text in a variable's default", who: staffOf(access.RoleAnalyst), noCall: "customers",
			query: `query($t: String = "zoe") { customers(text: $t) { nodes { id } } }`,
			want:  answered{data: `{"customers":null}`, errors: []string{"FORBIDDEN customers"}},
		},
		{
			name: "no text after all", who: staffOf(access.RoleAnalyst), variables: map[string]any{"t": nil},
			query: `query($t: String) { customers(text: $t, first: 0) { nodes { id } } }`,
			want:  answered{data: `{"customers":{"nodes":[]}}`},
		},
		{
			name: "an identifier", who: staffOf(access.RoleAnalyst), noCall: "customers",
			query: `query($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`, variables: map[string]any{"by": map[string]any{"email": "zoe@example.com"}},
			want: answered{data: `{"customerByIdentifier":null}`, errors: []string{"FORBIDDEN customerByIdentifier"}},
		},
		{
			name: "a partner by the staff who look after", who: partnerOf(access.ScopeCustomers), noCall: "customers",
			query: `{ customers(filter: {ownerId: ["emp_1"]}) { totalCount } }`,
			want:  answered{data: `{"customers":null}`, errors: []string{"FORBIDDEN customers"}},
		},
		{
			name: "visibility in the portal", who: zoe(), noCall: "articles",
			query: `{ viewer { customer { tickets(first: 1, filter: {priority: [URGENT]}) { totalCount } } } }`,
			want:  answered{data: `{"viewer":{"customer":{"tickets":null}}}`, errors: []string{"FORBIDDEN viewer.customer.tickets"}},
		},
		{
			name: "searching through what may not be read", who: staffOf(access.RoleMarketing), noCall: "tickets",
			query: `{ search(text: "a", kinds: [TICKET]) { nodes { __typename } } }`,
			want:  answered{data: `{"search":null}`, errors: []string{"FORBIDDEN search"}},
		},
		{
			name: "searching through what may be read", who: partnerOf(access.ScopeProducts), noCall: "customers",
			query: `{ search(text: "zoe") { nodes { __typename } } }`,
			want:  answered{data: `{"search":{"nodes":[]}}`},
		},
		{
			name: "a list sorted by names", who: staffOf(access.RoleAnalyst), variables: id,
			query: one + `{ members { pageInfo { endCursor } } } }`,
			want:  answered{data: `{"customer":{"members":null}}`, errors: []string{"FORBIDDEN customer.members"}},
		},
		{
			name: "two identifiers in a variable", who: staffOf(access.RoleSupport), noCall: "customers",
			query:     `query($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`,
			variables: map[string]any{"by": map[string]any{"email": "a@example.com", "phone": "1"}},
			want:      answered{errors: []string{"BAD_USER_INPUT "}, data: "null"},
		},
		{name: "no roles", who: staffOf(), query: `{ viewer { __typename } }`, want: answered{data: `{"viewer":null}`, errors: []string{"FORBIDDEN viewer"}}},
		{name: "nobody", query: `{ __typename viewer { __typename } }`, want: answered{data: "null", errors: []string{"UNAUTHENTICATED "}}},
	} {
		calls.names = nil
		got := graph.asked(t, test.who, test.query, test.variables)
		if test.want.data == "null" && got.data == "" {
			got.data = "null"
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(answered{})); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", test.name, diff)
		}
		if test.noCall != "" && slices.ContainsFunc(calls.names, func(n string) bool { return strings.Contains(strings.ToLower(n), test.noCall) }) {
			t.Errorf("%s: the store was asked: %v", test.name, calls.names)
		}
	}
}

// TestAccessIsDecidedForEachClass wants a kept decision to be used for nobody
// else.
func TestAccessIsDecidedForEachClass(t *testing.T) {
	t.Parallel()
	graph := filled(t, backends.Backends()[0], nil)
	id := map[string]any{"id": fixture.ID(crm.KindCustomer, "zoe")}
	for range 2 {
		for who, want := range map[*access.Principal]string{
			staffOf(access.RoleAnalyst):         `{"customer":{"familyName":null}}`,
			staffOf(access.RoleSales):           `{"customer":{"familyName":"Müller-O'Neill"}}`,
			partnerOf(access.ScopeCustomers):    `{"customer":{"familyName":"Müller-O'Neill"}}`,
			partnerOf(access.ScopeInteractions): `{"customer":null}`,
			zoe():                               `{"customer":null}`,
		} {
			if got := graph.asked(t, who, `query($id: ID!) { customer(id: $id) { familyName } }`, id); got.data != want {
				t.Errorf("%s: want %s, got %s", who.Class(), want, got.data)
			}
		}
	}
}

// TestAccessIsAudited holds the audit to the byte: once for an operation and a
// coordinate, without anything of the request.
func TestAccessIsAudited(t *testing.T) {
	t.Parallel()
	graph := filled(t, backends.Backends()[0], nil)
	rules, err := access.NewRules(graph.schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})
	// The guards are the executor's as much as the handler's.
	exec := executor.New(graph.schema)
	requestID := func(context.Context) string { return "request-1" }
	resolvers.Errors{Log: slog.New(handler), RequestID: requestID}.Install(exec)
	resolvers.Access{Rules: rules, Audit: access.NewAuditor(slog.New(handler), requestID)}.Install(exec)
	for _, test := range []struct {
		who         *access.Principal
		query, want string
	}{
		{
			staffOf(access.RoleMarketing), `{ secret: customers(first: 5) { nodes { who: displayName tickets { nodes { articles { totalCount } } } } } }`,
			`msg=audit event=READ_PII coordinates=[Customer.displayName] reason="the operation asks for personal data" principal=staff:test kind=staff operation=query requestId=request-1
msg=audit event=DENIED coordinates=[Ticket.articles] reason="no role for it" principal=staff:test kind=staff operation=query requestId=request-1
`,
		},
		{
			partnerOf(access.ScopeCustomers), `{ a: customers(filter: {ownerId: "emp_secret"}) { totalCount } b: orders { totalCount } }`,
			`msg=audit event=DENIED coordinates=[CustomerFilter.ownerId] reason="no scope for it" principal=key:test kind=partner operation=query requestId=request-1
msg=audit event=DENIED coordinates=[Query.orders] reason="no scope for it" principal=key:test kind=partner operation=query requestId=request-1
`,
		},
		{zoe(), `{ viewer { customer { familyName } } }`, ""},
		{staffOf(access.RoleAnalyst), `{ customers { nodes { familyName } } }`, ""},
	} {
		log.Reset()
		ctx := graphql.StartOperationTrace(access.With(context.Background(), test.who))
		operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: test.query})
		if errs != nil {
			t.Fatal(errs)
		}
		responses, ctx := exec.DispatchOperation(ctx, operation)
		responses(ctx)
		if diff := cmp.Diff(test.want, log.String()); diff != "" {
			t.Errorf("%s: the lines are not right (-want +got):\n%s", test.query, diff)
		}
	}
}
