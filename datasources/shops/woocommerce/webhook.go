package woocommerce

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/hook"
	"github.com/customer360/gateway/internal/crm"
)

// NewWebhook proves WooCommerce's webhooks: an HMAC-SHA256 of the body, in
// X-WC-Webhook-Signature. WooCommerce signs no header: the delivery's id proves
// nothing, and there is no time. secret is the webhooks' one secret, which may have
// spaces in it; CodeInvalid if it cannot be a secret.
func NewWebhook(secret string) (crm.Webhook, error) {
	return hook.Keyed([]string{secret}, "X-WC-Webhook-Signature", webhookOrders)
}

// webhookOrders returns the order that a webhook is about: a deleted one's body has
// its id alone.
func webhookOrders(header crm.WebhookHeader, body []byte) ([]string, error) {
	if !strings.HasPrefix(header.Get("X-WC-Webhook-Topic"), "order.") {
		return nil, nil
	}
	var native struct {
		ID hook.Number `json:"id"`
	}
	if err := json.Unmarshal(body, &native); err != nil {
		return nil, errors.New("the body is not JSON of the documented form")
	}
	return hook.Orders(string(native.ID))
}
