package oidc_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access/oidc"
)

// Addresses of the fake provider.
const (
	discoveryURL = staffIssuer + "/.well-known/openid-configuration"
	jwksURL      = "https://keys.example/jwks"
)

// provider answers for an issuer, without a network: so that synctest has its time.
type provider struct {
	mu      sync.Mutex
	answers map[string]answer
	asked   map[string]int
	down    bool
	slow    time.Duration // how long it takes to answer
	atOnce  int           // requests being answered
	most    int           // the most of them at once
}

type answer struct {
	status            int // 0 is 200
	body, control, to string
}

// newProvider makes a provider that has a discovery document and a JWKS.
func newProvider(keys []byte) *provider {
	return &provider{asked: map[string]int{}, answers: map[string]answer{
		discoveryURL: {body: `{"issuer":"` + staffIssuer + `","jwks_uri":"` + jwksURL + `"}`},
		jwksURL:      {body: string(keys)},
	}}
}

func (p *provider) set(url string, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[url] = a
}

func (p *provider) fail(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *provider) count(url string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[url]
}

var errDown = errors.New("connection refused")

// RoundTrip answers a request.
func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked[r.URL.String()]++
	p.atOnce++
	p.most = max(p.most, p.atOnce)
	a, there := p.answers[r.URL.String()]
	down, slow := p.down, p.slow
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.atOnce--
	}()
	select {
	case <-time.After(slow):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if down {
		return nil, errDown
	}
	w := &http.Response{
		StatusCode: max(a.status, http.StatusOK), Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(a.body)),
	}
	if !there {
		w.StatusCode = http.StatusNotFound
	}
	if a.control != "" {
		w.Header.Set("Cache-Control", a.control)
	}
	if a.to != "" {
		w.Header.Set("Location", a.to)
	}
	return w, nil
}

// remote is a verifier that asks the provider for staff's keys.
func remote(tb testing.TB, p *provider) *oidc.Verifier {
	tb.Helper()
	return newVerifier(tb, oidc.Config{Issuers: []oidc.Issuer{staff(nil)}, Transport: p})
}
