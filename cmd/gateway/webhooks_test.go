package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
)

const webhookSecret = "canary-secret-of-24-bytes"

// deliver sends what WooCommerce sends of an order, and gives the status.
func deliver(t *testing.T, s served, source, secret, body string) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, body)
	url := strings.Replace(s.graphql, "/graphql", "/webhooks/"+source, 1)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-WC-Webhook-Topic", "order.created")
	request.Header.Set("X-WC-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// An order that the shop tells of is in the graph at once: a live shop's though
// answers are kept, a synchronized one's though no synchronization is due.
func TestWebhooks(t *testing.T) {
	for _, mode := range []string{"live", "synced", "both"} {
		t.Run(mode, func(t *testing.T) {
			shop, url := woo(t, wooOrder(101, 1, "ann@example.test"))
			settings, environ := configure(t, []configured{{"woo", "woocommerce", url}, {"silent", "woocommerce", url}}, "store:", "  url: "+stocked(t))
			edit(t, settings, "    kind: woocommerce\n", "    kind: woocommerce\n    cache_ttl: 1h\n    breaker_calls: 1000\n    mode: "+mode+"\n")
			environ = append(environ, "GATEWAY_SHOPS_WOO_WEBHOOK_SECRET="+webhookSecret)
			s := serve(t, environ, "serve", "--config", settings)
			fetch(t, s.graphql, history)
			shop.Update(func(d *woocommercetest.Data) { d.Orders = append(d.Orders, wooOrder(102, 2, "ann@example.test")) })
			if _, answer := fetch(t, s.graphql, history); strings.Contains(answer, `"ord_woo.102"`) {
				t.Fatalf("the order is there before the shop told of it: %s", answer)
			}
			for _, refused := range []struct{ source, secret string }{{"woo", "another-secret-of-24-byte"}, {"silent", webhookSecret}, {"nobody", webhookSecret}} {
				if status := deliver(t, s, refused.source, refused.secret, `{"id": 102}`); status != http.StatusUnauthorized {
					t.Errorf("%+v: status %d", refused, status)
				}
			}
			if _, answer := fetch(t, s.graphql, history); strings.Contains(answer, `"ord_woo.102"`) {
				t.Errorf("a delivery that was refused counts: %s", answer)
			}
			if status := deliver(t, s, "woo", webhookSecret, `{"id": 102}`); status != http.StatusOK {
				t.Errorf("status %d, log:\n%s", status, s.log)
			}
			if _, answer := fetch(t, s.graphql, history); !strings.Contains(answer, `"ord_woo.102"`) {
				t.Errorf("the order is not there: %s", answer)
			}
			// A shop that cannot be asked again is told to send it again.
			shop.Update(func(d *woocommercetest.Data) { d.Orders[1]["total"] = "99.00" })
			shop.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			})
			if status := deliver(t, s, "woo", webhookSecret, `{"id": 102, "total": "99.00"}`); status != http.StatusServiceUnavailable {
				t.Errorf("while the shop fails: status %d", status)
			}
			shop.Intercept(nil)
			if status := deliver(t, s, "woo", webhookSecret, `{"id": 102, "total": "99.00"}`); status != http.StatusOK {
				t.Errorf("again: status %d, log:\n%s", status, s.log)
			}
			if _, answer := fetch(t, s.graphql, history); !strings.Contains(answer, `{"id":"ord_woo.102","total":{"amount":"99.00"}}`) {
				t.Errorf("the order is as it was: %s", answer)
			}
			if code := s.end(); code != 0 || strings.Contains(s.log.String(), "canary") {
				t.Errorf("exit code %d, log:\n%s", code, s.log)
			}
		})
	}
}

// Without a secret there is no route.
func TestNoWebhooks(t *testing.T) {
	_, url := woo(t)
	settings, environ := configure(t, []configured{{"woo", "woocommerce", url}}, "store:", "  url: "+stocked(t))
	s := serve(t, environ, "serve", "--config", settings)
	if status := deliver(t, s, "woo", "", `{"id": 102}`); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
}
