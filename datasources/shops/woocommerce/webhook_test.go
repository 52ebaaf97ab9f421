package woocommerce_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/woocommerce"
	"github.com/customer360/gateway/internal/crm"
)

// webhookHeader signs a body as the shop does.
func webhookHeader(secret, topic, body string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	header := http.Header{}
	header.Set("X-WC-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	header.Set("X-WC-Webhook-Topic", topic)
	return header
}

func TestWebhook(t *testing.T) {
	const secret = "a secret with spaces in it"
	prove, err := woocommerce.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		topic, body string
		orders      []string
		code        crm.Code
	}{
		{"order.created", `{"id":727,"status":"processing","total":"1.00"}`, []string{"727"}, ""},
		{"order.updated", `{"id":727}`, []string{"727"}, ""},
		{"order.deleted", `{"id":"727"}`, []string{"727"}, ""},
		{"product.updated", `{"id":9}`, nil, ""},
		{"action.woocommerce_add_to_cart", `x`, nil, ""},
		{"order.updated", `{"id":0}`, nil, crm.CodeInvalid},
		{"order.updated", `{}`, nil, crm.CodeInvalid},
		{"order.updated", `[]`, nil, crm.CodeInvalid},
	} {
		event, err := prove(webhookHeader(secret, c.topic, c.body), []byte(c.body), time.Time{})
		if c.code != "" {
			if crm.CodeOf(err) != c.code {
				t.Errorf("%s %s: %v, want %s", c.topic, c.body, err, c.code)
			}
			continue
		}
		if diff := cmp.Diff(c.orders, event.OrderIDs); diff != "" || err != nil || event.Delivery == "" || !event.Expires.IsZero() {
			t.Errorf("%s %s: %v, %v, orders (-want +got):\n%s", c.topic, c.body, event, err, diff)
		}
	}
	header := webhookHeader(secret, "order.updated", `{"id":1}`)
	if _, err := prove(header, []byte(`{"id":2}`), time.Time{}); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("another body: %v", err)
	}
	if _, err := prove(http.Header{}, []byte(`{"id":1}`), time.Time{}); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("no signature: %v", err)
	}
	if _, err := woocommerce.NewWebhook("short"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a secret that is none: %v", err)
	}
}
