package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/customer360/gateway/internal/crm"
)

// Auth says whose credentials are taken.
type Auth struct {
	// APIKeys says that keys made by gateway keys are taken.
	APIKeys bool
	// Issuers are those whose tokens are taken, in the order of the file.
	Issuers []Issuer
}

// Required says that there is access control at all.
func (a Auth) Required() bool { return a.APIKeys || len(a.Issuers) > 0 }

// Issuer is an OpenID Connect provider and what its tokens stand for.
type Issuer struct {
	// Name is the gateway's own for it.
	Name string
	// Issuer and Audience are the token's iss and aud.
	Issuer, Audience string
	// JWKSURL is where its keys are; "" finds it by discovery.
	JWKSURL string
	// Principal is what its tokens stand for. Only one of staff can yield roles.
	Principal PrincipalKind
	// When says which of the issuer's tokens this item is for, where the issuer is
	// that of several items; without a claim it is for all.
	When When
	// RolesClaim is the claim with the roles, a dotted path; RoleMap gives the
	// gateway's role for each of theirs.
	RolesClaim string
	RoleMap    map[string]string
	// EmployeeClaim is the claim with the id of an employee; "" is none.
	EmployeeClaim string
	// CustomerClaim is the claim with the id of a customer. Without it the customer
	// is the one with the external identity of IdentitySource and the token's sub.
	CustomerClaim, IdentitySource string
	// Clients are the clients whose tokens are taken; nil is every one, as long as a
	// token is for the gateway alone.
	Clients []string
	// Types are the accepted values of a token's typ, "none" for a token without one;
	// nil is JWT, at+jwt and none.
	Types []string
	// Algorithms are those that the issuer signs with; nil is the usual ones.
	Algorithms []string
}

// When is what tells tokens of one issuer apart.
type When struct {
	// Claim is the claim that does, a dotted path, and Values are those of it, any
	// one of which makes a token this item's.
	Claim  string
	Values []string
}

// PrincipalKind is what tokens of an issuer stand for.
type PrincipalKind string

// The kinds of principal.
const (
	PrincipalStaff    PrincipalKind = "staff"
	PrincipalCustomer PrincipalKind = "customer"
)

// algorithms are those that tokens may be signed with: none with a shared secret.
func algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// roles are the gateway's own.
func roles() []string { return []string{"SUPPORT", "SALES", "MARKETING", "ANALYST", "ADMIN"} }

// issuerKeys returns the keys of issuer i, whose path is item, in the order of the
// example file.
func issuerKeys(item string, i int) []Key {
	at := func(c *Config) *Issuer { return &c.Auth.Issuers[i] }
	plain := func(name, want string, field func(*Issuer) *string) Key {
		return text(item+"."+name, want, func(c *Config, v string) error {
			*field(at(c)) = v
			return nil
		})
	}
	keys := []Key{
		text(item+".name", `a name of its own of 1 to 64 of a-z, 0-9 and "-", such as company`, func(c *Config, v string) error {
			return nameIssuer(c, i, v)
		}),
		text(item+".issuer", "the issuer as its tokens have it in iss, such as https://login.example.com/", func(c *Config, v string) error {
			at(c).Issuer = v
			return checkEndpoint(v)
		}),
		plain("audience", "what the issuer's tokens for the gateway have in aud", func(i *Issuer) *string { return &i.Audience }),
		text(item+".jwks_url", "the address of the issuer's keys, such as https://login.example.com/jwks", func(c *Config, v string) error {
			at(c).JWKSURL = v
			return checkEndpoint(v)
		}),
		oneOf(item+".principal", []PrincipalKind{PrincipalStaff, PrincipalCustomer}, func(c *Config) *PrincipalKind { return &at(c).Principal }),
		text(item+".when.claim", "the claim that tells the tokens of one issuer's items apart, such as azp or https://example.com/kind, and that no user can set", func(c *Config, v string) error {
			if slices.Contains(userClaims(), v) {
				return errors.New("is a claim that users can set themselves")
			}
			at(c).When.Claim = v
			return nil
		}),
		list(item+".when.values", "a list of values of when.claim, such as staff, any one of which makes a token this item's", checkWord, func(c *Config) *[]string { return &at(c).When.Values }),
		plain("roles_claim", "the claim that holds the roles, such as roles or realm_access.roles", func(i *Issuer) *string { return &i.RolesClaim }),
		pairs(item+".role_map", "the gateway's role for each of the issuer's, such as {helpdesk: SUPPORT}; roles are "+strings.Join(roles(), ", "), roles(),
			func(c *Config) *map[string]string { return &at(c).RoleMap }),
		plain("employee_claim", "the claim that holds the id of the employee, emp_…", func(i *Issuer) *string { return &i.EmployeeClaim }),
		plain("customer_claim", "the claim that holds the id of the customer, cus_…", func(i *Issuer) *string { return &i.CustomerClaim }),
		text(item+".identity_source", "the source of the external identities whose id is the token's sub, such as portal", func(c *Config, v string) error {
			if !crm.ValidSource(v) {
				return errors.New("is no name of a source")
			}
			at(c).IdentitySource = v
			return nil
		}),
		list(item+".clients", "a list of the client ids (azp or client_id) whose tokens are taken", checkWord, func(c *Config) *[]string { return &at(c).Clients }),
		list(item+".types", "a list of values of a token's typ, such as at+jwt; none is a token without it", checkWord, func(c *Config) *[]string { return &at(c).Types }),
		list(item+".algorithms", "a list of "+strings.Join(algorithms(), ", "), func(v string) error {
			if !slices.Contains(algorithms(), v) {
				return errors.New("is none of the algorithms there may be")
			}
			return nil
		}, func(c *Config) *[]string { return &at(c).Algorithms }),
	}
	for k := range keys {
		switch strings.TrimPrefix(keys[k].Name, item+".") {
		case "name", "issuer", "audience", "principal":
			keys[k].required = true
		}
	}
	return keys
}

// userClaims are claims whose values users choose, or change by what they tell their
// provider of themselves (OpenID Connect Core 1.0, section 5.1): with one of them a
// customer could become staff.
func userClaims() []string {
	return []string{
		"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
		"website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
		"phone_number_verified", "address", "updated_at", "nonce", "unique_name", "upn",
	}
}

// checkWord says what is wrong with a word of somebody else's.
func checkWord(v string) error {
	if v == "" || len(v) > 256 || strings.ContainsFunc(v, unicode.IsSpace) {
		return errors.New("is no word")
	}
	return nil
}

// nameIssuer returns issuer i a name that no other has.
func nameIssuer(c *Config, i int, name string) error {
	switch {
	case !crm.ValidSource(name):
		return errors.New("is no name")
	case slices.ContainsFunc(c.Auth.Issuers, func(o Issuer) bool { return o.Name == name }):
		return errors.New("is the name of another issuer too")
	}
	c.Auth.Issuers[i].Name = name
	return nil
}

// checkEndpoint says what is wrong with an address of an issuer: keys that came
// over an open network could be anybody's.
func checkEndpoint(v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return errors.New("is no address that starts with https://")
	case u.Scheme == "http" && !isLoopback(u.Host):
		return errors.New("is reached over a network without TLS")
	case u.User != nil || strings.Contains(v, "#"):
		return errors.New("must have no user, no password and no fragment")
	}
	return nil
}

// pairs is a section whose keys are the operator's own.
func pairs(name, want string, words []string, field func(*Config) *map[string]string) Key {
	return Key{Name: name, Want: want, pairs: true, set: func(c *Config, values []string) error {
		got := map[string]string{}
		for _, pair := range values {
			// Theirs may have any character, ours has no "=".
			at := strings.LastIndex(pair, "=")
			theirs, ours := pair[:at], pair[at+1:]
			if theirs == "" || !slices.Contains(words, ours) {
				return errors.New("has a value that is none of the words it may be")
			}
			got[theirs] = ours
		}
		*field(c) = got
		return nil
	}}
}

// finishDocuments checks that a mode has what it needs.
func (l *loader) finishDocuments() error {
	d := l.config.Documents
	if d.Manifest == "" && (d.Mode == DocumentsSafelist || d.Mode == DocumentsRequireID) {
		return l.problem("documents.mode", "needs documents.manifest: without it nothing could be asked")
	}
	return nil
}

// finishLimits checks that what one operation may cost can be paid at all.
func (l *loader) finishLimits() error {
	if limits := l.config.Limits; limits.CostPerMinute < limits.Cost {
		return l.problem("limits.cost_per_minute", "is less than limits.cost: an operation of that cost could never be paid")
	}
	return nil
}

// finishAuth checks what only a whole issuer can tell.
func (l *loader) finishAuth() error {
	for i, issuer := range l.config.Auth.Issuers {
		item := fmt.Sprintf("auth.issuers[%d]", i)
		key := func(name string) error {
			return l.problem(item+"."+name, "is for tokens of the other principal; leave it out")
		}
		switch staff := issuer.Principal == PrincipalStaff; {
		case (issuer.When.Claim == "") != (len(issuer.When.Values) == 0):
			return l.itemProblem(item, "needs both when.claim and when.values, or neither")
		case staff && issuer.CustomerClaim != "":
			return key("customer_claim")
		case staff && issuer.IdentitySource != "":
			return key("identity_source")
		case !staff && issuer.RolesClaim != "":
			return key("roles_claim")
		case !staff && len(issuer.RoleMap) > 0:
			return key("role_map")
		case !staff && issuer.EmployeeClaim != "":
			return key("employee_claim")
		case staff && (issuer.RolesClaim == "" || len(issuer.RoleMap) == 0):
			return l.itemProblem(item, "needs roles_claim and role_map: staff without a role may see nothing")
		case !staff && (issuer.CustomerClaim == "") == (issuer.IdentitySource == ""):
			return l.itemProblem(item, "needs either customer_claim or identity_source: they say which customer a token stands for")
		}
		if err := l.finishShared(i); err != nil {
			return err
		}
	}
	return nil
}

// finishShared checks issuer i against the items before it that have the same issuer:
// no token may be of two.
func (l *loader) finishShared(i int) error {
	issuers := l.config.Auth.Issuers
	issuer, item := issuers[i], fmt.Sprintf("auth.issuers[%d]", i)
	first := true
	for _, other := range issuers[:i] {
		if other.Issuer != issuer.Issuer {
			continue
		}
		switch {
		case issuer.When.Claim == "" || other.When.Claim == "":
			return l.problem(item+".issuer", "is the issuer of another item too: both need when, which says whose of them a token is")
		case issuer.When.Claim == other.When.Claim && slices.ContainsFunc(issuer.When.Values, func(v string) bool { return slices.Contains(other.When.Values, v) }):
			return l.problem(item+".when.values", "has a value that another item of the issuer has too: whose a token with it is would be a guess")
		case first && issuer.JWKSURL != "" && issuer.JWKSURL != other.JWKSURL:
			return l.problem(item+".jwks_url", "differs from that of the issuer's first item; leave it out here")
		case first && issuer.Types != nil && !slices.Equal(issuer.Types, other.Types):
			return l.problem(item+".types", "differs from that of the issuer's first item; leave it out here")
		case first && issuer.Algorithms != nil && !slices.Equal(issuer.Algorithms, other.Algorithms):
			return l.problem(item+".algorithms", "differs from that of the issuer's first item; leave it out here")
		}
		first = false
	}
	return nil
}

func (l *loader) itemProblem(item, problem string) error {
	return &Error{Origin: fmt.Sprintf("%s:%d", l.file, l.lines[item]), Key: item, Problem: problem}
}
