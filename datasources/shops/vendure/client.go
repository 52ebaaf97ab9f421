package vendure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// Overlap is how far before the last order placed OrderChanges ends, where Config
// does not say. Sixty days are enough for an order to be delivered (30 days,
// unless agreed otherwise), withdrawn from (14) and refunded (14) under the
// European Union's Directive 2011/83; whatever happens to it until then is seen.
const Overlap = 60 * 24 * time.Hour

// lateCommit is how long a change may take from the time it bears until it can be
// read: a transaction of the shop's.
const lateCommit = 10 * time.Minute

// Bounds of a request.
const (
	maxShoppers = 100
	maxKeys     = 500
	maxTake     = 1000 // Vendure's adminListQueryLimit, as it comes.
)

// adminPath is where Vendure has its Admin API, as it comes.
const adminPath = "/admin-api"

// Config describes a shop.
type Config struct {
	// Source is the shop's name among the sources.
	Source string
	// URL is the shop's address, such as https://shop.example.com; with a path, it
	// is the address of the Admin API itself.
	URL string
	// Credentials is an API key, "lookup:secret", or "Bearer " and a session's token.
	Credentials string
	// MaxBytes bounds an answer after decompression; 0 is upstream's default.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Transport makes the connections; nil is one of the shop's own.
	Transport http.RoundTripper
	// Overlap is how much of the orders' changes is read again; 0 is Overlap.
	Overlap time.Duration
}

// Shop is a Vendure shop. Its methods may be called at once from any number of
// goroutines.
type Shop struct {
	source  string
	path    string
	overlap time.Duration
	client  *upstream.Client
}

var _ crm.Shop = (*Shop)(nil)

// New makes a shop; it makes no call. What cannot be right in the configuration is
// CodeInvalid.
func New(c Config) (*Shop, error) {
	if !crm.ValidSource(c.Source) || c.Source == crm.SourceStore {
		return nil, crm.Invalid("a shop's name must be 1 to 64 of a-z, 0-9 and -, and not that of the store")
	}
	authorize, err := authorization(strings.TrimSpace(c.Credentials))
	if err != nil {
		return nil, err
	}
	base, err := upstream.ParseURL(c.URL)
	if err != nil {
		return nil, err
	}
	s := &Shop{source: c.Source, overlap: c.Overlap}
	if base.Path == "" {
		s.path = adminPath
	}
	if s.overlap == 0 {
		s.overlap = Overlap
	}
	s.client, err = upstream.New(upstream.Options{
		Source: c.Source, URL: c.URL, Authorize: authorize,
		MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// authorization returns what adds the credentials to a request.
func authorization(credentials string) (func(*http.Request), error) {
	header, value := "vendure-api-key", credentials
	if scheme, token, ok := strings.Cut(credentials, " "); ok {
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, errCredentials
		}
		header, value = "Authorization", "Bearer "+strings.TrimSpace(token)
	} else if lookup, secret, ok := strings.Cut(credentials, ":"); !ok || lookup == "" || secret == "" {
		return nil, errCredentials
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errCredentials
	}
	return func(r *http.Request) { r.Header.Set(header, value) }, nil
}

var errCredentials = crm.Invalid("the credentials of a Vendure shop must be an API key, lookup:secret, or Bearer and a token")

// Source returns the shop's name.
func (s *Shop) Source() string { return s.source }

// Close lets go of the connections that nobody uses.
func (s *Shop) Close() { s.client.Close() }

// Capabilities says that a hundred shoppers and five hundred orders or products
// fit one request.
func (s *Shop) Capabilities() crm.Capabilities {
	return crm.Capabilities{ShoppersPerCall: maxShoppers, OrdersPerCall: maxKeys, ProductsPerCall: maxKeys}
}

// answer is a GraphQL answer.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// ask sends one GraphQL document and decodes the answer's data. Vendure reports
// failures with status 200: an answer with any error is an error.
func (s *Shop) ask(ctx context.Context, call, document string, variables map[string]any, into any) (http.Header, error) {
	body := map[string]any{"query": document, "variables": variables}
	var a answer
	header, err := s.client.Post(ctx, call, s.path, body, &a)
	switch code := crm.CodeOf(err); {
	case err == nil:
	case errors.Is(err, context.Canceled), code != crm.CodeInternal && code != crm.CodeNotFound:
		return nil, err
	default: // A refused document, or no Admin API at this address.
		return nil, s.client.Failed(crm.CodeUnavailable, call, err)
	}
	if len(a.Errors) > 0 {
		first := a.Errors[0]
		return nil, s.client.Failed(codeOf(first.Extensions.Code), call, fmt.Errorf("vendure: %.64s", first.Extensions.Code))
	}
	if len(a.Data) == 0 || string(a.Data) == "null" {
		return nil, s.client.Failed(crm.CodeUnavailable, call, errors.New("vendure: an answer without data"))
	}
	if err := json.Unmarshal(a.Data, into); err != nil {
		return nil, s.client.Failed(crm.CodeUnavailable, call, err)
	}
	return header, nil
}

// codeOf returns the code of Vendure's word for a failure (extensions.code).
func codeOf(word string) crm.Code {
	switch word {
	case "FORBIDDEN": // Vendure says no other word for a bad key, either; see Check.
		return crm.CodeForbidden
	case "UNAUTHENTICATED", "UNAUTHORIZED":
		return crm.CodeUnauthenticated
	case "TOO_MANY_REQUESTS", "RATE_LIMITED", "THROTTLED":
		return crm.CodeRateLimited
	case "GRAPHQL_VALIDATION_FAILED": // A shop too old for a field that is asked for.
		return crm.CodeUnsupported
	default:
		return crm.CodeUnavailable
	}
}

// probes are the permissions and what needs them, a request each: of several
// refused root fields Vendure names one.
var probes = []struct{ permission, document string }{
	{"ReadCustomer", `query { customers(options: {take: 1}) { items { id } } }`},
	{"ReadOrder", `query { orders(options: {take: 1}) { items { id } } }`},
	{"ReadCatalog", `query { productVariants(options: {take: 1}) { items { id product { id } } } }`},
}

// Check asks for the channel and then for one record of each kind. Credentials
// that may not even see the channel are refused: CodeUnauthenticated.
func (s *Shop) Check(ctx context.Context) ([]string, error) {
	var channel any
	_, err := s.ask(ctx, "Check", `query { activeChannel { code } }`, nil, &channel)
	if isForbidden(err) {
		return nil, s.client.Failed(crm.CodeUnauthenticated, "Check", err)
	}
	if err != nil {
		return nil, err
	}
	missing := []string{}
	for _, p := range probes {
		var found any
		_, err := s.ask(ctx, "Check", p.document, nil, &found)
		switch {
		case isForbidden(err):
			missing = append(missing, p.permission)
		case err != nil:
			return nil, err
		}
	}
	return missing, nil
}

func isForbidden(err error) bool { return err != nil && crm.CodeOf(err) == crm.CodeForbidden }
