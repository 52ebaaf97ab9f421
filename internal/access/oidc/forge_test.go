package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// The issuers of most tests.
const (
	staffIssuer  = "https://staff.example"
	portalIssuer = "https://portal.example/"
	audience     = "gateway"
	customer     = "cus_01h455vb4pex5vsknk084sn02q"
	employee     = "emp_01h455vb4pex5vsknk084sn02q"
	// canary stands for whatever of a token nobody must see in an error.
	canary = "canary-7f3a"
)

// secrets are the private keys of the tests: made once, since RSA takes its time.
type secrets struct {
	rsa, weak, other *rsa.PrivateKey
	ec               *ecdsa.PrivateKey
	ed               ed25519.PrivateKey
}

func keys(tb testing.TB) secrets {
	tb.Helper()
	s, err := made()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

var made = sync.OnceValues(func() (s secrets, err error) {
	var errs [5]error
	s.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	s.other, errs[1] = rsa.GenerateKey(rand.Reader, 2048)
	s.weak, errs[2] = rsa.GenerateKey(rand.Reader, 1024)
	s.ec, errs[3] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, s.ed, errs[4] = ed25519.GenerateKey(rand.Reader)
	return s, errors.Join(errs[:]...)
})

// public returns a key as a JWKS has it.
func public(private crypto.Signer, id, algorithm string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: private.Public(), KeyID: id, Algorithm: algorithm, Use: "sig"}
}

// jwks writes a JWKS.
func jwks(tb testing.TB, list ...jose.JSONWebKey) []byte {
	tb.Helper()
	body, err := json.Marshal(jose.JSONWebKeySet{Keys: list})
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// object is a JSON object; a value of remove takes a member away.
type object map[string]any

const remove = "\x00remove"

func (o object) with(changes object) object {
	all := maps.Clone(o)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == remove })
	return all
}

func (o object) text(tb testing.TB) string {
	tb.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

// staffClaims are those of a good token of staff.
func staffClaims() object {
	now := time.Now()
	return object{
		"iss": staffIssuer, "aud": audience, "sub": "user-" + canary, "roles": []string{"helpdesk"},
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "email": canary + "@example.com",
	}
}

// portalClaims are those of a good token of a customer.
func portalClaims() object {
	return staffClaims().with(object{"iss": portalIssuer, "customer_id": customer, "roles": remove})
}

func encode[T string | []byte](part T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(part))
}

// sign makes a token of header and claims as they are, in the way that how says,
// whatever the header says.
func sign(tb testing.TB, how string, key any, header, claims string) string {
	tb.Helper()
	text := encode(header) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	switch how {
	case "none":
	case "HS256":
		mac := hmac.New(sha256.New, key.([]byte))
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	case "RS256":
		signature, err = rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	case "PS256":
		signature, err = rsa.SignPSS(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:], nil)
	case "EdDSA":
		signature = ed25519.Sign(key.(ed25519.PrivateKey), []byte(text))
	case "ES256":
		r, s, e := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), sum[:])
		signature, err = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), e
	default:
		tb.Fatalf("there is no way %q to sign", how)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + encode(signature)
}

// rs256 is the header that goes with the issuers' RSA key.
func rs256() object { return object{"alg": "RS256", "kid": "rsa", "typ": "JWT"} }

// good signs claims as the issuers of most tests do.
func good(tb testing.TB, claims object) string {
	tb.Helper()
	return sign(tb, "RS256", keys(tb).rsa, rs256().text(tb), claims.text(tb))
}

func staff(static []byte) oidc.Issuer {
	return oidc.Issuer{
		Name: "staff", Issuer: staffIssuer, Audience: audience, StaticKeys: static, Principal: access.KindStaff,
		RolesClaim: "roles", EmployeeClaim: "employee",
		RoleMap: map[string]access.Role{"helpdesk": access.RoleSupport, "boss": access.RoleAdmin},
	}
}

func portal(static []byte) oidc.Issuer {
	return oidc.Issuer{
		Name: "portal", Issuer: portalIssuer, Audience: audience, StaticKeys: static, Principal: access.KindCustomer,
		CustomerClaim: "customer_id",
	}
}

// everyKey is the JWKS of the issuers of most tests.
func everyKey(tb testing.TB) []byte {
	s := keys(tb)
	return jwks(tb, public(s.rsa, "rsa", ""), public(s.ec, "ec", "ES256"), public(s.ed, "ed", "EdDSA"),
		public(s.rsa, "rs", "RS256"), public(s.weak, "weak", "RS256"))
}

func newVerifier(tb testing.TB, c oidc.Config) *oidc.Verifier {
	tb.Helper()
	v, err := oidc.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(v.Close)
	return v
}

// both is a verifier of tokens of staff and customers without any request.
func both(tb testing.TB) *oidc.Verifier {
	tb.Helper()
	return newVerifier(tb, oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(tb)), portal(everyKey(tb))}})
}

// reasonOf returns why a token was refused, after it looked at the error: what the
// caller gets is one of few texts, and no text holds anything of the token.
func reasonOf(tb testing.TB, err error) oidc.Reason {
	tb.Helper()
	var e *crm.Error
	var reason oidc.Reason
	if !errors.As(err, &e) || !errors.As(err, &reason) {
		tb.Fatalf("the error is %v, want one with a reason", err)
	}
	code, want := crm.CodeUnauthenticated, "the credential is not valid: it must be a token of an issuer that is known here, for this service"
	switch reason {
	case oidc.ReasonExpired:
		want = "the credential is not valid: it has expired"
	case oidc.ReasonNobody, oidc.ReasonSeveral:
		code, want = crm.CodeForbidden, "you are signed in, but your account is not clearly one of staff or of a customer here: signing in again does not help"
	case oidc.ReasonNoRole:
		code, want = access.CodeNoRole, "you are signed in, but have no role that may ask here: signing in again does not help, somebody has to give you one"
	case oidc.ReasonNotLinked:
		code, want = access.CodeNotLinked, "you are signed in, but your account belongs to no customer here: signing in again does not help, somebody has to link it"
	default:
	}
	if e.Code != code {
		tb.Errorf("the code is %s, want %s", e.Code, code)
	}
	if e.Message != want {
		tb.Errorf("the message is %q, want %q", e.Message, want)
	}
	if strings.Contains(err.Error(), canary) {
		tb.Errorf("the error repeats the token: %v", err)
	}
	return reason
}
