package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// The demo's own issuers of tokens. No provider has these names: reserved, never
// resolved.
const (
	demoStaff    = "https://staff.demo.invalid/"
	demoPortal   = "https://portal.demo.invalid/"
	demoAudience = "customer360-demo"
	demoLifetime = 24 * time.Hour
)

// tokens are whole Authorization headers, one for each kind of caller.
type tokens struct {
	Staff   string `json:"staff"`
	Partner string `json:"partner"`
	Portal  string `json:"portal"`
}

// demoAccess is who may ask the demo: keys and signatures are made at each start,
// stay in this process and open nothing else.
type demoAccess struct {
	staff, portal *oidc.Signer
	keys          demoKeys
	// header is the staff's, for the explorer; nil until it is minted.
	header atomic.Pointer[string]
}

// staffHeader returns the Authorization header of the demo's employee, "" as long as
// there is none.
func (a *demoAccess) staffHeader() string {
	if header := a.header.Load(); header != nil {
		return *header
	}
	return ""
}

func newDemoAccess() (*demoAccess, error) {
	a := &demoAccess{}
	for issuer, signer := range map[string]**oidc.Signer{demoStaff: &a.staff, demoPortal: &a.portal} {
		s, err := oidc.NewSigner(issuer, demoAudience, demoLifetime)
		if err != nil {
			return nil, fmt.Errorf("make the demo's signing keys: %w", err)
		}
		*signer = s
	}
	return a, nil
}

// configure returns the demo's callers room, and nobody else access.
func (*demoAccess) configure(cfg config.Config) (config.Config, error) {
	switch {
	case cfg.Auth.Required():
		return cfg, usage("the demo makes its own tokens: leave auth out of the settings, or use serve")
	case !config.OnLoopback(cfg.Listen):
		return cfg, usage("--listen: the demo must be on a loopback address, such as 127.0.0.1:8080")
	case !config.OnLoopback(cfg.AdminListen):
		return cfg, usage("--admin-listen: the demo must be on a loopback address, such as 127.0.0.1:9090")
	}
	cfg.Explorer = true
	cfg.Limits.RequestsPerSecond = max(cfg.Limits.RequestsPerSecond, 2000)
	cfg.Limits.AddressRequestsPerSecond = max(cfg.Limits.AddressRequestsPerSecond, 6000)
	cfg.Limits.CostPerMinute = max(cfg.Limits.CostPerMinute, 20_000_000)
	return cfg, nil
}

// issuers returns the issuers whose tokens the demo takes.
func (a *demoAccess) issuers() []oidc.Issuer {
	return []oidc.Issuer{
		{
			Name: "demo-staff", Issuer: demoStaff, Audience: demoAudience, StaticKeys: a.staff.JWKS(),
			Principal: access.KindStaff, RolesClaim: "roles", RoleMap: map[string]access.Role{string(access.RoleAdmin): access.RoleAdmin}, EmployeeClaim: "employee",
		},
		{
			Name: "demo-portal", Issuer: demoPortal, Audience: demoAudience, StaticKeys: a.portal.JWKS(),
			Principal: access.KindCustomer, CustomerClaim: "customer",
		},
	}
}

// mint makes the three callers' headers once the demo is loaded: an employee, a
// partner's system with every scope, and a customer in the portal.
func (a *demoAccess) mint(ctx context.Context, store crm.Store) (tokens, error) {
	employee, app, err := demoActors(ctx, store)
	if err != nil {
		return tokens{}, err
	}
	staff, err := a.staff.Sign(map[string]any{"sub": string(employee), "roles": []string{string(access.RoleAdmin)}, "employee": string(employee)})
	if err != nil {
		return tokens{}, fmt.Errorf("sign the staff token: %w", err)
	}
	customer := string(demo.PortalCustomer())
	portal, err := a.portal.Sign(map[string]any{"sub": customer, "customer": customer})
	if err != nil {
		return tokens{}, fmt.Errorf("sign the portal token: %w", err)
	}
	key, hash := apikey.Generate()
	scopes := []string{}
	for _, s := range access.Scopes() {
		scopes = append(scopes, string(s))
	}
	a.keys.set(&crm.APIKey{ID: "key_demo", Name: "demo", Hash: hash, PartnerApp: app, Scopes: scopes, CreatedAt: time.Now().UTC()})
	header := "Bearer " + staff
	a.header.Store(&header)
	return tokens{Staff: header, Partner: "Bearer " + key, Portal: "Bearer " + portal}, nil
}

// demoActors returns the employee who looks after the example customer, and a
// partner's system.
func demoActors(ctx context.Context, store crm.Store) (employee, app crm.ID, err error) {
	id := demo.ExampleCustomer()
	found, err := crm.Of[crm.Customer](store).ByID(ctx, []crm.ID{id}, nil)
	if err != nil {
		return "", "", fmt.Errorf("look for the example customer: %w", err)
	}
	if c := found[id]; c != nil {
		employee = c.OwnerID
	}
	apps, err := crm.Of[crm.PartnerApp](store).List(ctx, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}})
	if err != nil {
		return "", "", fmt.Errorf("look for a partner's system: %w", err)
	}
	for _, a := range apps.Items {
		app = a.ID
	}
	return employee, app, nil
}

// demoKeys holds the demo's one key, in this process alone: what is served from the
// same store later does not know it.
type demoKeys struct {
	mu  sync.Mutex
	key *crm.APIKey // nil for none yet
}

var _ crm.APIKeys = (*demoKeys)(nil)

func (d *demoKeys) set(key *crm.APIKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.key = key
}

// Add is not for the demo.
func (*demoKeys) Add(context.Context, *crm.APIKey) error {
	return &crm.Error{Code: crm.CodeUnsupported, Op: "add a key", Message: "the demo has one key, and makes it itself"}
}

// ByHash returns the key if it is the one.
func (d *demoKeys) ByHash(_ context.Context, hash string) (*crm.APIKey, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil || d.key.Hash != hash {
		return nil, nil
	}
	key := *d.key
	return &key, nil
}

// List returns the key.
func (d *demoKeys) List(context.Context) ([]*crm.APIKey, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil {
		return nil, nil
	}
	key := *d.key
	return []*crm.APIKey{&key}, nil
}

// Revoke is not for the demo.
func (*demoKeys) Revoke(context.Context, string, time.Time) error {
	return &crm.Error{Code: crm.CodeUnsupported, Op: "revoke a key", Message: "the demo's key ends with the demo"}
}

// Touch is nothing: nobody asks when the key was used.
func (*demoKeys) Touch(context.Context, string, time.Time) error { return nil }
