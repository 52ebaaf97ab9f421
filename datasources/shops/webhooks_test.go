package shops_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/internal/crm"
)

// Both kinds take a message as docs/webhooks.md lets the shop send it.
func TestStandardWebhooks(t *testing.T) {
	for kind, newWebhook := range map[string]func(secret string) (crm.Webhook, error){
		"medusa": medusa.NewWebhook, "vendure": vendure.NewWebhook,
	} {
		t.Run(kind, func(t *testing.T) { testStandardWebhook(t, newWebhook) })
	}
}

func testStandardWebhook(t *testing.T, newWebhook func(secret string) (crm.Webhook, error)) {
	t.Helper()
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of this test, long enough"))
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	prove, err := newWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"orders.changed","timestamp":"2026-03-01T09:00:00.000Z","data":{"orders":["order_01H"]}}`)
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign("msg_1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{
		"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {signature},
	}
	event, err := prove(header, body, now.Add(time.Minute))
	want := crm.ShopEvent{Delivery: "id:msg_1", Expires: now.Add(5 * time.Minute), OrderIDs: []string{"order_01H"}}
	if diff := cmp.Diff(want, event); diff != "" || err != nil {
		t.Errorf("%v, event (-want +got):\n%s", err, diff)
	}
	if _, err := prove(header, append(body, ' '), now); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("another body: %v", err)
	}
	if _, err := newWebhook("secret"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a secret that is none: %v", err)
	}
}
