// Package webhooks takes the messages of shops that orders have changed, at POST
// /webhooks/{source}. It owns the route: how large a request may be, how it is
// answered, and that a delivery that comes twice counts once. It does not own
// signatures, which the shops' adapters check, nor what an update does. Of a body it
// uses the ids of the orders alone; the shop itself is then asked for them.
//
// A stranger learns nothing from the answers: a source that does not exist, one
// without a secret, a wrong signature and an old one are all answered with the same
// bytes, after the same kind of work. Logs and metrics hold nothing of a body.
//
// cmd/gateway may import it. It imports internal/crm.
package webhooks
