package oidc

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // refuses a name that an object has twice
)

const maxKeyID = 256

// header is what a token says of how it is signed. Nothing of it is trusted.
type header struct {
	algorithm  jose.SignatureAlgorithm
	keyID, typ string
	issuer     string // the claim iss, which says whose keys to try
}

// forbidden are the members of a header that bring a key, point to one, or change
// what the token's parts mean: nobody needs them in a bearer token (RFC 7515,
// section 4.1; RFC 7797; RFC 7516).
func forbidden() []string {
	return []string{"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty"}
}

// read takes a token apart without believing any of it.
func read(token string) (header, Reason) {
	if len(token) > MaxToken {
		return header{}, ReasonTooLarge
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return header{}, ReasonMalformed // A JWE has five parts, a detached payload is empty.
	}
	var decoded [3][]byte
	for i, part := range parts {
		raw, ok := decode(part)
		if !ok {
			return header{}, ReasonMalformed
		}
		decoded[i] = raw
	}
	h, reason := readHeader(decoded[0])
	if reason != "" {
		return header{}, reason
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if !utf8.Valid(decoded[1]) || json.Unmarshal(decoded[1], &claims) != nil {
		return header{}, ReasonMalformed
	}
	h.issuer = claims.Issuer
	return h, ""
}

// decode reads base64url as RFC 7515 has it: no padding, no line breaks, and one
// text only for the same bytes.
func decode(part string) ([]byte, bool) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return raw, err == nil
}

func readHeader(raw []byte) (header, Reason) {
	var members map[string]json.RawMessage
	if !utf8.Valid(raw) || json.Unmarshal(raw, &members) != nil {
		return header{}, ReasonMalformed
	}
	for _, name := range forbidden() {
		if _, there := members[name]; there {
			return header{}, ReasonHeader
		}
	}
	var h header
	var algorithm string
	for _, member := range []struct {
		name string
		into *string
	}{{"alg", &algorithm}, {"kid", &h.keyID}, {"typ", &h.typ}} {
		if raw, there := members[member.name]; there && json.Unmarshal(raw, member.into) != nil {
			return header{}, ReasonMalformed
		}
	}
	if algorithm == "" || len(h.keyID) > maxKeyID {
		return header{}, ReasonMalformed
	}
	h.algorithm = jose.SignatureAlgorithm(algorithm)
	return h, ""
}

// takes says what is wrong with a token's header for an issuer.
func (i *issuer) takes(h header) Reason {
	switch {
	case !slices.Contains(i.algorithms, h.algorithm):
		return ReasonAlgorithm
	case !slices.Contains(i.types, plainType(h.typ)):
		return ReasonType
	}
	return ""
}
