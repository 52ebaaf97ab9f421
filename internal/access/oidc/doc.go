// Package oidc checks the JWT bearer tokens of OpenID Connect providers. It owns
// which tokens are taken (Issuer), how they are checked (Verifier, an
// access.Authenticator), the providers' keys (fetched, refreshed, bounded) and what
// is wrong with a token, for the log (Reason). A Signer makes tokens of its own,
// for the demo and for tests.
//
// It does not own the Authorization header, what a principal may see, nor
// partners' keys (internal/access/apikey). It imports internal/access, internal/crm and
// internal/panics; the composition root and tests import it. JOSE itself (RFC 7515
// to 7519) is github.com/go-jose/go-jose.
package oidc
