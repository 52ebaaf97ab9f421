package crm

import "time"

// ShopEvent is what a webhook of a shop says and what its signature proves: that
// something about these orders has changed. What else it says is not used; the
// shop is asked.
type ShopEvent struct {
	// Delivery is the same if and only if the shop sends the same again. It is
	// made of what the signature covers, so that nobody else can change it.
	Delivery string
	// Expires is until when the signature holds. A delivery whose signature holds
	// for ever has the zero time.
	Expires time.Time
	// OrderIDs are the shop's own ids, at most MaxEventOrders; none if the event is
	// about something else.
	OrderIDs []string
}

// MaxEventOrders bounds the orders of one event.
const MaxEventOrders = 100

// WebhookHeader is the header of a webhook's request; names are not compared by
// case.
type WebhookHeader interface {
	// Get returns a header's first value; "" for none.
	Get(name string) string
}

// Webhook proves what a shop sends: it checks the signature over the raw body, in
// constant time, and the time that is signed, if one is. CodeUnauthenticated if
// they are wrong, missing or too old, CodeInvalid if they are right and the body
// makes no sense nevertheless. It may be called at once from any number of
// goroutines.
type Webhook func(header WebhookHeader, body []byte, now time.Time) (ShopEvent, error)
