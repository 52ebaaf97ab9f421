package purchases

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Mode says what of a shop is asked there and what is read from the store's
// copies.
type Mode string

// The modes.
const (
	// ModeLive asks the shop for everything; the store's copies fill in for what
	// it does not give.
	ModeLive Mode = "live"
	// ModeSynced reads the store alone.
	ModeSynced Mode = "synced"
	// ModeBoth reads lists of orders from the store, and asks the shop for single
	// orders, products and carts.
	ModeBoth Mode = "both"
)

// Source is a shop and how it is used.
type Source struct {
	Shop crm.SharedShop
	Mode Mode
}

// Options are what Sources needs besides store and shops. The zero value is
// good.
type Options struct {
	// Clock returns the time; nil is the system's.
	Clock func() time.Time
	// Log is told of failures; nil is no log.
	Log *slog.Logger
	// Synced returns when the orders of sources were last read to the end into the
	// store; a source that never was is missing. nil is none ever.
	Synced func(ctx context.Context, sources []string) (map[string]time.Time, error)
}

// Sources is the store and the shops as one. Its methods, and those of what For
// gives, may be called at once from any number of goroutines.
type Sources struct {
	store   crm.Store
	shops   []Source // by name
	options Options
}

var _ crm.Sources = (*Sources)(nil)

// reading is the sources as they are asked for an audience.
type reading struct {
	*Sources
	audience crm.Audience
}

// New makes Sources of a store and shops of different names.
func New(store crm.Store, shops []Source, o Options) *Sources {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	shops = slices.SortedFunc(slices.Values(shops), func(a, b Source) int {
		return cmp.Compare(a.Shop.Source(), b.Shop.Source())
	})
	return &Sources{store: store, shops: shops, options: o}
}

// For returns what the sources have, as it is asked for an audience.
func (s *Sources) For(a crm.Audience) crm.Purchases { return reading{Sources: s, audience: a} }

// Names returns the sources' names: the store, then the shops by name.
func (s *Sources) Names() []string {
	names := []string{crm.SourceStore}
	for _, shop := range s.shops {
		names = append(names, shop.Shop.Source())
	}
	return names
}

// Covered says which sources the store's own figures cover, by name: the store
// and every shop that is synced into it, as of the last time it was read to the
// end. A live shop that was synced once is STALE; one that never was read to the
// end is INCOMPLETE.
func (s *Sources) Covered(ctx context.Context) ([]crm.SourceStatus, error) {
	now := s.now()
	covered := []crm.SourceStatus{{Source: crm.SourceStore, State: crm.SourceStateOK, AsOf: &now}}
	if len(s.shops) == 0 {
		return covered, nil
	}
	var synced map[string]time.Time
	if s.options.Synced != nil {
		var err error
		if synced, err = s.options.Synced(ctx, s.Names()[1:]); err != nil {
			return nil, err
		}
	}
	for _, shop := range s.shops {
		status := crm.SourceStatus{Source: shop.Shop.Source(), State: crm.SourceStateIncomplete}
		if at, ok := synced[status.Source]; ok {
			status.AsOf, status.State = &at, crm.SourceStateOK
			if shop.Mode == ModeLive {
				status.State = crm.SourceStateStale
			}
		}
		covered = append(covered, status)
	}
	byName(covered)
	return covered, nil
}

// now is the time, as records have it.
func (s *Sources) now() time.Time { return s.options.Clock().UTC().Truncate(time.Millisecond) }

// live returns the shops whose lists of orders are asked there.
func (r reading) live() []crm.Shop {
	return r.shopsOf(func(m Mode) bool { return m == ModeLive })
}

// asked returns the shops that are asked for anything, by name.
func (r reading) asked() map[string]crm.Shop {
	asked := map[string]crm.Shop{}
	for _, shop := range r.shopsOf(isAsked) {
		asked[shop.Source()] = shop
	}
	return asked
}

// isAsked says whether a shop that is used so is asked for anything.
func isAsked(m Mode) bool { return m == ModeLive || m == ModeBoth }

// shopsOf returns the shops that the audience may ask and that are used so, as they
// are asked for it: no shop is asked that does not come from here.
func (r reading) shopsOf(mode func(Mode) bool) []crm.Shop {
	var shops []crm.Shop
	for _, shop := range r.shops {
		if mode(shop.Mode) && r.audience.Asks(shop.Shop.Source()) {
			shops = append(shops, shop.Shop.Under(r.audience.Scope))
		}
	}
	return shops
}

// byName sorts what sources contributed.
func byName(list []crm.SourceStatus) {
	slices.SortFunc(list, func(a, b crm.SourceStatus) int { return cmp.Compare(a.Source, b.Source) })
}

// unique returns the customers by id, each once, without nil.
func unique(customers []*crm.Customer) []*crm.Customer {
	byID := make(map[crm.ID]*crm.Customer, len(customers))
	for _, c := range customers {
		if c != nil && c.ID != "" {
			byID[c.ID] = c
		}
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *crm.Customer) int { return cmp.Compare(a.ID, b.ID) })
}

// idsOf returns the customers' ids.
func idsOf(customers []*crm.Customer) []crm.ID {
	ids := make([]crm.ID, len(customers))
	for i, c := range customers {
		ids[i] = c.ID
	}
	return ids
}

// shoppersOf returns those customers whom a source may be asked for.
func shoppersOf(customers []*crm.Customer, source string) []crm.Shopper {
	var shoppers []crm.Shopper
	for _, c := range customers {
		if s, ok := c.Shopper(source); ok {
			shoppers = append(shoppers, s)
		}
	}
	return shoppers
}
