// Package hook proves that a webhook comes from a shop: by the Standard Webhooks
// specification (standardwebhooks.com), or by an HMAC over the body. The adapters
// know what the body says.
//
// Only the packages under datasources/shops may import it. It imports
// internal/crm.
package hook
