package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
)

// checkAccess refuses to serve everything to everybody, unless told to do so to
// this machine alone.
func checkAccess(cfg config.Config, insecureLocal bool) error {
	switch open := !cfg.Auth.Required(); {
	case open && !insecureLocal:
		return usage("there is no access control: set auth.issuers or auth.api_keys in the config file, or give --insecure-local to let everybody on this machine see everything")
	case !open && insecureLocal:
		return usage("--insecure-local is for a gateway without access control: leave it out, or take auth out of the settings")
	case open && !config.OnLoopback(cfg.Listen):
		return usage("--listen: with --insecure-local it must be a loopback address, such as 127.0.0.1:8080")
	}
	return nil
}

// credentials tells partners' keys from tokens: no token starts as a key does.
type credentials struct {
	keys, tokens access.Authenticator // nil if none are taken
}

var errNoSuchCredential = errors.New("credentials of this kind are not taken")

// Authenticate asks the one that knows credentials of this kind.
func (c credentials) Authenticate(ctx context.Context, credential string) (*access.Principal, error) {
	checker := c.tokens
	if strings.HasPrefix(credential, apikey.Prefix) {
		checker = c.keys
	}
	if checker == nil {
		return nil, &crm.Error{Code: crm.CodeUnauthenticated, Op: "authenticate", Message: "the credential is not valid", Err: errNoSuchCredential}
	}
	return checker.Authenticate(ctx, credential)
}

// accessControl is whose credentials the gateway takes, and how to let go of it.
type accessControl struct {
	access.Authenticator // nil for none
	close                []func()
}

// Close ends what the checkers do in the background.
func (a accessControl) Close() {
	for _, end := range a.close {
		end()
	}
}

// newAccessControl makes what checks credentials: keys among those that are known,
// tokens of the configured issuers and of more, customers of the store.
func newAccessControl(cfg config.Auth, more []oidc.Issuer, known crm.APIKeys, store crm.Store, log *slog.Logger) (accessControl, error) {
	var a accessControl
	if !cfg.Required() && len(more) == 0 {
		return a, nil
	}
	var c credentials
	if cfg.APIKeys {
		keys := apikey.New(known, apikey.Options{Log: log})
		c.keys = keys
		a.close = append(a.close, keys.Close)
	}
	if issuers := append(issuersOf(cfg.Issuers), more...); len(issuers) > 0 {
		tokens, err := oidc.New(oidc.Config{Issuers: issuers, FindCustomer: customerOf(store), Log: log})
		if err != nil {
			return a, fmt.Errorf("set up the issuers of tokens: %w", err)
		}
		c.tokens = tokens
		a.close = append(a.close, tokens.Close)
	}
	a.Authenticator = c
	return a, nil
}

func issuersOf(list []config.Issuer) []oidc.Issuer {
	issuers := make([]oidc.Issuer, len(list))
	for i, c := range list {
		issuers[i] = oidc.Issuer{
			Name: c.Name, Issuer: c.Issuer, Audience: c.Audience, JWKSURL: c.JWKSURL,
			Principal: access.Kind(c.Principal), RolesClaim: c.RolesClaim, RoleMap: map[string]access.Role{},
			EmployeeClaim: c.EmployeeClaim, CustomerClaim: c.CustomerClaim, IdentitySource: c.IdentitySource,
			Clients: c.Clients, Algorithms: c.Algorithms, When: oidc.When(c.When),
		}
		for _, typ := range c.Types {
			if typ == "none" {
				typ = "" // How oidc has it.
			}
			issuers[i].Types = append(issuers[i].Types, typ)
		}
		for theirs, ours := range c.RoleMap {
			issuers[i].RoleMap[theirs] = access.Role(ours)
		}
	}
	return issuers
}

// customerOf finds the customer with an external identity, "" if there is none.
func customerOf(store crm.Store) func(ctx context.Context, source, externalID string) (crm.ID, error) {
	return func(ctx context.Context, source, externalID string) (crm.ID, error) {
		by := crm.CustomerIdentifier{ExternalIdentity: &crm.ExternalIdentityRef{Source: source, ExternalID: externalID}}
		where, err := by.Predicate()
		if err != nil {
			return "", err
		}
		found, err := crm.Of[crm.Customer](store).List(ctx, crm.Query{
			Where: []crm.Predicate{where}, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1},
		})
		if err != nil || len(found.Items) == 0 {
			return "", err
		}
		return found.Items[0].ID, nil
	}
}
