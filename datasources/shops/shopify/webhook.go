package shopify

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/hook"
	"github.com/customer360/gateway/internal/crm"
)

// NewWebhook proves Shopify's webhooks: an HMAC-SHA256 of the body with the app's
// client secret, in X-Shopify-Hmac-Sha256. Shopify signs no header: neither the ids
// (X-Shopify-Webhook-Id, X-Shopify-Event-Id) nor the time (X-Shopify-Triggered-At),
// which stays that of the first attempt for hours of retries, prove anything, and
// the topic only says where in the body the order is. secret is one secret or, while
// they change, several with a space between; CodeInvalid if it cannot be one.
func NewWebhook(secret string) (crm.Webhook, error) {
	return hook.Keyed(strings.Fields(secret), "X-Shopify-Hmac-Sha256", webhookOrders)
}

// webhookOrders returns the order that a webhook is about: itself, or that of its
// refund, fulfillment, transaction or edit.
func webhookOrders(header crm.WebhookHeader, body []byte) ([]string, error) {
	var native struct {
		ID      hook.Number `json:"id"`
		OrderID hook.Number `json:"order_id"`
		Edit    struct {
			OrderID hook.Number `json:"order_id"`
		} `json:"order_edit"`
	}
	resource, event, _ := strings.Cut(header.Get("X-Shopify-Topic"), "/")
	var id *hook.Number
	switch resource {
	case "orders":
		if id = &native.ID; event == "edited" {
			id = &native.Edit.OrderID
		}
	case "refunds", "fulfillments", "order_transactions":
		id = &native.OrderID
	default:
		return nil, nil
	}
	if err := json.Unmarshal(body, &native); err != nil {
		return nil, errors.New("the body is not JSON of the documented form")
	}
	return hook.Orders(string(*id))
}
