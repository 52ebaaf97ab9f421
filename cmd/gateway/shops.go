package main

import (
	"errors"
	"net/http"

	"github.com/customer360/gateway/datasources/shops"
	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
)

// buildShops makes the configured shops. calls gives who is told of a source's
// calls, and events is told of what the guards do; nil tells nobody. over makes
// the connections to a shop, by its name; a pool of its own does to any other.
// What a shop cannot be made of is a mistake in the settings.
func buildShops(
	list []config.Shop, calls func(source string) func(call string), events crm.ShopObserver, over map[string]http.RoundTripper,
) (*shops.Shops, error) {
	configs := make([]shops.Config, len(list))
	for i, s := range list {
		configs[i] = shops.Config{
			Kind: string(s.Kind), Source: s.Name, URL: s.URL, Credentials: s.Credentials.Reveal(),
			WebhookSecret: s.WebhookSecret.Reveal(), Guard: guardOf(s), MaxBytes: int64(s.MaxAnswerBytes), Observe: calls(s.Name),
			Events: events, Transport: over[s.Name],
		}
	}
	built, err := shops.Build(configs)
	if err == nil {
		return built, nil
	}
	var known *crm.Error
	if errors.As(err, &known) && known.Code == crm.CodeInvalid {
		return nil, usage("shop %s: %s", known.Source, known.Message)
	}
	return nil, err
}

// guardOf returns how a shop is guarded: what is configured, and the defaults of what
// is not to be.
func guardOf(s config.Shop) guard.Settings {
	g := guard.Default()
	g.Timeout, g.SyncTimeout = s.Timeout, s.SyncTimeout
	g.Concurrency, g.Rate, g.Retries = s.Concurrency, s.Rate, s.Retries
	g.BreakerCalls, g.BreakerDelay = s.BreakerCalls, s.BreakerDelay
	g.CacheTTL, g.StaleFor = s.CacheTTL, s.StaleFor
	return g
}
