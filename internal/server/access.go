package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server/requestid"
)

// realm names in a challenge what a credential is for.
const realm = `Bearer realm="customer360"`

// failedAuthentication is how many requests a refused credential costs its address,
// in addition to the one that brought it, so that guessing is expensive.
const failedAuthentication = 9

// authenticated finds out who asks. Without an Authenticator everybody is the
// machine itself.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		principal, p := s.principal(r)
		if p != nil {
			refuse(w, r, p)
			return
		}
		if e := exchangeOf(r.Context()); e != nil {
			e.principal = principal
		}
		next.ServeHTTP(w, r.WithContext(access.With(r.Context(), principal)))
	})
}

func (s *Server) principal(r *http.Request) (*access.Principal, *problem) {
	if s.config.Auth == nil {
		return s.local, nil
	}
	token, reason, p := credential(r)
	if p != nil {
		s.authenticationFailed(r, reason)
		s.chargeAddress(r, failedAuthentication)
		return nil, p
	}
	principal, err := s.config.Auth.Authenticate(r.Context(), token)
	if err == nil && principal != nil {
		return principal, nil
	}
	switch code := crm.CodeOf(err); code {
	case access.CodeNotLinked, access.CodeNoRole, crm.CodeForbidden:
		// Whoever got 401 would fetch the same credential again, for ever.
		s.authenticationFailed(r, err)
		return nil, &problem{status: http.StatusForbidden, code: code, message: messageOf(err, "who brings this credential may not ask here")}
	case crm.CodeUnauthenticated:
		s.authenticationFailed(r, err)
		s.chargeAddress(r, failedAuthentication)
		return nil, unauthenticated(http.StatusUnauthorized, messageOf(err, "the credential is not valid: it may be mistyped, expired or revoked"), "invalid_token")
	case crm.CodeUnavailable:
		return nil, s.uncheckable(err)
	default:
		s.config.Log.ErrorContext(r.Context(), "a credential could not be checked", "error", err, "requestId", requestid.From(r.Context()))
		return nil, &problem{status: http.StatusInternalServerError, code: crm.CodeInternal, message: internalMessage}
	}
}

// uncheckable is the answer while credentials cannot be checked.
func (s *Server) uncheckable(err error) *problem {
	wait := 5 * time.Second
	var known *crm.Error
	if errors.As(err, &known) && known.RetryAfter > 0 {
		wait = known.RetryAfter
	}
	p := &problem{
		status: http.StatusServiceUnavailable, code: crm.CodeUnavailable,
		message: "credentials cannot be checked at the moment; try again later",
	}
	return p.with("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// authenticationFailed notes for what reason a credential was refused.
func (s *Server) authenticationFailed(r *http.Request, err error) {
	reason, issuer := access.Reason("INVALID"), ""
	errors.As(err, &reason)
	var refusal *access.Refusal
	if errors.As(err, &refusal) {
		issuer = refusal.Issuer
	}
	s.config.Metrics.AuthenticationFailed(string(reason))
	s.config.Audit.AuthenticationFailed(r.Context(), reason, issuer)
}

// unauthenticated is the answer to a request without a valid credential, with the
// challenge that RFC 6750, section 3, wants.
func unauthenticated(status int, message, failure string) *problem {
	challenge := realm
	if failure != "" {
		challenge += `, error="` + failure + `"`
	}
	p := &problem{status: status, code: crm.CodeUnauthenticated, message: message}
	return p.with("WWW-Authenticate", challenge)
}

// credential returns what follows "Bearer ". One header is for all: a credential
// anywhere else, or two of them, is a mistake of the client's or an attack on what
// stands in between (RFC 6750, section 2).
func credential(r *http.Request) (token string, reason access.Reason, p *problem) {
	values := r.Header.Values("Authorization")
	if len(values) > 1 || elsewhere(r) {
		return "", "SEVERAL_CREDENTIALS", unauthenticated(http.StatusBadRequest, "there must be one credential, in one Authorization header and nowhere else", "invalid_request")
	}
	if len(values) == 0 || values[0] == "" {
		return "", "NONE", unauthenticated(http.StatusUnauthorized, "say who you are: send an Authorization header with Bearer and a token or an API key", "")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", "SCHEME", unauthenticated(http.StatusUnauthorized, "the Authorization header must be Bearer and a token or an API key", "")
	}
	if !isToken(token) {
		return "", "MALFORMED", unauthenticated(http.StatusBadRequest, "what follows Bearer must be one token or API key", "invalid_request")
	}
	return token, "", nil
}

// elsewhere says whether a request has a credential where none is taken.
func elsewhere(r *http.Request) bool {
	if len(r.Header.Values("X-Api-Key")) > 0 || len(r.Header.Values("Proxy-Authorization")) > 0 {
		return true
	}
	if r.URL.RawQuery == "" {
		return false
	}
	query := r.URL.Query()
	return query.Has("access_token") || query.Has("api_key")
}

// isToken says whether a text is b64token, as RFC 6750, section 2.1, has it: the
// characters of a JWT and of an API key.
func isToken(text string) bool {
	body := strings.TrimRight(text, "=")
	if body == "" {
		return false
	}
	for i := range len(body) {
		c := body[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("-._~+/", rune(c)) {
			return false
		}
	}
	return true
}

// messageOf returns what an error has to say to the caller.
func messageOf(err error, otherwise string) string {
	var known *crm.Error
	if errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return otherwise
}
