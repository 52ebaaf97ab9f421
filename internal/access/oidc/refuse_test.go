package oidc_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access/oidc"
)

// refusal is a token that must be refused, and why.
type refusal struct {
	name  string
	token string
	want  oidc.Reason
}

func checkRefusals(t *testing.T, v *oidc.Verifier, list []refusal) {
	t.Helper()
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) {
			p, err := v.Authenticate(t.Context(), r.token)
			if err == nil {
				t.Fatalf("the token was taken as %+v", p)
			}
			if got := reasonOf(t, err); got != r.want {
				t.Errorf("refused for %s, want %s", got, r.want)
			}
		})
	}
}

func TestClaimsRefused(t *testing.T) {
	now := time.Now()
	unix := func(d time.Duration) int64 { return now.Add(d).Unix() }
	var list []refusal
	add := func(name string, changes object, want oidc.Reason) {
		list = append(list, refusal{name, good(t, staffClaims().with(changes)), want})
	}
	add("expired", object{"exp": unix(-61 * time.Second)}, oidc.ReasonExpired)
	add("expired long ago", object{"exp": 1}, oidc.ReasonExpired)
	add("exp missing", object{"exp": remove}, oidc.ReasonClaims)
	add("exp null", object{"exp": nil}, oidc.ReasonClaims)
	add("exp a text", object{"exp": "9999999999"}, oidc.ReasonClaims)
	add("exp beyond all times", object{"exp": json.Number("1e300")}, oidc.ReasonClaims)
	add("not yet valid", object{"nbf": unix(65 * time.Second)}, oidc.ReasonNotYetValid)
	add("issued in the future", object{"iat": unix(65 * time.Second)}, oidc.ReasonNotYetValid)
	add("wrong issuer", object{"iss": "https://" + canary + ".example"}, oidc.ReasonIssuer)
	add("issuer with a slash more", object{"iss": staffIssuer + "/"}, oidc.ReasonIssuer)
	add("issuer in other case", object{"iss": strings.ToUpper(staffIssuer)}, oidc.ReasonIssuer)
	add("issuer missing", object{"iss": remove}, oidc.ReasonIssuer)
	add("issuer a list", object{"iss": []string{staffIssuer}}, oidc.ReasonMalformed)
	add("wrong audience", object{"aud": canary}, oidc.ReasonAudience)
	add("audience that only starts so", object{"aud": audience + "-2"}, oidc.ReasonAudience)
	add("audience missing", object{"aud": remove}, oidc.ReasonAudience)
	add("audience empty", object{"aud": []string{}}, oidc.ReasonAudience)
	add("audience not text", object{"aud": []any{audience, 7}}, oidc.ReasonClaims)
	add("several audiences, no client", object{"aud": []string{audience, "x"}}, oidc.ReasonParty)
	add("several audiences, another client", object{"aud": []string{audience, "x"}, "azp": "x"}, oidc.ReasonParty)
	add("client not text", object{"azp": 7}, oidc.ReasonClaims)
	add("subject missing", object{"sub": remove}, oidc.ReasonClaims)
	add("subject empty", object{"sub": ""}, oidc.ReasonClaims)
	add("subject a number", object{"sub": 7}, oidc.ReasonClaims)
	add("subject too long", object{"sub": strings.Repeat("a", 256)}, oidc.ReasonClaims)
	add("subject with a control character", object{"sub": "a\x00b"}, oidc.ReasonClaims)
	add("a logout", object{"events": object{"http://schemas.openid.net/event/backchannel-logout": object{}}}, oidc.ReasonType)
	add("no role", object{"roles": remove}, oidc.ReasonNoRole)
	add("roles of others only", object{"roles": []any{"ADMIN", "support", 7, nil, object{"helpdesk": true}}}, oidc.ReasonNoRole)
	add("roles as an object", object{"roles": object{"helpdesk": true}}, oidc.ReasonNoRole)
	for name, value := range map[string]any{
		"missing": remove, "malformed": canary, "of another kind": employee, "a list": []string{customer}, "empty": "",
	} {
		list = append(list, refusal{"customer " + name, good(t, portalClaims().with(object{"customer_id": value})), oidc.ReasonNotLinked})
	}
	list = append(list, refusal{"customer by email alone", good(t, portalClaims().with(object{"customer_id": remove, "email": "anna@example.com", "email_verified": true})), oidc.ReasonNotLinked})
	checkRefusals(t, both(t), list)
}

func TestSignatureRefused(t *testing.T) {
	s, claims := keys(t), staffClaims().text(t)
	der, err := x509.MarshalPKIXPublicKey(s.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	list := []refusal{
		{"alg none", sign(t, "none", nil, `{"alg":"none","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"alg none without kid", sign(t, "none", nil, `{"alg":"none","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"alg None, signed", sign(t, "RS256", s.rsa, `{"alg":"None","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"alg rs256", sign(t, "RS256", s.rsa, `{"alg":"rs256","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"alg empty", sign(t, "RS256", s.rsa, `{"alg":"","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonMalformed},
		{"alg missing", sign(t, "RS256", s.rsa, `{"kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonMalformed},
		{"alg not configured", sign(t, "RS256", s.rsa, `{"alg":"RS512","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"without signature", sign(t, "none", nil, rs256().text(t), claims), oidc.ReasonSignature},
		{"another RSA key", sign(t, "RS256", s.other, rs256().text(t), claims), oidc.ReasonSignature},
		{"PS256 signed as RS256", sign(t, "PS256", s.rsa, rs256().text(t), claims), oidc.ReasonSignature},
		{"RS256 signed as PS256", sign(t, "RS256", s.rsa, `{"alg":"PS256","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonSignature},
		{"a key that is for RS256 alone", sign(t, "PS256", s.rsa, `{"alg":"PS256","kid":"rs","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"RSA with the id of a curve's key", sign(t, "RS256", s.rsa, `{"alg":"RS256","kid":"ec","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"a curve's with the id of RSA", sign(t, "ES256", s.ec, `{"alg":"ES256","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonAlgorithm},
		{"a weak key", sign(t, "RS256", s.weak, `{"alg":"RS256","kid":"weak","typ":"JWT"}`, claims), oidc.ReasonUnknownKey},
		{"an unknown key", sign(t, "RS256", s.rsa, `{"alg":"RS256","kid":"`+canary+`","typ":"JWT"}`, claims), oidc.ReasonUnknownKey},
		{"no key named, several fit", sign(t, "RS256", s.rsa, `{"alg":"RS256","typ":"JWT"}`, claims), oidc.ReasonUnknownKey},
		{"key id not text", sign(t, "RS256", s.rsa, `{"alg":"RS256","kid":7,"typ":"JWT"}`, claims), oidc.ReasonMalformed},
		{"key id too long", sign(t, "RS256", s.rsa, `{"alg":"RS256","kid":"`+strings.Repeat("a", 257)+`","typ":"JWT"}`, claims), oidc.ReasonMalformed},
	}
	secrets := map[string][]byte{
		"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"PKCS1": x509.MarshalPKCS1PublicKey(&s.rsa.PublicKey), "modulus": s.rsa.N.Bytes(), "JWKS": everyKey(t),
	}
	for name, secret := range secrets {
		token := sign(t, "HS256", secret, `{"alg":"HS256","kid":"rsa","typ":"JWT"}`, claims)
		list = append(list, refusal{"HS256 signed with the public key as " + name, token, oidc.ReasonAlgorithm})
		token = sign(t, "HS256", secret, rs256().text(t), claims)
		list = append(list, refusal{"HMAC of the public key as RS256, " + name, token, oidc.ReasonSignature})
	}
	checkRefusals(t, both(t), list)
}

func TestHeaderRefused(t *testing.T) {
	s, claims := keys(t), staffClaims().text(t)
	var list []refusal
	add := func(name string, changes object, want oidc.Reason) {
		list = append(list, refusal{name, sign(t, "RS256", s.rsa, rs256().with(changes).text(t), claims), want})
	}
	for name, value := range map[string]any{
		"jwk": public(s.rsa, "rsa", "RS256"), "jku": "https://" + canary + ".example/jwks", "x5u": "https://" + canary + ".example/x5u",
		"x5c": []string{"AAAA"}, "zip": "DEF", "enc": "A128GCM", "cty": "JWT",
	} {
		add(name, object{name: value}, oidc.ReasonHeader)
	}
	own, err := json.Marshal(public(s.other, canary, "RS256"))
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, refusal{"jwk that signed", sign(t, "RS256", s.other, `{"alg":"RS256","typ":"JWT","jwk":`+string(own)+`}`, claims), oidc.ReasonHeader})
	add("crit of something unknown", object{"crit": []string{"exp2"}, "exp2": 1}, oidc.ReasonHeader)
	add("crit empty", object{"crit": []string{}}, oidc.ReasonHeader)
	add("crit null", object{"crit": nil}, oidc.ReasonHeader)
	add("payload not encoded", object{"b64": false, "crit": []string{"b64"}}, oidc.ReasonHeader)
	add("b64 without crit", object{"b64": false}, oidc.ReasonHeader)
	for _, typ := range []string{"logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "jwt ", "application/application/jwt"} {
		add(fmt.Sprintf("typ %q", typ), object{"typ": typ}, oidc.ReasonType)
	}
	add("nonce not text", object{"nonce": 7}, oidc.ReasonMalformed)
	add("typ not text", object{"typ": []string{"JWT"}}, oidc.ReasonMalformed)
	checkRefusals(t, both(t), list)
}

func TestShapeRefused(t *testing.T) {
	s, token, claims := keys(t), good(t, staffClaims()), staffClaims().text(t)
	h, rest, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	twice := func(claims string) string { return sign(t, "RS256", s.rsa, rs256().text(t), claims) }
	list := []refusal{
		{"empty", "", oidc.ReasonMalformed},
		{"no token", canary, oidc.ReasonMalformed},
		{"two parts", h + "." + payload, oidc.ReasonMalformed},
		{"four parts", token + ".", oidc.ReasonMalformed},
		{"encrypted", h + ".." + payload + "." + signature + "." + signature, oidc.ReasonMalformed},
		{"detached payload", h + ".." + signature, oidc.ReasonMalformed},
		{"JSON serialization", `{"payload":"` + payload + `","protected":"` + h + `","signature":"` + signature + `"}`, oidc.ReasonMalformed},
		{"line break", h + ".\n" + payload + "." + signature, oidc.ReasonMalformed},
		{"line break at the end", token + "\r\n", oidc.ReasonMalformed},
		{"space in front", " " + token, oidc.ReasonMalformed},
		{"padding", token + "==", oidc.ReasonMalformed},
		{"standard base64", h + "." + payload + ".+/" + signature[2:], oidc.ReasonMalformed},
		{"too large", token + strings.Repeat("A", oidc.MaxToken), oidc.ReasonTooLarge},
		{"large claims", good(t, staffClaims().with(object{"x": strings.Repeat("a", oidc.MaxToken)})), oidc.ReasonTooLarge},
		{"header no object", sign(t, "RS256", s.rsa, `["RS256"]`, claims), oidc.ReasonMalformed},
		{"header null", sign(t, "RS256", s.rsa, `null`, claims), oidc.ReasonMalformed},
		{"header goes on", sign(t, "RS256", s.rsa, rs256().text(t)+`{}`, claims), oidc.ReasonMalformed},
		{"header not UTF-8", sign(t, "RS256", s.rsa, strings.Replace(rs256().text(t), `"rsa"`, "\"rsa\xff\"", 1), claims), oidc.ReasonMalformed},
		{"header says alg twice", sign(t, "RS256", s.rsa, `{"alg":"none","alg":"RS256","kid":"rsa","typ":"JWT"}`, claims), oidc.ReasonMalformed},
		{"claims say iss twice", twice(`{"iss":"https://evil.example",` + claims[1:]), oidc.ReasonMalformed},
		{"claims say aud twice", twice(`{"aud":"x",` + claims[1:]), oidc.ReasonMalformed},
		{"claims say something twice within", twice(`{"realm":{"roles":["a"],"roles":["b"]},` + claims[1:]), oidc.ReasonMalformed},
		{"claims no object", twice(`"` + canary + `"`), oidc.ReasonMalformed},
		{"claims null", twice(`null`), oidc.ReasonIssuer},
		{"claims not UTF-8", twice(strings.Replace(claims, "user-", "user-\xff", 1)), oidc.ReasonMalformed},
		{"subject with half a character", twice(strings.Replace(claims, "user-", `user-\ud800`, 1)), oidc.ReasonClaims},
	}
	checkRefusals(t, both(t), list)
}

func TestEveryChangedCharacterIsRefused(t *testing.T) {
	token, v := good(t, staffClaims()), both(t)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range token {
		if token[i] == '.' {
			continue
		}
		// The last bit of what the character stands for, which the end of a part may
		// not even need.
		other := alphabet[strings.IndexByte(alphabet, token[i])^1]
		if _, err := v.Authenticate(t.Context(), token[:i]+string(other)+token[i+1:]); err == nil {
			t.Errorf("the token is taken with another character at %d of %d", i, len(token))
		}
	}
	if _, err := v.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}
