package woocommerce

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

const (
	root    = "/wp-json/wc/v3/"
	perPage = 100 // WooCommerce's own bound
)

// Config describes a shop.
type Config struct {
	// Source is the shop's name among the sources.
	Source string
	// URL is the site's address; https, or http on this machine alone.
	URL string
	// Credentials are "ck_…:cs_…", a consumer key that may read and its secret.
	Credentials string
	// MaxBytes bounds an answer after decompression; 0 is upstream's default.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Transport makes the connections; nil is one of the client's own.
	Transport http.RoundTripper
}

// Shop is a WooCommerce shop. Its methods may be called at once from any number
// of goroutines.
type Shop struct {
	source string
	client *upstream.Client
}

var _ crm.Shop = (*Shop)(nil)

// New makes the port of a shop. It asks nothing. A configuration that cannot be
// right is CodeInvalid.
func New(c Config) (*Shop, error) {
	if !crm.ValidSource(c.Source) {
		return nil, crm.Invalid("a shop's name must be 1 to 64 of a-z, 0-9 and -")
	}
	base, err := upstream.ParseURL(c.URL)
	if err != nil {
		return nil, err
	}
	if base.Scheme == "http" && !loopback(base.Hostname()) {
		return nil, crm.Invalid("a WooCommerce shop's url must be https: its key goes with every request")
	}
	key, secret, ok := strings.Cut(strings.TrimSpace(c.Credentials), ":")
	if !ok || !strings.HasPrefix(key, "ck_") || !strings.HasPrefix(secret, "cs_") {
		return nil, crm.Invalid("a WooCommerce shop's credentials must be a consumer key and its secret, ck_…:cs_…")
	}
	client, err := upstream.New(upstream.Options{
		Source: c.Source, URL: c.URL, MaxBytes: c.MaxBytes, Observe: c.Observe, Transport: c.Transport,
		Authorize: func(r *http.Request) { r.SetBasicAuth(key, secret) },
	})
	if err != nil {
		return nil, err
	}
	return &Shop{source: c.Source, client: client}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close lets go of the connections that nobody uses.
func (s *Shop) Close() { s.client.Close() }

// Source is the name of the shop among the sources.
func (s *Shop) Source() string { return s.source }

// Capabilities says that a shop takes one shopper a call and has no carts.
func (s *Shop) Capabilities() crm.Capabilities {
	return crm.Capabilities{ShoppersPerCall: 1, OrdersPerCall: perPage, ProductsPerCall: 50, NoCarts: true}
}

// get asks for a path and decodes the answer.
func (s *Shop) get(ctx context.Context, call, path string, query url.Values, into any) (http.Header, error) {
	header, err := s.client.Get(ctx, call, root+path, query, into)
	return header, s.translate(call, err)
}

// list asks for a page of a list; total is how many entries all pages have, -1 if
// the shop does not say.
func (s *Shop) list(ctx context.Context, call, path string, query url.Values, into any) (total int, header http.Header, err error) {
	header, err = s.get(ctx, call, path, query, into)
	if err != nil {
		return 0, nil, err
	}
	total, err = strconv.Atoi(header.Get("X-WP-Total"))
	if err != nil || total < 0 {
		total = -1
	}
	return total, header, nil
}

// translate returns an error one of the port's codes. A path that is not there
// means that this is no WooCommerce of a version that has it, and a refused
// parameter the same.
func (s *Shop) translate(call string, err error) error {
	var known *crm.Error
	if err == nil || !errors.As(err, &known) {
		return err
	}
	switch known.Code {
	case crm.CodeNotFound, crm.CodeInternal:
		return s.client.Failed(crm.CodeUnavailable, call, known)
	default:
		return err
	}
}

// nonsense is the error of an answer that cannot be read.
func (s *Shop) nonsense(call string, cause error) error {
	return s.client.Failed(crm.CodeUnavailable, call, cause)
}

// unsupported is the error of what the API cannot do.
func (s *Shop) unsupported(call string) error {
	return s.client.Failed(crm.CodeUnsupported, call, nil)
}

// Check reads a little of everything that the gateway reads. WooCommerce answers
// 403 where the key's user lacks a right, and 401 everywhere if it does not know
// the key or if the key may not read.
func (s *Shop) Check(ctx context.Context) ([]string, error) {
	missing := []string{}
	var refused error
	probes := []struct {
		path, right string
		query       url.Values
	}{
		// Sorting by change is what older versions refuse.
		{"orders", "read orders", url.Values{"orderby": {"modified"}, "_fields": {"id"}}},
		{"customers", "read customers", url.Values{"_fields": {"id"}, "role": {"all"}}},
		{"products", "read products", url.Values{"_fields": {"id"}}},
		{"data/currencies/current", "read settings (the currency)", url.Values{}},
	}
	for _, p := range probes {
		p.query.Set("per_page", "1")
		var ignored any
		_, err := s.get(ctx, "check", p.path, p.query, &ignored)
		switch code := crm.CodeOf(err); {
		case err == nil:
		case code == crm.CodeForbidden, code == crm.CodeUnauthenticated:
			missing = append(missing, p.right)
			if code == crm.CodeUnauthenticated {
				refused = err
			}
		default:
			return nil, err
		}
	}
	if refused != nil && len(missing) == len(probes) {
		return nil, refused
	}
	return missing, nil
}
