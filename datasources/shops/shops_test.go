package shops_test

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/shops"
	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// credentials of each kind, as its adapter takes them.
func credentials() map[string]string {
	return map[string]string{"vendure": "lookup:secret", "medusa": "sk_1", "shopify": "shpat_1", "woocommerce": "ck_1:cs_1"}
}

// Every kind that can be configured can be built, and no other.
func TestKindsAreTheConfigured(t *testing.T) {
	var configured []string
	for _, kind := range config.ShopKinds() {
		configured = append(configured, string(kind))
	}
	slices.Sort(configured)
	if diff := cmp.Diff(configured, shops.Kinds()); diff != "" {
		t.Errorf("(-configured +built):\n%s", diff)
	}
}

// Every shop asks its own server with its own credentials, tells its own
// observer, and is guarded; the plain one is not.
func TestBuild(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") == "" && r.Header.Get("vendure-api-key") == "" && r.Header.Get("X-Shopify-Access-Token") == "" {
			t.Errorf("%s has no credentials", r.URL.Path)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	var list []shops.Config
	var want []string
	calls := map[string]*atomic.Int64{}
	for _, kind := range shops.Kinds() {
		for _, number := range []string{"-1", "-2"} {
			source := kind + number
			counter := &atomic.Int64{}
			calls[source] = counter
			want = append(want, source)
			list = append(list, shops.Config{
				Kind: kind, Source: source, URL: server.URL, Credentials: credentials()[kind],
				Guard: guard.Settings{Retries: 1, RetryFloor: 10}, Observe: func(string) { counter.Add(1) },
			})
		}
	}
	built, err := shops.Build(list)
	if err != nil {
		t.Fatal(err)
	}
	defer built.Close()
	if n := asked.Load(); n != 0 {
		t.Errorf("building made %d calls", n)
	}
	var plain, guarded []string
	for i, shop := range built.Plain() {
		plain = append(plain, shop.Source())
		guarded = append(guarded, built.Guarded()[i].Source())
		if _, err := shop.OrdersByID(t.Context(), []string{"1"}); crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("%s: %v", shop.Source(), err)
		}
		once := calls[shop.Source()].Swap(0)
		if _, err := built.Guarded()[i].Under("").OrdersByID(t.Context(), []string{"1"}); crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("%s, guarded: %v", shop.Source(), err)
		}
		if n := calls[shop.Source()].Load(); once != 1 || n != 2 {
			t.Errorf("%s: %d calls, with one retry %d; want 1 and 2", shop.Source(), once, n)
		}
	}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("plain (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, guarded); diff != "" {
		t.Errorf("guarded (-want +got):\n%s", diff)
	}
}

// A mistake says which shop it is in and repeats nothing.
func TestBuildMistakes(t *testing.T) {
	good := shops.Config{Kind: "medusa", Source: "good", URL: "https://a.example", Credentials: "sk_1"}
	for name, bad := range map[string]shops.Config{
		"kind":        {Kind: "magento", Source: "bad", URL: "https://canary.example", Credentials: "sk_canary"},
		"url":         {Kind: "medusa", Source: "bad", URL: "ftp://canary.example", Credentials: "sk_canary"},
		"user":        {Kind: "medusa", Source: "bad", URL: "https://u:canary@b.example", Credentials: "sk_canary"},
		"vendure":     {Kind: "vendure", Source: "bad", URL: "https://b.example", Credentials: "canary"},
		"medusa":      {Kind: "medusa", Source: "bad", URL: "https://b.example", Credentials: "canary"},
		"shopify":     {Kind: "shopify", Source: "bad", URL: "https://b.example", Credentials: "canary\r\nX: y"},
		"woocommerce": {Kind: "woocommerce", Source: "bad", URL: "https://b.example", Credentials: "canary"},
		"secret":      {Kind: "medusa", Source: "bad", URL: "https://b.example", Credentials: "sk_1", WebhookSecret: "canary"},
	} {
		_, err := shops.Build([]shops.Config{good, bad})
		var known *crm.Error
		if !errors.As(err, &known) || known.Code != crm.CodeInvalid || known.Source != "bad" || known.Message == "" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, source := range []string{"", "store", "A", "a b"} {
		bad := good
		bad.Source = source
		if _, err := shops.Build([]shops.Config{bad}); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%q: %v", source, err)
		}
	}
	if _, err := shops.Build([]shops.Config{good, good}); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a name twice: %v", err)
	}
}

// Who has a secret has its webhooks proven by it, and nobody else.
func TestWebhooks(t *testing.T) {
	secrets := map[string]string{
		"vendure": "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24)), "medusa": "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24)),
		"shopify": "0123456789abcdef0123", "woocommerce": "0123456789abcdef 0123",
	}
	list := []shops.Config{{Kind: "medusa", Source: "without", URL: "https://a.example", Credentials: "sk_1"}}
	for _, kind := range shops.Kinds() {
		list = append(list, shops.Config{Kind: kind, Source: kind, URL: "https://a.example", Credentials: credentials()[kind], WebhookSecret: secrets[kind]})
	}
	built, err := shops.Build(list)
	if err != nil {
		t.Fatal(err)
	}
	defer built.Close()
	proofs := built.Webhooks()
	if diff := cmp.Diff(shops.Kinds(), slices.Sorted(maps.Keys(proofs))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for source, prove := range proofs {
		if _, err := prove(http.Header{}, []byte("{}"), time.Now()); crm.CodeOf(err) != crm.CodeUnauthenticated {
			t.Errorf("%s takes what is not signed: %v", source, err)
		}
	}
}

// transport answers without a network.
type transport struct{ closed bool }

func (*transport) RoundTrip(*http.Request) (*http.Response, error) { return nil, context.Canceled }
func (t *transport) CloseIdleConnections()                         { t.closed = true }

// Close lets go of every shop's connections.
func TestClose(t *testing.T) {
	var list []shops.Config
	pools := map[string]*transport{}
	for _, kind := range shops.Kinds() {
		pools[kind] = &transport{}
		list = append(list, shops.Config{Kind: kind, Source: kind, URL: "https://a.example", Credentials: credentials()[kind], Transport: pools[kind]})
	}
	built, err := shops.Build(list)
	if err != nil {
		t.Fatal(err)
	}
	built.Close()
	for kind, pool := range pools {
		if !pool.closed {
			t.Errorf("the connections of %s are kept", kind)
		}
	}
}
