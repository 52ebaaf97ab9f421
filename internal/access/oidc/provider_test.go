package oidc_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// realProvider is npm's oidc-provider, which scripts/oidc starts.
type realProvider struct {
	Issuer       string `json:"issuer"`
	ClientSecret string `json:"clientSecret"`
}

// startProvider starts it for the time of the test. Without it the test is skipped,
// or fails if REQUIRE_OIDC is set. It may be stopped before.
func startProvider(t *testing.T) (p realProvider, stop func()) {
	t.Helper()
	absent := func(why any) {
		t.Helper()
		if os.Getenv("REQUIRE_OIDC") != "" {
			t.Fatalf("the provider's tests did not run: %v", why)
		}
		t.Skipf("the provider's tests did not run: %v", why)
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			absent(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, filepath.Join("..", "..", "..", "scripts", "oidc", "run.sh"))
	var said strings.Builder
	command.Stderr = &said
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		absent(err)
	}
	line, readErr := bufio.NewReader(output).ReadBytes('\n')
	stop = sync.OnceFunc(func() {
		_ = input.Close() // It ends with its input.
		_ = command.Wait()
	})
	if readErr != nil {
		stop()
		absent(said.String())
	}
	t.Cleanup(stop)
	if err := json.Unmarshal(line, &p); err != nil {
		t.Fatal(err)
	}
	return p, stop
}

// answered are the tokens of a token endpoint.
type answered struct {
	Access string `json:"access_token"`
	ID     string `json:"id_token"`
}

// token asks the token endpoint.
func (p realProvider) token(t *testing.T, form url.Values, user string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Issuer+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		request.SetBasicAuth(user, p.ClientSecret)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var a answered
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the token endpoint answers %s (%v)", response.Status, err)
	}
	return a
}

// service returns an access token of client credentials.
func (p realProvider) service(t *testing.T, resource string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}}
	if resource != "" {
		form.Set("resource", resource)
		form.Set("scope", "read")
	}
	return p.token(t, form, "service").Access
}

// login returns the tokens of a browser's way: authorization code with PKCE.
func (p realProvider) login(t *testing.T, resource string) answered {
	t.Helper()
	const back = "http://127.0.0.1/callback"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	form := url.Values{
		"client_id": {"portal"}, "response_type": {"code"}, "scope": {"openid profile read"}, "redirect_uri": {back},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
		"state": {"s"}, "resource": {resource},
	}
	response, err := browser.Get(p.Issuer + "/auth?" + form.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	location, err := response.Location()
	if err != nil || location.Query().Get("code") == "" {
		t.Fatalf("the login ends with %s at %v", response.Status, location)
	}
	return p.token(t, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"portal"}, "code": {location.Query().Get("code")},
		"redirect_uri": {back}, "code_verifier": {verifier},
	}, "")
}

// TestRealProvider takes and refuses tokens that a real provider issued, with its
// keys found by discovery.
func TestRealProvider(t *testing.T) {
	p, stop := startProvider(t)
	colleagues := staff(nil)
	colleagues.Issuer, colleagues.RolesClaim = p.Issuer, "realm_access.roles"
	staffed := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{colleagues}})
	customers := portal(nil)
	customers.Issuer, customers.CustomerClaim, customers.IdentitySource = p.Issuer, "", "login"
	d := &directory{customers: map[string]crm.ID{"login alice": customer}}
	bearers := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{customers}, FindCustomer: d.find})
	customers.Audience = "portal"
	identity := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{customers}, FindCustomer: d.find})

	for _, algorithm := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
		t.Run("client credentials, "+algorithm, func(t *testing.T) {
			got, err := staffed.Authenticate(t.Context(), p.service(t, "urn:gateway:"+algorithm))
			if err != nil {
				t.Fatal(err)
			}
			want := &access.Principal{Kind: access.KindStaff, ID: got.ID, Roles: []access.Role{access.RoleSupport}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("principal (-want +got):\n%s", diff)
			}
		})
	}
	alice := p.login(t, "urn:gateway:RS256")
	for name, c := range map[string]struct {
		v           *oidc.Verifier
		token, want string
	}{
		"access token of a login":          {bearers, alice.Access, ""},
		"ID token of a login":              {identity, alice.ID, ""},
		"ID token in place of access":      {bearers, alice.ID, "AUDIENCE"},
		"access token in place of ID":      {identity, alice.Access, "AUDIENCE"},
		"opaque access token":              {staffed, p.service(t, ""), "MALFORMED"},
		"somebody who is no customer":      {bearers, p.service(t, "urn:gateway:RS256"), "NOT_LINKED"},
		"another character of the payload": {bearers, strings.Replace(alice.Access, ".eyJ", ".eyK", 1), "MALFORMED"},
		"the signature of another token":   {bearers, swap(alice.Access, alice.ID), "SIGNATURE"},
		"an issuer that is not known":      {both(t), alice.Access, "ISSUER"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, name, outcome(t, c.v, c.token), c.want) })
	}
	got, err := bearers.Authenticate(t.Context(), alice.Access)
	if err != nil {
		t.Fatal(err)
	}
	// The provider's claims say realm_access.roles of helpdesk here too.
	if diff := cmp.Diff(&access.Principal{Kind: access.KindCustomer, ID: got.ID, Customer: customer}, got); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	later := p.service(t, "urn:gateway:RS256")
	stop()
	expect(t, "a known key while the provider is down", outcome(t, staffed, later), "")
	fresh := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{colleagues}})
	expect(t, "no keys ever", outcome(t, fresh, later), "UNAVAILABLE")
}

// swap returns one token with the signature of another.
func swap(token, other string) string {
	return token[:strings.LastIndexByte(token, '.')] + other[strings.LastIndexByte(other, '.'):]
}
