package vendure

import (
	"github.com/customer360/gateway/datasources/shops/internal/hook"
	"github.com/customer360/gateway/internal/crm"
)

// NewWebhook proves webhooks by the Standard Webhooks specification. Vendure has
// none of its own: a plugin of a few lines sends them (docs/webhooks.md). secret is
// one secret or several with a space between, whsec_…; CodeInvalid if it cannot be one.
func NewWebhook(secret string) (crm.Webhook, error) { return hook.Standard(secret) }
