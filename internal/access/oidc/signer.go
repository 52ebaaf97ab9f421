package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Signer makes tokens, signed with a key (ES256) that only this signer has and that
// ends with it.
type Signer struct {
	issuer, audience string
	lifetime         time.Duration
	signer           jose.Signer
	public           []byte
}

// NewSigner makes a signer with a fresh key.
func NewSigner(issuer, audience string, lifetime time.Duration) (*Signer, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	id := rand.Text()
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: id}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, err
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: private.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig"},
	}})
	if err != nil {
		return nil, err
	}
	return &Signer{issuer: issuer, audience: audience, lifetime: lifetime, signer: signer, public: public}, nil
}

// Sign makes a token with claims, of which sub is needed. The signer's iss and aud,
// iat (now), exp (the lifetime later) and a fresh jti go with them, except for those
// that claims has itself.
func (s *Signer) Sign(claims map[string]any) (string, error) {
	now := time.Now()
	all := map[string]any{
		"iss": s.issuer, "aud": s.audience, "iat": now.Unix(), "exp": now.Add(s.lifetime).Unix(),
		"jti": rand.Text(),
	}
	maps.Copy(all, claims)
	return jwt.Signed(s.signer).Claims(all).Serialize()
}

// JWKS is the public key as an Issuer's StaticKeys.
func (s *Signer) JWKS() []byte { return s.public }
