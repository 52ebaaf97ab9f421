package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/requestid"
)

// callers knows a few credentials.
type callers struct{}

func (callers) Authenticate(_ context.Context, credential string) (*access.Principal, error) {
	kind, name, _ := strings.Cut(credential, "-")
	switch kind {
	case "staff":
		return &access.Principal{Kind: access.KindStaff, ID: "staff:" + name, Roles: access.Roles()}, nil
	case "partner":
		return &access.Principal{Kind: access.KindPartner, ID: "key_" + name, Scopes: access.Scopes(), Rate: 10}, nil
	case "noisy":
		return &access.Principal{Kind: access.KindPartner, ID: "key_noisy", Scopes: access.Scopes(), Rate: noisyRate}, nil
	case "customer":
		return &access.Principal{Kind: access.KindCustomer, ID: "customer:" + name, Customer: "cus_1"}, nil
	case "unlinked":
		return nil, &crm.Error{Code: access.CodeNotLinked, Message: "no customer", Err: &access.Refusal{Issuer: "portal", Reason: "NOT_LINKED"}}
	case "idle":
		return nil, &crm.Error{Code: access.CodeNoRole, Message: "no role", Err: &access.Refusal{Issuer: "company", Reason: "NO_ROLE"}}
	case "stranger":
		return nil, &crm.Error{Code: crm.CodeForbidden, Message: "nobody", Err: &access.Refusal{Issuer: "company", Reason: "NO_PRINCIPAL"}}
	case "down":
		return nil, &crm.Error{Code: crm.CodeUnavailable, Err: errors.New("canary"), RetryAfter: 1500 * time.Millisecond}
	case "broken":
		return nil, errors.New("canary")
	case "panic":
		panic("canary")
	default:
		return nil, &crm.Error{Code: crm.CodeUnauthenticated, Message: "the credential is not valid", Err: access.Reason("EXPIRED")}
	}
}

// known runs a server with access control.
func known(t testing.TB, change func(*server.Config)) *fixture {
	return start(t, func(ctx context.Context) *graphql.Response {
		if access.From(ctx) == nil {
			t.Error("nobody is known to the resolvers")
		}
		return hello(ctx)
	}, func(c *server.Config) {
		c.Auth = callers{}
		c.Audit = access.NewAuditor(c.Log, requestid.From)
		if change != nil {
			change(c)
		}
	})
}

func as(credential string, r request) request {
	return with(r, "Authorization", "Bearer "+credential)
}

func TestAuthentication(t *testing.T) {
	f := known(t, nil)
	for name, test := range map[string]struct {
		header    map[string][]string
		query     string
		status    int
		code      string
		challenge string
	}{
		"staff":                  {map[string][]string{"Authorization": {"Bearer staff-1"}}, "", 200, "", ""},
		"any case":               {map[string][]string{"Authorization": {"bEARER  staff-1"}}, "", 200, "", ""},
		"padded":                 {map[string][]string{"Authorization": {"Bearer staff-1=="}}, "", 200, "", ""},
		"none":                   {nil, "", 401, "UNAUTHENTICATED", `Bearer realm="customer360"`},
		"empty":                  {map[string][]string{"Authorization": {""}}, "", 401, "UNAUTHENTICATED", `Bearer realm="customer360"`},
		"a cookie":               {map[string][]string{"Cookie": {"Authorization=Bearer staff-1; token=staff-1"}}, "", 401, "UNAUTHENTICATED", `Bearer realm="customer360"`},
		"another scheme":         {map[string][]string{"Authorization": {"Basic staff-1"}}, "", 401, "UNAUTHENTICATED", `Bearer realm="customer360"`},
		"no credential":          {map[string][]string{"Authorization": {"Bearer"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"two words":              {map[string][]string{"Authorization": {"Bearer staff-1 canary"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"a list":                 {map[string][]string{"Authorization": {"Bearer staff-1, Bearer canary"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"two headers":            {map[string][]string{"Authorization": {"Bearer staff-1", "Bearer canary"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"twice the same":         {map[string][]string{"Authorization": {"Bearer staff-1", "Bearer staff-1"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"in the address":         {nil, "?access_token=staff-1", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"in the address, hidden": {nil, "?access%5Ftoken=staff-1", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"in two places":          {map[string][]string{"Authorization": {"Bearer staff-1"}}, "?api_key=canary", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"in another header":      {map[string][]string{"Authorization": {"Bearer staff-1"}, "X-Api-Key": {"canary"}}, "", 400, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_request"`},
		"refused":                {map[string][]string{"Authorization": {"Bearer canary"}}, "", 401, "UNAUTHENTICATED", `Bearer realm="customer360", error="invalid_token"`},
		"linked to nobody":       {map[string][]string{"Authorization": {"Bearer unlinked"}}, "", 403, "NOT_LINKED", ""},
		"without a role":         {map[string][]string{"Authorization": {"Bearer idle"}}, "", 403, "NO_ROLE", ""},
		"neither of them":        {map[string][]string{"Authorization": {"Bearer stranger"}}, "", 403, "FORBIDDEN", ""},
		"cannot be checked":      {map[string][]string{"Authorization": {"Bearer down"}}, "", 503, "UNAVAILABLE", ""},
		"fails":                  {map[string][]string{"Authorization": {"Bearer broken"}}, "", 500, "INTERNAL", ""},
		"panics":                 {map[string][]string{"Authorization": {"Bearer panic"}}, "", 500, "INTERNAL", ""},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL()+"/graphql"+test.query, strings.NewReader(`{"query": "{hello}"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = test.header
			if req.Header == nil {
				req.Header = http.Header{}
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := f.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != test.status || got != test.challenge {
				t.Errorf("%d %q %s\nwant %d %q", resp.StatusCode, got, body, test.status, test.challenge)
			}
			if test.code != "" && !strings.Contains(string(body), `"code":"`+test.code+`"`) || strings.Contains(string(body), "canary") {
				t.Errorf("%s, want %s", body, test.code)
			}
			if test.code == "INTERNAL" && !strings.Contains(string(body), `"requestId":"`+resp.Header.Get("X-Request-Id")) {
				t.Errorf("no request id: %s", body)
			}
			if test.status == 503 && resp.Header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After: %q", resp.Header.Get("Retry-After"))
			}
		})
	}
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	log := f.log.String()
	for _, want := range []string{
		`"event":"AUTHENTICATION_FAILED","reason":"EXPIRED"`, `"event":"AUTHENTICATION_FAILED","reason":"SEVERAL_CREDENTIALS"`,
		`"event":"AUTHENTICATION_FAILED","reason":"NONE"`, `"principal":"staff:1"`, `"reason":"UNAUTHENTICATED"`,
		`"event":"AUTHENTICATION_FAILED","reason":"NOT_LINKED","issuer":"portal"`, `"event":"AUTHENTICATION_FAILED","reason":"NO_ROLE","issuer":"company"`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in\n%s", want, log)
		}
	}
	if strings.Contains(log, "Bearer") || strings.Contains(log, "staff-1") {
		t.Errorf("the log holds a credential:\n%s", log)
	}
	metrics := scrape(t, f)
	for _, want := range []string{`authentication_failures_total{reason="EXPIRED"} 1`, `authentication_failures_total{reason="NOT_LINKED"} 1`, `graphql_rejected_total{reason="UNAUTHENTICATED"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
}

// A browser's preflight brings no credential; neither does a shop's webhook.
func TestNoCredentialNeeded(t *testing.T) {
	f := known(t, func(c *server.Config) {
		c.CORS = []server.CORSPolicy{{Origins: []string{"https://dashboard.example"}}}
		c.Webhooks = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		c.Explorer = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	})
	if got := f.do(t, preflight("https://dashboard.example", "POST", "authorization,content-type")); got.status != 204 || got.header.Get(allowHeaders) != "authorization,content-type" {
		t.Errorf("preflight: %d %v", got.status, got.header)
	}
	if got := f.do(t, request{path: "/webhooks/shop"}); got.status != 204 {
		t.Errorf("webhook: %d", got.status)
	}
	if got := f.do(t, request{method: "GET", path: "/"}); got.status != 200 {
		t.Errorf("explorer: %d", got.status)
	}
	if got := f.do(t, with(post("{hello}"), "Origin", "https://dashboard.example")); got.status != 401 || got.header.Get(allowOrigin) == "" {
		t.Errorf("a page cannot read why it is refused: %d %v", got.status, got.header)
	}
}

// With access control the gateway is asked for by any name, and may listen
// anywhere; the admin listener may not, unless that is said.
func TestAnywhere(t *testing.T) {
	f := known(t, func(c *server.Config) { c.Listen = "0.0.0.0:0" })
	r := as("staff-1", post("{hello}"))
	r.host = "gateway.example.com"
	if got := f.do(t, r); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	r = request{method: "GET", path: "/healthz", host: "gateway.example.com"}
	if got := f.doAt(t, f.AdminURL(), r); got.status != 421 {
		t.Errorf("admin: %d", got.status)
	}
	f = known(t, func(c *server.Config) { c.AdminListen, c.AdminAnywhere = "0.0.0.0:0", true })
	if got := f.doAt(t, f.AdminURL(), r); got.status != 200 {
		t.Errorf("admin anywhere: %d", got.status)
	}
}

// Only staff and partners may read the schema, and are told what they may have
// meant; __typename is everybody's.
func TestIntrospection(t *testing.T) {
	f := known(t, nil)
	for _, query := range []string{
		"{__schema {queryType {name}}}", `{__type(name: \"Query\") {name}}`, "{hello ... {a: __schema {queryType {name}}}}",
		"query {...A} fragment A on Query {...B} fragment B on Query {__schema {queryType {name}}}",
	} {
		for credential, status := range map[string]int{"staff-1": 200, "partner-1": 200, "customer-1": 403} {
			got := f.do(t, as(credential, post(query)))
			if got.status != status || (status == 403) != strings.Contains(got.body, `"code":"FORBIDDEN"`) {
				t.Errorf("%s asks %s: %d %s", credential, query, got.status, got.body)
			}
		}
	}
	for credential, told := range map[string]bool{"staff-1": true, "customer-1": false} {
		if got := f.do(t, as(credential, post("{helo}"))); strings.Contains(got.body, "Did you mean") != told {
			t.Errorf("%s: %s", credential, got.body)
		}
	}
	if got := f.do(t, as("customer-1", post("{__typename}"))); got.status != 200 {
		t.Errorf("__typename: %d %s", got.status, got.body)
	}
	f = known(t, func(c *server.Config) {
		c.Introspect = func(p *access.Principal) bool { return p.Kind == access.KindCustomer }
	})
	got := map[string]int{}
	for _, credential := range []string{"staff-1", "customer-1"} {
		got[credential] = f.do(t, as(credential, post("{__schema {queryType {name}}}"))).status
	}
	if diff := cmp.Diff(map[string]int{"staff-1": 403, "customer-1": 200}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A header larger than the limit is not read.
func TestOversizedHeader(t *testing.T) {
	f := known(t, nil)
	got := f.do(t, as("staff-"+strings.Repeat("a", 20_000), post("{hello}")))
	if got.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// A panic below the executor is one INTERNAL error and one line of the log.
func TestPanicInGraphQL(t *testing.T) {
	f := start(t, func(context.Context) *graphql.Response { panic("canary") }, nil)
	got := f.do(t, with(post("{hello}"), "Accept", newer))
	if got.status != 500 || got.header.Get("Content-Type") != accept || strings.Count(got.body, `"code":"INTERNAL"`) != 1 || strings.Contains(got.body, "canary") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if log := f.log.String(); strings.Count(log, `"msg":"panic"`) != 1 || strings.Contains(log, "canary") {
		t.Errorf("log:\n%s", log)
	}
	if got := f.do(t, post("{hello}")); got.status != 500 {
		t.Errorf("again: %d", got.status)
	}
}

func scrape(t testing.TB, f *fixture) string {
	t.Helper()
	families, err := f.metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if c := metric.GetCounter(); c != nil {
				var labels []string
				for _, label := range metric.GetLabel() {
					labels = append(labels, label.GetName()+`="`+label.GetValue()+`"`)
				}
				_, _ = io.WriteString(&all, family.GetName()+"{"+strings.Join(labels, ",")+"} "+trimmed(c.GetValue())+"\n")
			}
		}
	}
	return all.String()
}

func trimmed(value float64) string { return slog.Float64Value(value).String() }
