package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/demo"
)

// issuer is an OpenID Connect provider as far as the gateway asks one.
func issuer(t testing.TB, audience string) (url string, sign func(claims map[string]any) string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	signer, err := oidc.NewSigner(server.URL, audience, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"issuer": %q, "jwks_uri": %q}`, server.URL, server.URL+"/jwks")
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(signer.JWKS()) })
	return server.URL, func(claims map[string]any) string {
		token, err := signer.Sign(claims)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
}

// Tokens of configured issuers stand for whom the settings say, and for nobody else.
func TestServeTokensOfIssuers(t *testing.T) {
	company, staff := issuer(t, "gateway")
	portal, customer := issuer(t, "portal")
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	settings := fmt.Sprintf(`
auth:
  api_keys: true
  issuers:
    - {name: company, issuer: %q, audience: gateway, principal: staff, roles_claim: realm.roles, role_map: {desk: SUPPORT, figures: ANALYST}}
    - {name: portal, issuer: %q, audience: portal, principal: customer, identity_source: %s}
`, company, portal, demo.Source)
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{"GATEWAY_AUTH_API_KEYS=true"}, "serve", "--store", demoStore(t), "--config", file)
	const own = `{ viewer { customer { id } } }`
	const all = `{ customers(first: 1) { nodes { displayName } } }`
	realm := func(roles ...string) map[string]any { return map[string]any{"roles": roles} }
	tests := map[string]struct {
		authorization, document string
		status                  int
		want                    string
	}{
		"support":                 {staff(map[string]any{"sub": "a", "realm": realm("desk")}), all, 200, `"displayName":"`},
		"an analyst's names":      {staff(map[string]any{"sub": "b", "realm": realm("figures")}), all, 200, `"displayName":"•••"`},
		"no role of ours":         {staff(map[string]any{"sub": "c", "realm": realm("other")}), all, 403, `"NO_ROLE"`},
		"a customer":              {customer(map[string]any{"sub": "13263"}), own, 200, `"id":"` + string(demo.PortalCustomer()) + `"`},
		"a customer as staff":     {customer(map[string]any{"sub": "13263", "realm": realm("desk")}), all, 200, `"FORBIDDEN"`},
		"no such customer":        {customer(map[string]any{"sub": "0"}), own, 403, `"NOT_LINKED"`},
		"a link by email":         {customer(map[string]any{"sub": "0", "email": "harriet.ward@example.com", "email_verified": true}), own, 403, `"NOT_LINKED"`},
		"a key that was not made": {"Bearer c360_0000000000000000000000000000000000000000000000000", own, 401, `"UNAUTHENTICATED"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := send(t, s, test.authorization, test.document, nil); got.status != test.status || !strings.Contains(got.body, test.want) {
				t.Errorf("status %d: %s\nwant %d with %s", got.status, got.body, test.status, test.want)
			}
		})
	}
	if log := s.log.String(); strings.Contains(log, "eyJ") || !strings.Contains(log, `"AUTHENTICATION_FAILED"`) || !strings.Contains(log, `"reason":"NOT_LINKED","issuer":"portal"`) {
		t.Errorf("the log shows tokens, or does not say who was refused:\n%.3000s", log)
	}
}

// The two settings alone let the pages of an origin ask, with the headers that their
// clients and tracing add: a real preflight, before any credential.
func TestServePagesOfAnotherOrigin(t *testing.T) {
	s := serve(t, []string{
		"GATEWAY_AUTH_API_KEYS=true", "GATEWAY_CORS_ALLOWED_ORIGINS=https://dashboard.example", "GATEWAY_CORS_ALLOWED_HEADERS=X-App-Version",
	}, "serve", "--store", demoStore(t))
	for headers, want := range map[string]string{
		"authorization,baggage,content-type,traceparent,x-app-version": "authorization,baggage,content-type,traceparent,x-app-version",
		"authorization,x-other": "",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.graphql, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", "https://dashboard.example")
		request.Header.Set("Access-Control-Request-Method", "POST")
		request.Header.Set("Access-Control-Request-Headers", headers)
		if got := exchange(t, request); got.status != http.StatusNoContent || got.header.Get("Access-Control-Allow-Headers") != want {
			t.Errorf("%s: %d %v", headers, got.status, got.header)
		}
	}
}

// Staff and customers of one issuer are told apart by a claim, and by that alone.
func TestServeOneIssuerForBoth(t *testing.T) {
	url, sign := issuer(t, "gateway")
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	settings := fmt.Sprintf(`
auth:
  issuers:
    - name: company
      issuer: %[1]q
      audience: gateway
      principal: staff
      when: {claim: app.kind, values: [staff]}
      roles_claim: roles
      role_map: {desk: SUPPORT}
    - name: portal
      issuer: %[1]q
      audience: gateway
      principal: customer
      when: {claim: app.kind, values: [customer]}
      identity_source: %[2]s
`, url, demo.Source)
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{"GATEWAY_AUTH_API_KEYS=true"}, "serve", "--store", demoStore(t), "--config", file)
	token := func(kinds ...string) string {
		return sign(map[string]any{"sub": "13263", "app": map[string]any{"kind": kinds}, "roles": []string{"desk"}})
	}
	const document = `{ viewer { customer { id } } customers(first: 1) { nodes { displayName } } }`
	for name, test := range map[string]struct {
		authorization string
		status        int
		want          string
	}{
		"staff":      {token("staff"), 200, `{"data":{"viewer":{"customer":null},"customers":{"nodes":[{"displayName":"`},
		"a customer": {token("customer"), 200, `"customer":{"id":"` + string(demo.PortalCustomer()) + `"}`},
		"neither":    {token("partner"), 403, `"FORBIDDEN"`},
		"both":       {token("customer", "staff"), 403, `"FORBIDDEN"`},
		"no claim":   {token(), 403, `"FORBIDDEN"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, s, test.authorization, document, nil)
			if got.status != test.status || !strings.Contains(got.body, test.want) || got.header.Get("WWW-Authenticate") != "" {
				t.Errorf("status %d: %s\nwant %d with %s", got.status, got.body, test.status, test.want)
			}
			if name != "staff" && strings.Contains(got.body, "displayName\":\"") {
				t.Errorf("shown to no staff: %s", got.body)
			}
		})
	}
	if log := s.log.String(); !strings.Contains(log, `"reason":"SEVERAL_PRINCIPALS","issuer":"company,portal"`) {
		t.Errorf("the log does not say who was refused:\n%.3000s", log)
	}
}
