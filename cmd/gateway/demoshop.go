package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/medusa/medusatest"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// demoKey is what the demo's web shop takes for a secret key. Nothing listens that
// it could open.
const demoKey = "sk_demo"

// demoShop is the demo's web shop: a Medusa in this process, asked as a configured
// one is, but over no network.
type demoShop struct {
	handler atomic.Pointer[medusatest.Shop]
}

var errNotLoaded = errors.New("the demo is not loaded yet")

// RoundTrip answers a request from what was loaded.
func (d *demoShop) RoundTrip(r *http.Request) (*http.Response, error) {
	shop := d.handler.Load()
	if shop == nil {
		return nil, errNotLoaded
	}
	return medusatest.Transport(shop).RoundTrip(r)
}

// configure adds the web shop to the configured ones, of which none may have its
// name.
func (*demoShop) configure(cfg config.Config) (config.Config, error) {
	if slices.ContainsFunc(cfg.Shops, func(s config.Shop) bool { return s.Name == demo.WebShop }) {
		return cfg, usage("shop %s: the demo has a shop of this name; give yours another, or use serve", demo.WebShop)
	}
	// Answers are not kept: they would be of the machine's time, not the demo's.
	settings := guard.Default()
	cfg.Shops = append(slices.Clone(cfg.Shops), config.Shop{
		Name: demo.WebShop, Kind: config.ShopMedusa, URL: "http://" + demo.WebShop + ".invalid", // Never resolved.
		Mode: config.ModeLive, Credentials: config.NewSecret(demoKey),
		Timeout: settings.Timeout, SyncTimeout: settings.SyncTimeout, Concurrency: settings.Concurrency, Retries: settings.Retries,
		BreakerCalls: settings.BreakerCalls, BreakerDelay: settings.BreakerDelay,
	})
	return cfg, nil
}

// load fills an empty store with the demo and takes one that holds it as it is;
// the web shop has its part from then on. Any other store is refused: the demo
// does not mix with a company's records.
func (d *demoShop) load(ctx context.Context, store crm.Store) error {
	state, err := demo.Check(ctx, store)
	if err != nil {
		return fmt.Errorf("look into the store: %w", err)
	}
	// Loading is one short burst of garbage: collecting it less often makes it a
	// seventh shorter for about 200 MB more while it lasts. It is given back then.
	defer debug.FreeOSMemory()
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var has *demo.Shop
	switch state {
	case demo.StateEmpty:
		has, err = demo.LoadWithShop(ctx, store)
	case demo.StateLoaded:
		has, err = demo.GenerateShop()
	case demo.StateOther:
		return usage("the store holds other data, or a demo that was not loaded to its end; give demo an empty store, or none for one of its own")
	}
	if err != nil {
		return fmt.Errorf("load the demo: %w", err)
	}
	shop, err := medusatest.New(demoKey, medusatest.Data{Customers: has.Customers, Products: has.Products, Orders: has.Orders})
	if err != nil {
		return fmt.Errorf("open the demo's web shop: %w", err)
	}
	d.handler.Store(shop)
	return nil
}

// wrapped returns what the demo's web shop is asked through.
func (m *Main) wrapped(shop http.RoundTripper) http.RoundTripper {
	if m.overDemoShop == nil {
		return shop
	}
	return m.overDemoShop(shop)
}
