package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Shop says how one shop is reached and used.
type Shop struct {
	// Name is the shop's among the sources.
	Name string
	Kind ShopKind
	// URL is http or https, without user, query and fragment.
	URL string
	// Mode is never "" after Load.
	Mode ShopMode
	// Credentials come from the environment or from CredentialsFile.
	Credentials     Secret
	CredentialsFile string
	// WebhookSecret is empty if the shop's webhooks are not taken. It comes from
	// the environment or from WebhookSecretFile.
	WebhookSecret     Secret
	WebhookSecretFile string
	// AllowPlaintext permits http beyond loopback.
	AllowPlaintext bool
	// SyncEvery is the time between two synchronizations while serving, 0 for none.
	SyncEvery time.Duration
	// MaxAnswerBytes bounds an answer after decompression.
	MaxAnswerBytes int
	// Timeout bounds one call with all its attempts; SyncTimeout does for the calls
	// that synchronize.
	Timeout, SyncTimeout time.Duration
	// Concurrency is how many calls are under way at once.
	Concurrency int
	// Rate is how many calls a second there are at most, 0 for any number.
	Rate float64
	// Retries is how often a call is made again that failed for a passing reason.
	Retries int
	// BreakerCalls are how many calls there must be within half a minute before the
	// half of them that failed ends the calls for BreakerDelay.
	BreakerCalls int
	BreakerDelay time.Duration
	// CacheTTL is how long an answer is given again, 0 for never. StaleFor is how
	// long it may stand in for a shop that fails, 0 for never.
	CacheTTL, StaleFor time.Duration
}

// ShopKind is the software that a shop runs.
type ShopKind string

// The kinds of shop.
const (
	ShopVendure     ShopKind = "vendure"
	ShopMedusa      ShopKind = "medusa"
	ShopShopify     ShopKind = "shopify"
	ShopWooCommerce ShopKind = "woocommerce"
)

// ShopKinds lists the kinds of shop.
func ShopKinds() []ShopKind {
	return []ShopKind{ShopVendure, ShopMedusa, ShopShopify, ShopWooCommerce}
}

// ShopMode says where a shop's orders are read.
type ShopMode string

// The modes of a shop.
const (
	// ModeLive: from the shop, at each request.
	ModeLive ShopMode = "live"
	// ModeSynced: from the store, where gateway sync has put them.
	ModeSynced ShopMode = "synced"
	// ModeBoth: lists from the store; single orders, products and carts from the
	// shop.
	ModeBoth ShopMode = "both"
)

// Live says that requests are answered from the shop itself.
func (s Shop) Live() bool { return s.Mode == ModeLive || s.Mode == ModeBoth }

// Synced says that the shop's records are copied into the store.
func (s Shop) Synced() bool { return s.Mode == ModeSynced || s.Mode == ModeBoth }

// defaultShop returns the settings of a shop of which nothing is said.
func defaultShop() Shop {
	return Shop{
		MaxAnswerBytes: 8 << 20,
		Timeout:        2 * time.Second,
		SyncTimeout:    30 * time.Second,
		Concurrency:    16,
		Retries:        2,
		BreakerCalls:   5,
		BreakerDelay:   5 * time.Second,
		CacheTTL:       5 * time.Second,
		StaleFor:       time.Hour,
	}
}

// repeated is a list in the file whose items have keys of their own.
type repeated struct {
	name, want string
	// add appends an item with its defaults.
	add func(c *Config)
	// keys returns the keys of item i, whose path is item.
	keys func(item string, i int) []Key
}

// lists returns the lists of the file.
func lists() []repeated {
	return []repeated{
		{
			name: "auth.issuers",
			want: "a list of issuers, each with name, issuer, audience and principal, the first after a -",
			add:  func(c *Config) { c.Auth.Issuers = append(c.Auth.Issuers, Issuer{}) },
			keys: issuerKeys,
		},
		{
			name: "cors.policies",
			want: "a list of policies, each with origins, the first after a -",
			add:  func(c *Config) { c.CORS.Policies = append(c.CORS.Policies, CORSPolicy{MaxAge: 10 * time.Minute}) },
			keys: policyKeys,
		},
		{
			name: "shops",
			want: "a list of shops, each with name, kind and url, the first after a -",
			add:  func(c *Config) { c.Shops = append(c.Shops, defaultShop()) },
			keys: shopKeys,
		},
	}
}

// nameInVariable stands in a variable's name for that of the shop.
const nameInVariable = "<NAME>"

// shopVariable returns the variable of a shop. Names have neither capitals nor _,
// so no two of them share one.
func shopVariable(pattern, shop string) string {
	return strings.Replace(pattern, nameInVariable, strings.ToUpper(strings.ReplaceAll(shop, "-", "_")), 1)
}

// shopKeys returns the keys of shop i, whose path is item, in the order of the
// example file.
func shopKeys(item string, i int) []Key {
	at := func(c *Config) *Shop { return &c.Shops[i] }
	keys := []Key{
		text(item+".name", `a name of its own of 1 to 64 of a-z, 0-9 and "-", other than store, such as vendure-eu`, func(c *Config, v string) error {
			return nameShop(c, i, v)
		}),
		oneOf(item+".kind", ShopKinds(), func(c *Config) *ShopKind { return &at(c).Kind }),
		text(item+".url", "the shop's address, such as https://shop.example.com", func(c *Config, v string) error {
			at(c).URL = v
			return checkShopURL(v)
		}),
		oneOf(item+".mode", []ShopMode{ModeLive, ModeSynced, ModeBoth}, func(c *Config) *ShopMode { return &at(c).Mode }),
		secret(item+".credentials", "what the shop's administration gave out for the gateway", func(c *Config) *Secret { return &at(c).Credentials }),
		filePath(item+".credentials_file", "the path of a file that holds the credentials in its only line", func(c *Config) *string { return &at(c).CredentialsFile }),
		secret(item+".webhook_secret", "the secret that the shop signs its webhooks with", func(c *Config) *Secret { return &at(c).WebhookSecret }),
		filePath(item+".webhook_secret_file", "the path of a file that holds the webhook secret in its only line", func(c *Config) *string { return &at(c).WebhookSecretFile }),
		yesNo(item+".allow_plaintext", func(c *Config) *bool { return &at(c).AllowPlaintext }),
		duration(item+".sync_every", 0, 7*24*time.Hour, func(c *Config) *time.Duration { return &at(c).SyncEvery }),
		number(item+".max_answer_bytes", 64<<10, 256<<20, func(c *Config) *int { return &at(c).MaxAnswerBytes }),
		duration(item+".timeout", 10*time.Millisecond, time.Minute, func(c *Config) *time.Duration { return &at(c).Timeout }),
		duration(item+".sync_timeout", time.Second, 10*time.Minute, func(c *Config) *time.Duration { return &at(c).SyncTimeout }),
		number(item+".concurrency", 1, 1000, func(c *Config) *int { return &at(c).Concurrency }),
		decimal(item+".rate", 0, 10_000, func(c *Config) *float64 { return &at(c).Rate }),
		number(item+".retries", 0, 10, func(c *Config) *int { return &at(c).Retries }),
		number(item+".breaker_calls", 1, 1000, func(c *Config) *int { return &at(c).BreakerCalls }),
		duration(item+".breaker_delay", 100*time.Millisecond, time.Hour, func(c *Config) *time.Duration { return &at(c).BreakerDelay }),
		duration(item+".cache_ttl", 0, time.Hour, func(c *Config) *time.Duration { return &at(c).CacheTTL }),
		duration(item+".stale_for", 0, 7*24*time.Hour, func(c *Config) *time.Duration { return &at(c).StaleFor }),
	}
	for k := range keys {
		switch name := strings.TrimPrefix(keys[k].Name, item+"."); name {
		case "name", "kind", "url":
			keys[k].required = true
		case "credentials", "webhook_secret":
			keys[k].EnvOnly = true
			keys[k].Env = "GATEWAY_SHOPS_" + nameInVariable + "_" + strings.ToUpper(name)
		}
	}
	return keys
}

// nameShop returns shop i a name that no other has.
func nameShop(c *Config, i int, name string) error {
	switch {
	case !crm.ValidSource(name):
		return errors.New("is no name of a source")
	case name == crm.SourceStore:
		return errors.New("is the name of the gateway's own store")
	case slices.ContainsFunc(c.Shops, func(s Shop) bool { return s.Name == name }):
		return errors.New("is the name of another shop too")
	}
	c.Shops[i].Name = name
	return nil
}

func checkShopURL(v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("is no address that starts with https:// or http://")
	case u.User != nil:
		return errors.New("must not hold a user or password, which belong into credentials_file")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#"):
		return errors.New("must have no query and no fragment")
	}
	return nil
}

// exposed says that the shop is reached over a network without TLS.
func (s Shop) exposed() bool {
	u, err := url.Parse(s.URL)
	return err != nil || u.Scheme != "https" && !isLoopback(u.Host)
}

// finishShops checks what only a whole shop can tell. With secrets it reads the
// files that hold them, too.
func (l *loader) finishShops(secrets bool) error {
	for i := range l.config.Shops {
		shop, item := &l.config.Shops[i], fmt.Sprintf("shops[%d]", i)
		if shop.Mode == "" {
			shop.Mode = ModeLive
			if shop.Kind == ShopWooCommerce { // It takes one customer a call.
				shop.Mode = ModeSynced
			}
		}
		if !shop.AllowPlaintext && shop.exposed() {
			return l.problem(item+".url", "reaches the shop over a network without TLS; use https, or set allow_plaintext: true if the network is trusted")
		}
		if shop.SyncEvery > 0 && !shop.Synced() {
			return l.problem(item+".sync_every", "is for a shop whose mode is synced or both; leave it out, or give that mode")
		}
		if !secrets {
			continue
		}
		if err := l.readSecret(item+".credentials", shop.CredentialsFile, &shop.Credentials); err != nil {
			return err
		}
		if err := l.readSecret(item+".webhook_secret", shop.WebhookSecretFile, &shop.WebhookSecret); err != nil {
			return err
		}
		if shop.Credentials.Reveal() == "" {
			return &Error{Origin: fmt.Sprintf("%s:%d", l.file, l.lines[item]), Key: item + ".credentials", Problem: fmt.Sprintf(
				"is missing; give it by %s, or name a file in %s.credentials_file", l.keys[item+".credentials"].Env, item)}
		}
	}
	return nil
}
