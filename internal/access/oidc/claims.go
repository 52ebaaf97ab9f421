package oidc

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// maxSubject bounds sub, in bytes (OpenID Connect Core 1.0, section 2).
const maxSubject = 255

// claims are a token's, after its signature was checked.
type claims struct {
	jwt.Claims
	all map[string]any
}

// readClaims reads what was signed.
func readClaims(payload []byte) (claims, Reason) {
	var c claims
	if json.Unmarshal(payload, &c.all) != nil {
		return c, ReasonMalformed
	}
	if json.Unmarshal(payload, &c.Claims) != nil {
		return c, ReasonClaims
	}
	return c, ""
}

// check says what is wrong with the claims of a token of iss at a time, whoever it
// is for: RFC 7519, section 4.1, with exp and sub required.
func (c claims) check(iss string, now time.Time, skew time.Duration) Reason {
	if c.Expiry == nil || !validSubject(c.Subject) {
		return ReasonClaims
	}
	if _, event := c.all["events"]; event {
		return ReasonType // A security event, such as a logout (RFC 8417).
	}
	err := c.ValidateWithLeeway(jwt.Expected{Issuer: iss, Time: now}, skew)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, jwt.ErrInvalidIssuer):
		return ReasonIssuer
	case errors.Is(err, jwt.ErrExpired):
		return ReasonExpired
	case errors.Is(err, jwt.ErrNotValidYet), errors.Is(err, jwt.ErrIssuedInTheFuture):
		return ReasonNotYetValid
	default:
		return ReasonClaims
	}
}

// checkFor says whether the token is for us, from a client of an issuer's that may
// ask here (OpenID Connect Core 1.0, section 3.1.3.7).
func (c claims) checkFor(i *issuer) Reason {
	if !c.Audience.Contains(i.Audience) {
		return ReasonAudience
	}
	return c.checkClient(i)
}

// checkClient says whether the token is of a client that may ask here.
func (c claims) checkClient(i *issuer) Reason {
	value, there := c.all["azp"]
	if !there {
		value, there = c.all["client_id"]
	}
	client, text := value.(string)
	if there && (!text || client == "") {
		return ReasonClaims
	}
	shared := slices.ContainsFunc(c.Audience, func(a string) bool { return a != i.Audience })
	switch {
	case !shared && len(i.Clients) == 0, slices.Contains(i.Clients, client):
		return ""
	case shared && there && client == i.Audience:
		return ""
	default:
		return ReasonParty
	}
}

// validSubject says whether sub can name somebody: what is not text was replaced by
// U+FFFD on the way, so that two such subjects would be one.
func validSubject(sub string) bool {
	return sub != "" && len(sub) <= maxSubject &&
		!strings.ContainsFunc(sub, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}

// at returns the claim that path names: one with that whole name, else within objects
// by the dots of the path, so that names may have dots themselves; nil for none.
func at(object map[string]any, path string) any {
	if values := every(object, path); len(values) > 0 {
		return values[0]
	}
	return nil
}

// every returns all claims that path may mean, the one with that whole name first.
func every(object map[string]any, path string) (values []any) {
	if value, there := object[path]; there {
		values = append(values, value)
	}
	for i, r := range path {
		if r != '.' {
			continue
		}
		if inner, ok := object[path[:i]].(map[string]any); ok {
			values = append(values, every(inner, path[i+1:])...)
		}
	}
	return values
}

// roles returns our roles for the issuer's in a token, sorted, each once.
func (c claims) roles(i *issuer) []access.Role {
	value := at(c.all, i.RolesClaim)
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var roles []access.Role
	for _, item := range list {
		theirs, ok := item.(string)
		if !ok {
			continue
		}
		if ours, known := i.RoleMap[theirs]; known {
			roles = append(roles, ours)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// id returns the id of a kind that a claim holds, "" if it holds none.
func (c claims) id(path string, kind crm.Kind) crm.ID {
	if path == "" {
		return ""
	}
	text, _ := at(c.all, path).(string)
	if id := crm.ID(text); id.Kind() == kind {
		return id
	}
	return ""
}
