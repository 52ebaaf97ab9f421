package shopify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

// webhookHeader signs a body as the shop does.
func webhookHeader(secret, topic, body string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	header := http.Header{}
	header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	header.Set("X-Shopify-Topic", topic)
	return header
}

func TestWebhook(t *testing.T) {
	const secret = "hush-0123456789abcdef"
	prove, err := shopify.NewWebhook(secret + " an-older-0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		topic, body string
		orders      []string
		code        crm.Code
	}{
		{"orders/create", `{"id":820982911946154508,"email":"a@example.test"}`, []string{"820982911946154508"}, ""},
		{"orders/edited", `{"order_edit":{"id":78,"order_id":1001}}`, []string{"1001"}, ""},
		{"refunds/create", `{"id":9,"order_id":1002}`, []string{"1002"}, ""},
		{"fulfillments/update", `{"id":9,"order_id":1003}`, []string{"1003"}, ""},
		{"order_transactions/create", `{"id":9,"order_id":1004}`, []string{"1004"}, ""},
		{"products/update", `{"id":9}`, nil, ""},
		{"customers/redact", `x`, nil, ""},
		{"orders/create", `{"id":null}`, nil, crm.CodeInvalid},
		{"orders/create", `{"id":-1}`, nil, crm.CodeInvalid},
		{"orders/create", `{"id":1.5}`, nil, crm.CodeInvalid},
		{"refunds/create", `{"id":9}`, nil, crm.CodeInvalid},
		{"orders/create", `[`, nil, crm.CodeInvalid},
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
	header := webhookHeader(secret, "orders/create", `{"id":1}`)
	if _, err := prove(header, []byte(`{"id":2}`), time.Time{}); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("another body: %v", err)
	}
	if _, err := prove(http.Header{}, []byte(`{"id":1}`), time.Time{}); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("no signature: %v", err)
	}
	if _, err := shopify.NewWebhook("short"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a secret that is none: %v", err)
	}
}
