package shops

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/resilience"
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
	// Guard says how the shop is kept from harming anything.
	Guard resilience.Settings
	// MaxBytes bounds an answer after decompression; 0 is 16 MiB.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Events are told what the guard does; nil tells nobody.
	Events resilience.Observer
	// Transport makes the connections; nil is a pool of the shop's own.
	Transport http.RoundTripper
}

// Shops are shops that are built. Their Close lets go of what they hold.
type Shops struct {
	plain   []crm.Shop
	guarded []*resilience.Shop
}

// Build makes the shops of a list, in its order. A mistake in one is CodeInvalid
// and repeats no value. No call is made.
func Build(list []Config) (*Shops, error) {
	s := &Shops{}
	names := map[string]bool{}
	for _, c := range list {
		shop, err := build(c)
		if err == nil && names[c.Source] {
			err = named(c.Source, crm.Invalid("two shops have the same name"))
		}
		if err != nil {
			s.Close()
			return nil, err
		}
		names[c.Source] = true
		s.plain = append(s.plain, shop)
		s.guarded = append(s.guarded, resilience.Wrap(shop, c.Guard, c.Events))
	}
	return s, nil
}

func build(c Config) (crm.Shop, error) {
	construct, ok := kinds()[c.Kind]
	switch {
	case !crm.ValidSource(c.Source) || c.Source == crm.SourceStore:
		return nil, crm.Invalid(`a shop needs a name of 1 to 64 of a-z, 0-9 and "-", other than ` + crm.SourceStore)
	case !ok:
		return nil, named(c.Source, crm.Invalid("a shop's kind is one of "+strings.Join(Kinds(), ", ")))
	}
	shop, err := construct(c)
	if err != nil {
		return nil, named(c.Source, err)
	}
	return shop, nil
}

// named says which shop an error is about.
func named(source string, err error) error {
	var known *crm.Error
	if errors.As(err, &known) && known.Message != "" {
		return &crm.Error{Code: known.Code, Source: source, Op: "build the shop", Message: known.Message}
	}
	return fmt.Errorf("build the shop %s: %w", source, err)
}

// Plain gives the bare shops: each call of theirs asks the shop itself, once.
func (s *Shops) Plain() []crm.Shop { return slices.Clone(s.plain) }

// Guarded gives the shops with their guards, which everybody who asks them in
// earnest shares.
func (s *Shops) Guarded() []*resilience.Shop { return slices.Clone(s.guarded) }

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
