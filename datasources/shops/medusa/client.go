package medusa

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// keysPerCall keeps the address of a request, with its fields, below the 16 kB
// that Node takes.
const keysPerCall = 100

// Config describes a shop.
type Config struct {
	// Source is the shop's name among the sources.
	Source string
	// URL is the backend's address, without /admin.
	URL string
	// Credentials are a secret key, "sk_…", or "Bearer " and a user's JWT.
	Credentials string
	// MaxBytes bounds an answer after decompression; 0 is upstream's default.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Transport makes the connections; nil is one of the client's own.
	Transport http.RoundTripper
}

// Shop is a Medusa shop. Its methods may be called at once from any number of
// goroutines.
type Shop struct {
	source string
	client *upstream.Client
	nested string // the fields of orders within their customer
}

var _ crm.Shop = (*Shop)(nil)

// New makes the port of a shop. It asks nothing. A configuration that cannot be
// right is CodeInvalid.
func New(c Config) (*Shop, error) {
	if !crm.ValidSource(c.Source) || c.Source == crm.SourceStore {
		return nil, crm.Invalid("a shop's name must be 1 to 64 of a-z, 0-9 and -, and not that of the store")
	}
	authorize, err := authorization(strings.TrimSpace(c.Credentials))
	if err != nil {
		return nil, err
	}
	client, err := upstream.New(upstream.Options{
		Source: c.Source, URL: c.URL, MaxBytes: c.MaxBytes,
		Observe: c.Observe, Transport: c.Transport, Authorize: authorize,
	})
	if err != nil {
		return nil, err
	}
	nested := "id,email,orders." + strings.ReplaceAll(orderFields, ",", ",orders.")
	return &Shop{source: c.Source, client: client, nested: nested}, nil
}

// authorization returns what adds the credentials to a request.
func authorization(credentials string) (func(*http.Request), error) {
	if strings.ContainsAny(credentials, "\r\n") {
		return nil, crm.Invalid("a Medusa shop's credentials must be one line")
	}
	switch {
	case strings.HasPrefix(credentials, "sk_"):
		return func(r *http.Request) { r.SetBasicAuth(credentials, "") }, nil
	case strings.HasPrefix(credentials, "Bearer ") && len(credentials) > len("Bearer "):
		return func(r *http.Request) { r.Header.Set("Authorization", credentials) }, nil
	}
	return nil, crm.Invalid(`a Medusa shop's credentials must be a secret key, sk_…, or "Bearer " and a JWT`)
}

// Close lets go of the connections that nobody uses.
func (s *Shop) Close() { s.client.Close() }

// Source is the name of the shop among the sources.
func (s *Shop) Source() string { return s.source }

// Capabilities bounds the keys of a call; the Admin API has no carts.
func (s *Shop) Capabilities() crm.Capabilities {
	return crm.Capabilities{
		ShoppersPerCall: keysPerCall, OrdersPerCall: keysPerCall, ProductsPerCall: keysPerCall, NoCarts: true,
	}
}

// Check asks for one record of each kind that is read. Medusa's keys may read
// all, unless the shop has roles of its own: what those refuse is missing.
func (s *Shop) Check(ctx context.Context) ([]string, error) {
	missing := []string{}
	for _, kind := range []string{"customers", "orders", "products", "payments"} {
		var ignored struct{}
		err := s.get(ctx, "Check", "/admin/"+kind, url.Values{"limit": {"1"}, "fields": {"id"}}, &ignored)
		switch {
		case err == nil:
		case crm.CodeOf(err) == crm.CodeForbidden:
			missing = append(missing, kind+":read")
		default:
			return missing, err
		}
	}
	return missing, nil
}

// get asks for a path and decodes the answer.
func (s *Shop) get(ctx context.Context, call, path string, query url.Values, into any) error {
	_, err := s.client.Get(ctx, call, path, query, into)
	return s.translate(call, err)
}

// translate returns the port's error of a failed request: that a path is unknown,
// or a request refused, says that this is not the Medusa that is known here.
func (s *Shop) translate(call string, err error) error {
	var known *crm.Error
	if errors.As(err, &known) && (known.Code == crm.CodeNotFound || known.Code == crm.CodeInternal) {
		return s.client.Failed(crm.CodeUnavailable, call, known.Err)
	}
	return err
}

// nonsense is the error of an answer that cannot be understood.
func (s *Shop) nonsense(call string, cause error) error {
	return s.client.Failed(crm.CodeUnavailable, call, cause)
}
