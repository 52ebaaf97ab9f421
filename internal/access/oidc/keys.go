package oidc

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of a JWKS.
const (
	maxKeys = 100
	// maxCandidates is how many keys one token is tried with.
	maxCandidates = 4
	// minRSABits is the least RSA modulus (RFC 7518, section 3.3).
	minRSABits = 2048
)

var errNoKeySet = errors.New("the answer is no JWKS")

// key is a public key that tokens may be signed with.
type key struct {
	id, algorithm string // algorithm is "" if the key does not say
	public        any    // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
}

// keys are an issuer's at a time. They are not changed.
type keys struct {
	list []key
	// fetched is when they were; at due they are fetched again, and at over they are
	// not believed any more. Keys without a time are for ever.
	fetched, due, over time.Time
}

// readKeys reads a JWKS (RFC 7517, section 5) and leaves out what cannot check a
// token: what is for something else, symmetric, private, weak or unknown.
func readKeys(body []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) != nil || set.Keys == nil {
		return nil, errNoKeySet
	}
	var list []key
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		if k, ok := readKey(raw); ok {
			list = append(list, k)
		}
	}
	return list, nil
}

func readKey(raw []byte) (key, bool) {
	var parsed jose.JSONWebKey
	var more struct {
		Operations []string `json:"key_ops"`
	}
	if parsed.UnmarshalJSON(raw) != nil || json.Unmarshal(raw, &more) != nil {
		return key{}, false
	}
	if parsed.Use != "" && parsed.Use != "sig" || more.Operations != nil && !slices.Contains(more.Operations, "verify") {
		return key{}, false
	}
	switch public := parsed.Key.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < minRSABits {
			return key{}, false
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return key{}, false
	}
	return key{id: parsed.KeyID, algorithm: parsed.Algorithm, public: parsed.Key}, true
}

// suits says whether a token may be signed with the key and an algorithm (RFC
// 7518, section 3.1; RFC 8037; RFC 9864 for the name Ed25519).
func (k key) suits(algorithm jose.SignatureAlgorithm) bool {
	named := k.algorithm == "" || k.algorithm == string(algorithm) || k.algorithm == "Ed25519" && algorithm == jose.EdDSA
	if !named {
		return false
	}
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return slices.Contains([]jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512}, algorithm)
	case *ecdsa.PublicKey:
		switch public.Curve {
		case elliptic.P256():
			return algorithm == jose.ES256
		case elliptic.P384():
			return algorithm == jose.ES384
		case elliptic.P521():
			return algorithm == jose.ES512
		}
	case ed25519.PublicKey:
		return algorithm == jose.EdDSA
	}
	return false
}

// match returns the keys that a token may be signed with; known says that there is a
// key with its id, whatever that is for. A token that names no key matches if there
// is one key only that it can be.
func (k *keys) match(h header) (found []key, known bool) {
	for _, candidate := range k.list {
		if h.keyID != "" && candidate.id != h.keyID {
			continue
		}
		known = true
		if candidate.suits(h.algorithm) && len(found) < maxCandidates {
			found = append(found, candidate)
		}
	}
	if h.keyID == "" && len(found) > 1 {
		return nil, false
	}
	return found, known
}
