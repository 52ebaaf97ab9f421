package oidc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// What is kept of tokens that were taken, and of links that were found.
const (
	maxTaken   = 4096
	maxLinks   = 4096
	takenFor   = time.Minute
	linkedFor  = time.Minute
	unlinkedIn = 5 * time.Second // how long "no link" is remembered
	usualToken = 2 << 10         // bytes; a longer token has to be copied to be hashed
)

// Verifier checks tokens. It may be used by many at once.
type Verifier struct {
	providers map[string]*provider // by iss
	skew      time.Duration
	find      func(ctx context.Context, source, externalID string) (crm.ID, error)
	taken     *lru.Cache[[sha256.Size]byte, taken] // nil for none
	links     *lru.Cache[string, link]
	end       context.CancelFunc
	work      sync.WaitGroup // what fetches keys
}

// taken is what a token gave that was taken.
type taken struct {
	principal *access.Principal
	until     time.Time
	keys      *keys // with which it was checked
	set       *keySet
}

var _ access.Authenticator = (*Verifier)(nil)

// New makes a verifier. It asks no issuer for anything yet. Whoever makes it closes
// it.
func New(c Config) (*Verifier, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	life, end := context.WithCancel(context.Background())
	v := &Verifier{providers: make(map[string]*provider, len(c.Issuers)), skew: c.ClockSkew, find: c.FindCustomer, end: end}
	if v.skew == 0 {
		v.skew = DefaultClockSkew
	}
	if err := v.addIssuers(life, &c); err != nil {
		end()
		return nil, err
	}
	// The sizes are above 0, the only thing that there could be an error about.
	v.links, _ = lru.New[string, link](maxLinks)
	if !c.NoCache {
		v.taken, _ = lru.New[[sha256.Size]byte, taken](maxTaken)
	}
	return v, nil
}

func (v *Verifier) addIssuers(life context.Context, c *Config) error {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	fetch := newFetcher(c.Transport)
	names := map[string]bool{}
	for n, given := range c.Issuers {
		i, err := compile(given, c)
		if err == nil && names[i.Name] {
			err = errors.New("its name is another issuer's too")
		}
		if err == nil {
			err = v.addIssuer(i, func() (*keySet, error) { return newKeySet(life, given, fetch, &v.work, log) })
		}
		if err != nil {
			return fmt.Errorf("oidc: issuer %d (%s): %w", n+1, given.Name, err)
		}
		names[i.Name] = true
	}
	return nil
}

// addIssuer gives an issuer to its provider, which has its keys from keys.
func (v *Verifier) addIssuer(i *issuer, keys func() (*keySet, error)) error {
	if p := v.providers[i.Issuer.Issuer]; p != nil {
		return p.add(i)
	}
	set, err := keys()
	if err != nil {
		return err
	}
	v.providers[i.Issuer.Issuer] = &provider{issuers: []*issuer{i}, keys: set}
	return nil
}

// Close ends what the verifier does in the background and waits for it. After it no
// keys are fetched.
func (v *Verifier) Close() {
	for _, p := range v.providers {
		p.keys.close()
	}
	v.end()
	v.work.Wait()
}

// Authenticate is access.Authenticator's for tokens.
func (v *Verifier) Authenticate(ctx context.Context, token string) (*access.Principal, error) {
	if v.taken == nil || len(token) > MaxToken {
		t, err := v.check(ctx, token, time.Now())
		return t.principal, err
	}
	var room [usualToken]byte
	sum, now := sha256.Sum256(append(room[:0], token...)), time.Now()
	if t, there := v.taken.Get(sum); there {
		if now.Before(t.until) && t.set.current.Load() == t.keys {
			return t.principal, nil
		}
		v.taken.Remove(sum)
	}
	t, err := v.check(ctx, token, now)
	if err != nil {
		return nil, err
	}
	v.taken.Add(sum, t)
	return t.principal, nil
}

// check checks a token in full.
func (v *Verifier) check(ctx context.Context, token string, now time.Time) (taken, error) {
	h, reason := read(token)
	if reason != "" {
		return taken{}, refused("", reason)
	}
	p := v.providers[h.issuer]
	if p == nil {
		return taken{}, refused("", ReasonIssuer)
	}
	if reason := p.first().takes(h); reason != "" {
		return taken{}, refused(p.name(), reason)
	}
	candidates, with, err := p.keys.find(ctx, h)
	if err != nil {
		return taken{}, err
	}
	payload, reason := verify(token, p.first().algorithms, candidates)
	if reason != "" {
		return taken{}, refused(p.name(), reason)
	}
	c, i, reason := v.claims(p, payload, now)
	if reason != "" {
		return taken{}, refused(nameOf(i, p), reason)
	}
	principal, until, err := v.principal(ctx, i, c, now)
	if err != nil {
		return taken{}, err
	}
	if expiry := c.Expiry.Time().Add(v.skew); expiry.Before(until) {
		until = expiry
	}
	return taken{principal: principal, until: until, keys: with, set: p.keys}, nil
}

// claims reads what a provider has signed, and says for which of its issuers it is.
// What is wrong with the token itself is said first: only then it is worth to say
// that nobody knows whose it is.
func (v *Verifier) claims(p *provider, payload []byte, now time.Time) (claims, *issuer, Reason) {
	c, reason := readClaims(payload)
	if reason == "" {
		reason = c.check(p.first().Issuer.Issuer, now, v.skew)
	}
	if reason != "" {
		return c, nil, reason
	}
	i, reason := p.of(c)
	if reason == "" {
		reason = c.checkFor(i)
	}
	return c, i, reason
}

// nameOf is what a token's issuer is called in errors.
func nameOf(i *issuer, p *provider) string {
	if i != nil {
		return i.Name
	}
	return p.name()
}

// verify returns what was signed, if one of the keys signed the token.
func verify(token string, algorithms []jose.SignatureAlgorithm, candidates []key) ([]byte, Reason) {
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return nil, ReasonMalformed
	}
	for _, k := range candidates {
		if payload, err := signed.Verify(k.public); err == nil {
			return payload, ""
		}
	}
	return nil, ReasonSignature
}

// principal returns who a token that was checked stands for, and until when that may
// be remembered.
func (v *Verifier) principal(ctx context.Context, i *issuer, c claims, now time.Time) (*access.Principal, time.Time, error) {
	until := now.Add(takenFor)
	p := &access.Principal{Kind: i.Principal, ID: principalID(i.Principal, c.Issuer, c.Subject)}
	if i.Principal == access.KindStaff {
		p.Roles, p.Actor = c.roles(i), c.id(i.EmployeeClaim, crm.KindEmployee)
		if len(p.Roles) == 0 {
			return nil, until, refused(i.Name, ReasonNoRole)
		}
		return p, until, nil
	}
	if i.CustomerClaim != "" {
		p.Customer = c.id(i.CustomerClaim, crm.KindCustomer)
	} else {
		found, err := v.linked(ctx, i, c.Subject, now)
		if err != nil {
			return nil, until, err
		}
		p.Customer, until = found.customer, found.until
	}
	if p.Customer == "" {
		return nil, until, refused(i.Name, ReasonNotLinked)
	}
	return p, until, nil
}

// principalID names who has a subject at an issuer: the kind and the first 64 bits
// of SHA-256(iss, 0, sub), in hexadecimal.
func principalID(kind access.Kind, iss, sub string) string {
	sum := sha256.Sum256([]byte(iss + "\x00" + sub))
	return string(kind) + ":" + hex.EncodeToString(sum[:8])
}
