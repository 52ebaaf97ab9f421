package shopify

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// Limits of one call.
const (
	shoppersPerCall = 20
	ordersPerCall   = 100
	productsPerCall = productsPage
)

// endpoint is the API's place below the shop's address.
const endpoint = "/admin/api/2026-07/graphql.json"

// Config describes a shop.
type Config struct {
	// Source is the shop's name among the sources.
	Source string
	// URL is the shop's address, such as https://my-shop.myshopify.com.
	URL string
	// Credentials is the access token of the app for the Admin API.
	Credentials string
	// MaxBytes bounds an answer after decompression; 0 is upstream's default.
	MaxBytes int64
	// Observe is told of each HTTP request, by the operation's name; nil tells nobody.
	Observe func(call string)
	// Transport makes the connections; nil is one of the client's own.
	Transport http.RoundTripper
}

// Shop is a shop on Shopify. Its methods may be called at once from any number of
// goroutines.
type Shop struct {
	source string
	client *upstream.Client
	bucket *bucket
}

var _ crm.Shop = (*Shop)(nil)

// New makes a shop. It makes no call. A configuration that makes no sense is
// CodeInvalid.
func New(c Config) (*Shop, error) {
	token := strings.TrimSpace(c.Credentials)
	switch {
	case !crm.ValidSource(c.Source):
		return nil, crm.Invalid("a shop's name must be 1 to 64 of a-z, 0-9 and -")
	case token == "" || strings.ContainsAny(token, "\r\n"):
		return nil, crm.Invalid("a Shopify shop needs an access token, one line")
	}
	client, err := upstream.New(upstream.Options{
		Source: c.Source, URL: c.URL, MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
		Authorize: func(r *http.Request) { r.Header.Set("X-Shopify-Access-Token", token) },
	})
	if err != nil {
		return nil, err
	}
	return &Shop{source: c.Source, client: client, bucket: &bucket{clock: realClock()}}, nil
}

// Source returns the shop's name.
func (s *Shop) Source() string { return s.source }

// Capabilities says what Shopify can do.
func (s *Shop) Capabilities() crm.Capabilities {
	return crm.Capabilities{
		ShoppersPerCall: shoppersPerCall, OrdersPerCall: ordersPerCall, ProductsPerCall: productsPerCall,
	}
}

// Close lets go of the connections that nobody uses.
func (s *Shop) Close() { s.client.Close() }

// scopes are the permissions that the adapter needs, in Shopify's words.
// read_all_orders is for orders older than 60 days, read_returns for returns.
func scopes() []string {
	return []string{"read_all_orders", "read_customers", "read_orders", "read_products", "read_returns"}
}

// Check asks which permissions the app was given.
func (s *Shop) Check(ctx context.Context) ([]string, error) {
	answer, err := admin.Installation(ctx, s.at(installationCost))
	if err != nil {
		return nil, err
	}
	granted := make([]string, 0, len(answer.CurrentAppInstallation.AccessScopes))
	for _, scope := range answer.CurrentAppInstallation.AccessScopes {
		granted = append(granted, scope.Handle)
	}
	missing := []string{}
	for _, scope := range scopes() {
		// The permission to write includes reading.
		if !slices.Contains(granted, scope) && !slices.Contains(granted, "write_"+strings.TrimPrefix(scope, "read_")) {
			missing = append(missing, scope)
		}
	}
	return missing, nil
}

// noSense is the error of an answer that cannot be used.
func (s *Shop) noSense(op, why string) error {
	return s.client.Failed(crm.CodeUnavailable, op, errors.New(why))
}
