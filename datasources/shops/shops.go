package shops

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/internal/crm"
)

// Config is one shop.
type Config struct {
	// Kind is one of Kinds.
	Kind string
	// Source is the shop's name among the sources, unique in a list.
	Source string
	// URL is the shop's address, http or https.
	URL string
	// Credentials are what the kind takes: its adapter says.
	Credentials string
	// WebhookSecret is what the shop signs its webhooks with; "" takes none.
	WebhookSecret string
	// Guard says how the shop is kept from harming anything.
	Guard guard.Settings
	// MaxBytes bounds an answer after decompression; 0 is 8 MiB.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Events are told what the guard does; nil tells nobody.
	Events crm.ShopObserver
	// Transport makes the connections; nil is a pool of the shop's own.
	Transport http.RoundTripper
}

// Shops are shops that are built. Their Close lets go of what they hold.
type Shops struct {
	plain    []crm.Shop
	guarded  []*guard.Shop
	webhooks map[string]crm.Webhook
}

// Build makes the shops of a list, in its order. A mistake in one is CodeInvalid
// and repeats no value. No call is made.
func Build(list []Config) (*Shops, error) {
	s := &Shops{webhooks: map[string]crm.Webhook{}}
	names := map[string]bool{}
	for _, c := range list {
		shop, webhook, err := build(c)
		if err == nil && names[c.Source] {
			err = named(c.Source, crm.Invalid("two shops have the same name"))
		}
		if err != nil {
			s.Close()
			return nil, err
		}
		names[c.Source] = true
		if webhook != nil {
			s.webhooks[c.Source] = webhook
		}
		s.plain = append(s.plain, shop)
		s.guarded = append(s.guarded, guard.Wrap(shop, c.Guard, c.Events))
	}
	return s, nil
}

// build makes a shop, and what proves its webhooks, nil without a secret.
func build(c Config) (shop crm.Shop, webhook crm.Webhook, err error) {
	kind, ok := kinds()[c.Kind]
	switch {
	case !crm.ValidSource(c.Source) || c.Source == crm.SourceStore:
		return nil, nil, crm.Invalid(`a shop needs a name of 1 to 64 of a-z, 0-9 and "-", other than ` + crm.SourceStore)
	case !ok:
		return nil, nil, named(c.Source, crm.Invalid("a shop's kind is one of "+strings.Join(Kinds(), ", ")))
	}
	if c.WebhookSecret != "" {
		if webhook, err = kind.webhook(c.WebhookSecret); err != nil {
			return nil, nil, named(c.Source, err)
		}
	}
	if shop, err = kind.open(c); err != nil {
		return nil, nil, named(c.Source, err)
	}
	return shop, webhook, nil
}

// named says which shop an error is about.
func named(source string, err error) error {
	var known *crm.Error
	if errors.As(err, &known) && known.Message != "" {
		return &crm.Error{Code: known.Code, Source: source, Op: "build the shop", Message: known.Message}
	}
	return fmt.Errorf("build the shop %s: %w", source, err)
}

// Plain returns the bare shops: each call of theirs asks the shop itself, once.
func (s *Shops) Plain() []crm.Shop { return slices.Clone(s.plain) }

// Guarded returns the shops with their guards, which everybody who asks them in
// earnest shares.
func (s *Shops) Guarded() []*guard.Shop { return slices.Clone(s.guarded) }

// Webhooks returns what proves the webhooks of the shops that have a secret, by
// source.
func (s *Shops) Webhooks() map[string]crm.Webhook { return maps.Clone(s.webhooks) }

// Close waits for calls under way that nobody waits for any more, and lets go of
// the connections that are kept.
func (s *Shops) Close() {
	for _, shop := range s.guarded {
		shop.Close()
	}
	for _, shop := range s.plain {
		if c, ok := shop.(interface{ Close() }); ok {
			c.Close()
		}
	}
}
