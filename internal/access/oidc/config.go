package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Bounds and defaults.
const (
	// MaxToken is how many bytes a token may have.
	MaxToken = 8 << 10
	// DefaultClockSkew is how far an issuer's clock may be off.
	DefaultClockSkew = time.Minute
	maxClockSkew     = 5 * time.Minute
	maxIssuers       = 32
)

// Config says whose tokens are taken.
type Config struct {
	// Issuers are those whose tokens are taken, at least one; no two have the same
	// name. Several may have the same iss if a When tells their tokens apart: then
	// what the provider's tokens have in common (keys, algorithms, types) is that of
	// the first, and the others have the same or leave it out.
	Issuers []Issuer
	// FindCustomer returns the customer with an external identity, "" if there is
	// none. It is needed by issuers with an IdentitySource.
	FindCustomer func(ctx context.Context, source, externalID string) (crm.ID, error)
	// ClockSkew is how far an issuer's clock may be off, up to 5 minutes; 0 is
	// DefaultClockSkew.
	ClockSkew time.Duration
	// NoCache checks every token in full each time. Without it a token that was
	// taken is taken again for up to a minute, as long as its time is not over and
	// its issuer's keys are the same.
	NoCache bool
	// Transport carries the requests to issuers; nil is one of the verifier's own.
	// Time-outs, bounds and redirects are looked after above it.
	Transport http.RoundTripper
	// Log is told when keys were fetched (debug) or could not be (warn); nil is
	// nobody. It is never told anything of a token.
	Log *slog.Logger
}

// Issuer is a provider of tokens.
type Issuer struct {
	// Name is our own for it, of a-z, 0-9 and "-".
	Name string
	// Issuer is its tokens' iss, exactly.
	Issuer string
	// Audience is what its tokens for us have in aud.
	Audience string
	// JWKSURL is where its keys are; "" is discovered (OpenID Connect Discovery 1.0,
	// section 4). It is an https address, or an http one on a loopback host.
	JWKSURL string
	// StaticKeys is a JWKS that is used instead: nothing is fetched then.
	StaticKeys []byte
	// Principal is what its tokens stand for, staff or customer, whatever they claim.
	Principal access.Kind
	// When says which of the provider's tokens are meant; the zero value is all.
	When When
	// RolesClaim is the claim with the roles of staff, a string or a list of them.
	// It is a claim's whole name (https://example.com/roles) or the way to one within
	// objects, by dots (realm_access.roles).
	RolesClaim string
	// RoleMap returns our role for each of the issuer's; others do not count, and
	// who has none is refused.
	RoleMap map[string]access.Role
	// EmployeeClaim is the claim with the id of the employee, emp_…; "" is none. What
	// is no such id does not count.
	EmployeeClaim string
	// CustomerClaim is the claim with the id of the customer, cus_….
	CustomerClaim string
	// IdentitySource is the source of the external identities whose external id is
	// the token's sub: what finds the customer without a CustomerClaim.
	IdentitySource string
	// Clients are the clients (azp, or client_id without it) whose tokens are taken;
	// nil is every client, as long as the token is for us alone. A token that is for
	// others too must be of one of them, or of a client that is the Audience itself
	// (OpenID Connect Core 1.0, section 3.1.3.7).
	Clients []string
	// Algorithms are those that it may sign with; nil is RS256, PS256, ES256 and
	// EdDSA. Only those with a public key can be.
	Algorithms []string
	// Types are the accepted values of the header's typ, without regard to case or
	// to "application/" in front; "" accepts tokens without one, which many issuers'
	// are. nil is JWT, at+jwt (RFC 9068) and "".
	Types []string
}

// issuer is an Issuer that was checked.
type issuer struct {
	Issuer
	algorithms []jose.SignatureAlgorithm
	types      []string // lower case
}

var issuerName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func asymmetric() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

// check says what is wrong with what does not concern a single issuer.
func (c *Config) check() error {
	switch {
	case len(c.Issuers) == 0:
		return errors.New("there is no issuer")
	case len(c.Issuers) > maxIssuers:
		return fmt.Errorf("there are more than %d issuers", maxIssuers)
	case c.ClockSkew < 0 || c.ClockSkew > maxClockSkew:
		return fmt.Errorf("the clock skew must be between 0 and %s", maxClockSkew)
	}
	return nil
}

// compile checks an issuer and fills in what was left out.
func compile(given Issuer, c *Config) (*issuer, error) {
	i := &issuer{Issuer: given}
	i.RoleMap = maps.Clone(given.RoleMap)
	switch {
	case !issuerName.MatchString(i.Name):
		return nil, errors.New(`the name must be 1 to 64 of a-z, 0-9 and "-"`)
	case i.Issuer.Issuer == "":
		return nil, errors.New("the issuer (iss) is missing")
	case i.Audience == "":
		return nil, errors.New("the audience (aud) is missing")
	}
	if err := i.checkPrincipal(c.FindCustomer != nil); err != nil {
		return nil, err
	}
	if err := i.When.check(); err != nil {
		return nil, err
	}
	for _, name := range i.Algorithms {
		a := jose.SignatureAlgorithm(name)
		if !slices.Contains(asymmetric(), a) {
			return nil, fmt.Errorf("algorithm %q is none of %v", name, asymmetric())
		}
		i.algorithms = append(i.algorithms, a)
	}
	if len(i.algorithms) == 0 {
		i.algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}
	}
	for _, typ := range i.Types {
		i.types = append(i.types, plainType(typ))
	}
	if len(i.types) == 0 {
		i.types = []string{"jwt", "at+jwt", ""}
	}
	return i, nil
}

// checkPrincipal says what is wrong with what the issuer's tokens stand for.
func (i *issuer) checkPrincipal(canFind bool) error {
	switch i.Principal {
	case access.KindStaff:
		if i.RolesClaim == "" || len(i.RoleMap) == 0 {
			return errors.New("an issuer of staff needs a roles claim and a role map")
		}
		for theirs, ours := range i.RoleMap {
			if !slices.Contains(access.Roles(), ours) {
				return fmt.Errorf("the role map's value for %q must be one of %v", theirs, access.Roles())
			}
		}
		if i.CustomerClaim != "" || i.IdentitySource != "" {
			return errors.New("an issuer of staff has no customer claim and no identity source")
		}
	case access.KindCustomer:
		if i.RolesClaim != "" || len(i.RoleMap) != 0 || i.EmployeeClaim != "" {
			return errors.New("an issuer of customers has no roles and no employees")
		}
		if (i.CustomerClaim == "") == (i.IdentitySource == "") {
			return errors.New("an issuer of customers needs either a customer claim or an identity source")
		}
		if i.IdentitySource != "" && !canFind {
			return errors.New("an identity source needs a way to find customers")
		}
	default:
		return fmt.Errorf("the principal must be %q or %q", access.KindStaff, access.KindCustomer)
	}
	return nil
}

// plainType is a media type of JOSE as it is compared: "application/" in front may
// be left out, and case does not count (RFC 7515, section 4.1.9).
func plainType(typ string) string {
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}
