package oidc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
)

func TestConfigRefused(t *testing.T) {
	issuer := func(change func(*oidc.Issuer)) oidc.Config {
		i := staff(everyKey(t))
		change(&i)
		return oidc.Config{Issuers: []oidc.Issuer{i}}
	}
	remote := func(issuer, jwks string) oidc.Config {
		i := staff(nil)
		i.Issuer, i.JWKSURL = issuer, jwks
		return oidc.Config{Issuers: []oidc.Issuer{i}}
	}
	customers := func(change func(*oidc.Issuer)) oidc.Config {
		i := portal(everyKey(t))
		change(&i)
		return oidc.Config{Issuers: []oidc.Issuer{i}}
	}
	same := portal(everyKey(t))
	same.Issuer = staffIssuer
	named := portal(everyKey(t))
	named.Name = "staff"
	for name, c := range map[string]struct {
		config oidc.Config
		want   string
	}{
		"no issuers":      {oidc.Config{}, "no issuer"},
		"clock skew":      {oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(t))}, ClockSkew: time.Hour}, "skew"},
		"negative skew":   {oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(t))}, ClockSkew: -1}, "skew"},
		"same iss twice":  {oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(t)), same}}, "another issuer's"},
		"same name twice": {oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(t)), named}}, "another issuer's"},
		"name":            {issuer(func(i *oidc.Issuer) { i.Name = "Staff" }), "name"},
		"no iss":          {issuer(func(i *oidc.Issuer) { i.Issuer = "" }), "iss"},
		"no audience":     {issuer(func(i *oidc.Issuer) { i.Audience = "" }), "audience"},
		"partner":         {issuer(func(i *oidc.Issuer) { i.Principal = access.KindPartner }), "principal"},
		"no roles claim":  {issuer(func(i *oidc.Issuer) { i.RolesClaim = "" }), "roles claim"},
		"no role map":     {issuer(func(i *oidc.Issuer) { i.RoleMap = nil }), "role map"},
		"unknown role":    {issuer(func(i *oidc.Issuer) { i.RoleMap = map[string]access.Role{"x": "ROOT"} }), "role map"},
		"staff customer":  {issuer(func(i *oidc.Issuer) { i.CustomerClaim = "x" }), "customer"},
		"alg none":        {issuer(func(i *oidc.Issuer) { i.Algorithms = []string{"none"} }), "algorithm"},
		"HS256":           {issuer(func(i *oidc.Issuer) { i.Algorithms = []string{"RS256", "HS256"} }), "algorithm"},
		"keys twice":      {issuer(func(i *oidc.Issuer) { i.JWKSURL = jwksURL }), "give one"},
		"keys broken":     {issuer(func(i *oidc.Issuer) { i.StaticKeys = []byte("x") }), "JWKS"},
		"keys weak":       {issuer(func(i *oidc.Issuer) { i.StaticKeys = jwks(t, public(keys(t).weak, "weak", "RS256")) }), "none of the keys"},
		"portal roles":    {customers(func(i *oidc.Issuer) { i.RolesClaim = "roles" }), "no roles"},
		"portal role map": {customers(func(i *oidc.Issuer) { i.RoleMap = map[string]access.Role{"x": access.RoleAdmin} }), "no roles"},
		"portal employee": {customers(func(i *oidc.Issuer) { i.EmployeeClaim = "x" }), "no employees"},
		"no link":         {customers(func(i *oidc.Issuer) { i.CustomerClaim = "" }), "either"},
		"two links":       {customers(func(i *oidc.Issuer) { i.IdentitySource = "login" }), "either"},
		"no way to find":  {customers(func(i *oidc.Issuer) { i.CustomerClaim, i.IdentitySource = "", "login" }), "way to find"},
		"http":            {remote("http://login.example", ""), "TLS"},
		"http keys":       {remote(staffIssuer, "http://login.example/jwks"), "TLS"},
		"like loopback":   {remote("http://127.0.0.1.example", ""), "TLS"},
		"no address":      {remote("login.example", ""), "https://"},
		"a file":          {remote("file:///etc", ""), "https://"},
		"password":        {remote("https://a:b@login.example", ""), "password"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := oidc.New(c.config)
			if err == nil {
				v.Close()
				t.Fatal("it was taken")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %q, want something of %q", err, c.want)
			}
		})
	}
}

func TestConfigTaken(t *testing.T) {
	for _, address := range []string{"https://login.example", "https://login.example/realms/a/", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"} {
		i := staff(nil)
		i.Issuer = address
		newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{i}})
	}
}

func TestConfiguredAlgorithmsAndTypes(t *testing.T) {
	s, i := keys(t), staff(everyKey(t))
	i.Algorithms, i.Types = []string{"ES256"}, []string{"Access+JWT", ""}
	v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{i}})
	for name, c := range map[string]struct{ token, want string }{
		"its own":            {sign(t, "ES256", s.ec, `{"alg":"ES256","kid":"ec","typ":"access+jwt"}`, staffClaims().text(t)), ""},
		"no type":            {sign(t, "ES256", s.ec, `{"alg":"ES256","kid":"ec"}`, staffClaims().text(t)), ""},
		"a usual type":       {sign(t, "ES256", s.ec, `{"alg":"ES256","kid":"ec","typ":"JWT"}`, staffClaims().text(t)), "TYPE"},
		"a usual algorithm":  {sign(t, "RS256", s.rsa, `{"alg":"RS256","kid":"rsa"}`, staffClaims().text(t)), "ALGORITHM"},
		"another usual one":  {sign(t, "EdDSA", s.ed, `{"alg":"EdDSA","kid":"ed"}`, staffClaims().text(t)), "ALGORITHM"},
		"none at all, still": {sign(t, "none", nil, `{"alg":"none"}`, staffClaims().text(t)), "ALGORITHM"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, name, outcome(t, v, c.token), c.want) })
	}
}

// TestTypeRequired: an issuer whose tokens all have a type can be held to it.
func TestTypeRequired(t *testing.T) {
	i := staff(everyKey(t))
	i.Types = []string{"at+jwt"}
	v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{i}})
	for typ, want := range map[string]string{"at+jwt": "", "JWT": "TYPE", remove: "TYPE"} {
		token := sign(t, "RS256", keys(t).rsa, rs256().with(object{"typ": typ}).text(t), staffClaims().text(t))
		expect(t, "typ "+typ, outcome(t, v, token), want)
	}
}

// TestKeysLeftOut has keys in a JWKS that must not check a token: each has the key
// that signed it.
func TestKeysLeftOut(t *testing.T) {
	s := keys(t)
	one := strings.TrimSuffix(strings.TrimPrefix(string(jwks(t, public(s.rsa, "rsa", "RS256"))), `{"keys":[`), "]}")
	private := public(s.rsa, "rsa", "RS256")
	private.Key = s.rsa
	secret := strings.TrimSuffix(strings.TrimPrefix(string(jwks(t, private)), `{"keys":[`), "]}")
	extra := strings.TrimSuffix(strings.TrimPrefix(string(jwks(t, public(s.ec, "ec", "ES256"))), `{"keys":[`), "]}")
	for name, c := range map[string]struct{ key, want string }{
		"as it is":                 {one, ""},
		"with operations":          {strings.Replace(one, "{", `{"key_ops":["verify"],`, 1), ""},
		"unknown members":          {strings.Replace(one, "{", `{"issuer":{"y":1},`, 1), ""},
		"for encryption":           {strings.Replace(one, `"use":"sig"`, `"use":"enc"`, 1), "UNKNOWN_KEY"},
		"for other operations":     {strings.Replace(one, "{", `{"key_ops":["encrypt","wrapKey"],`, 1), "UNKNOWN_KEY"},
		"for another algorithm":    {strings.Replace(one, "RS256", "RS384", 1), "ALGORITHM"},
		"for encrypting algorithm": {strings.Replace(one, "RS256", "RSA-OAEP", 1), "ALGORITHM"},
		"private":                  {secret, "UNKNOWN_KEY"},
		"symmetric":                {`{"kty":"oct","kid":"rsa","k":"AAAA","alg":"RS256"}`, "UNKNOWN_KEY"},
		"unknown kind":             {`{"kty":"XYZ","kid":"rsa"}`, "UNKNOWN_KEY"},
		"no key":                   {`7`, "UNKNOWN_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{staff([]byte(`{"keys":[` + c.key + "," + extra + `]}`))}})
			expect(t, name, outcome(t, v, good(t, staffClaims())), c.want)
		})
	}
}
