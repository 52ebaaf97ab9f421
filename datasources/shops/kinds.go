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

// constructor makes the adapter of a shop.
type constructor func(c Config) (crm.Shop, error)

// kinds gives the adapters by the name of their kind.
func kinds() map[string]constructor {
	return map[string]constructor{
		"vendure": func(c Config) (crm.Shop, error) {
			return vendure.New(vendure.Config{
				Source: c.Source, URL: c.URL, Credentials: c.Credentials,
				MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
			})
		},
		"medusa": func(c Config) (crm.Shop, error) {
			return medusa.New(medusa.Config{
				Source: c.Source, URL: c.URL, Credentials: c.Credentials,
				MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
			})
		},
		"shopify": func(c Config) (crm.Shop, error) {
			return shopify.New(shopify.Config{
				Source: c.Source, URL: c.URL, Credentials: c.Credentials,
				MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
			})
		},
		"woocommerce": func(c Config) (crm.Shop, error) {
			return woocommerce.New(woocommerce.Config{
				Source: c.Source, URL: c.URL, Credentials: c.Credentials,
				MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
			})
		},
	}
}

// Kinds lists the kinds of shop, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds())) }
