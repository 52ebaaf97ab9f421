package hook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/customer360/gateway/datasources/shops/internal/hook"
	"github.com/customer360/gateway/internal/crm"
)

var (
	now  = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	keyA = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the first secret of a shop, long"))
	keyB = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the other secret of a shop, long"))
)

const message = `{"type":"orders.changed","data":{"orders":["12","order_01"]}}`

// signed returns the header of a message as the specification's library signs it.
func signed(t *testing.T, key, id string, at time.Time, body string) http.Header {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(key)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := w.Sign(id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature},
	}
}

func TestStandard(t *testing.T) {
	both, err := hook.Standard(keyA + " " + keyB)
	if err != nil {
		t.Fatal(err)
	}
	one, err := hook.Standard(keyA)
	if err != nil {
		t.Fatal(err)
	}
	set := func(h http.Header, name, value string) http.Header {
		h.Set(name, value)
		return h
	}
	good := func() http.Header { return signed(t, keyA, "msg_1", now, message) }
	for name, c := range map[string]struct {
		prove  crm.Webhook
		header http.Header
		body   string
		code   crm.Code // "" is proven
	}{
		"the first key":        {both, good(), message, ""},
		"the other key":        {both, signed(t, keyB, "msg_1", now, message), message, ""},
		"the one key":          {one, good(), message, ""},
		"another's key":        {one, signed(t, keyB, "msg_1", now, message), message, crm.CodeUnauthenticated},
		"several signatures":   {one, set(good(), "Webhook-Signature", "v2,x v1,eA== "+good().Get("Webhook-Signature")), message, ""},
		"a version unknown":    {one, set(good(), "Webhook-Signature", strings.Replace(good().Get("Webhook-Signature"), "v1,", "v9,", 1)), message, crm.CodeUnauthenticated},
		"as old as may be":     {one, signed(t, keyA, "msg_1", now.Add(-5*time.Minute), message), message, ""},
		"too old":              {one, signed(t, keyA, "msg_1", now.Add(-5*time.Minute-time.Second), message), message, crm.CodeUnauthenticated},
		"of the future":        {one, signed(t, keyA, "msg_1", now.Add(5*time.Minute+time.Second), message), message, crm.CodeUnauthenticated},
		"another body":         {one, good(), strings.Replace(message, "12", "13", 1), crm.CodeUnauthenticated},
		"another id":           {one, set(good(), "Webhook-Id", "msg_2"), message, crm.CodeUnauthenticated},
		"another time":         {one, set(good(), "Webhook-Timestamp", "1772355601"), message, crm.CodeUnauthenticated},
		"a time that is none":  {one, set(good(), "Webhook-Timestamp", "soon"), message, crm.CodeUnauthenticated},
		"nothing":              {one, http.Header{}, message, crm.CodeUnauthenticated},
		"an id with a dot":     {one, signed(t, keyA, "msg.1", now, message), message, crm.CodeUnauthenticated},
		"no JSON":              {one, signed(t, keyA, "msg_1", now, "x"), "x", crm.CodeInvalid},
		"an order that's none": {one, signed(t, keyA, "msg_1", now, `{"data":{"orders":["a b"]}}`), `{"data":{"orders":["a b"]}}`, crm.CodeInvalid},
		"too many orders":      {one, signed(t, keyA, "msg_1", now, many(101)), many(101), crm.CodeInvalid},
	} {
		event, err := c.prove(c.header, []byte(c.body), now)
		if c.code != "" {
			if crm.CodeOf(err) != c.code || !cmp.Equal(event, crm.ShopEvent{}) {
				t.Errorf("%s: %v, %v; want %s", name, event, err, c.code)
			}
			continue
		}
		if err != nil || event.Delivery != "id:msg_1" || !cmp.Equal(event.OrderIDs, []string{"12", "order_01"}) ||
			event.Expires.Sub(now) > 5*time.Minute || event.Expires.Before(now) {
			t.Errorf("%s: %v, %v", name, event, err)
		}
	}
}

func many(n int) string {
	return `{"data":{"orders":["` + strings.Repeat(`1","`, n-1) + `1"]}}`
}

// A secret that is none is found when the gateway starts.
func TestSecrets(t *testing.T) {
	for _, secret := range []string{"", " ", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", keyA + " whsec_c2hvcnQ="} {
		if _, err := hook.Standard(secret); crm.CodeOf(err) != crm.CodeInvalid || strings.Contains(err.Error(), "c2hv") {
			t.Errorf("Standard(%q): %v", secret, err)
		}
	}
	for _, secrets := range [][]string{nil, {""}, {"0123456789abcdef", "short"}} {
		if _, err := hook.Keyed(secrets, "X-Signature", nil); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("Keyed(%q): %v", secrets, err)
		}
	}
}

func keyed(secret, body string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return http.Header{"X-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}, "X-Delivery": {"1"}}
}

// Who changes an unsigned header has the same delivery still.
func TestKeyed(t *testing.T) {
	ids := func(crm.WebhookHeader, []byte) ([]string, error) { return hook.Orders("5") }
	prove, err := hook.Keyed([]string{"0123456789abcdef", "fedcba9876543210"}, "X-Signature", ids)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, secret := range []string{"0123456789abcdef", "fedcba9876543210"} {
		header := keyed(secret, "{}")
		header.Set("X-Delivery", secret)
		event, err := prove(header, []byte("{}"), now)
		if err != nil || !event.Expires.IsZero() || !cmp.Equal(event.OrderIDs, []string{"5"}) {
			t.Errorf("%v, %v", event, err)
		}
		seen = append(seen, event.Delivery)
	}
	if seen[0] != seen[1] || seen[0] == "" {
		t.Errorf("deliveries %q, want the same", seen)
	}
	other, err := prove(keyed("0123456789abcdef", "{ }"), []byte("{ }"), now)
	if err != nil || other.Delivery == seen[0] {
		t.Errorf("another body: %v, %v", other, err)
	}
	for name, header := range map[string]http.Header{
		"another's": keyed("0123456789abcdeg", "{}"), "none": {}, "another body's": keyed("0123456789abcdef", "{} "),
		"no base64": {"X-Signature": {"%%%"}}, "empty": {"X-Signature": {""}},
	} {
		if _, err := prove(header, []byte("{}"), now); crm.CodeOf(err) != crm.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzStandard(f *testing.F) {
	prove, err := hook.Standard(keyA)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("msg_1", "1772355600", "v1,abc", []byte(message))
	f.Add("", "-1", " , ,v1,", []byte("{"))
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte) {
		header := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {signature}}
		if _, err := prove(header, body, now); crm.CodeOf(err) != crm.CodeUnauthenticated {
			t.Errorf("let in by %q: %v", signature, err)
		}
		w, err := standardwebhooks.NewWebhook(keyA)
		if err != nil {
			t.Fatal(err)
		}
		proper, err := w.Sign(id, now, body)
		if err != nil {
			t.Fatal(err)
		}
		header = http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {proper}}
		event, err := prove(header, body, now)
		if err == nil && len(event.OrderIDs) > crm.MaxEventOrders {
			t.Errorf("%d orders", len(event.OrderIDs))
		}
	})
}
