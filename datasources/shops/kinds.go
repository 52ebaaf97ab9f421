package shops

import (
	"maps"
	"slices"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/datasources/shops/woocommerce"
	"github.com/customer360/gateway/internal/crm"
)

// kind is what an adapter offers.
type kind struct {
	open func(c Config) (crm.Shop, error)
	// webhook proves what the shop sends, with a secret.
	webhook func(secret string) (crm.Webhook, error)
}

// kinds returns the adapters by the name of their kind.
func kinds() map[string]kind {
	return map[string]kind{
		"vendure": {
			webhook: vendure.NewWebhook,
			open: func(c Config) (crm.Shop, error) {
				return vendure.New(vendure.Config{
					Source: c.Source, URL: c.URL, Credentials: c.Credentials,
					MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
				})
			},
		},
		"medusa": {
			webhook: medusa.NewWebhook,
			open: func(c Config) (crm.Shop, error) {
				return medusa.New(medusa.Config{
					Source: c.Source, URL: c.URL, Credentials: c.Credentials,
					MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
				})
			},
		},
		"shopify": {
			webhook: shopify.NewWebhook,
			open: func(c Config) (crm.Shop, error) {
				return shopify.New(shopify.Config{
					Source: c.Source, URL: c.URL, Credentials: c.Credentials,
					MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
				})
			},
		},
		"woocommerce": {
			webhook: woocommerce.NewWebhook,
			open: func(c Config) (crm.Shop, error) {
				return woocommerce.New(woocommerce.Config{
					Source: c.Source, URL: c.URL, Credentials: c.Credentials,
					MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
				})
			},
		},
	}
}

// Kinds lists the kinds of shop, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds())) }
