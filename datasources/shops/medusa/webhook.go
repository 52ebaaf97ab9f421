package medusa

import (
	"encoding/json"
	"strings"
)

// OrderOfEvent gives the order that an event of Medusa's is about, by the shop's
// own id; ok is false if it is about none. Medusa sends no webhooks itself: a
// shop's subscriber sends on what its event bus tells, {"name", "data"}, whose
// data have the order as "id" (order.*) or "order_id" (the others). What came
// from elsewhere must be proven before this is asked.
func OrderOfEvent(body []byte) (id string, ok bool) {
	var event struct {
		Name string `json:"name"`
		Data struct {
			ID      string `json:"id"`
			OrderID string `json:"order_id"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &event) != nil {
		return "", false
	}
	id = event.Data.OrderID
	if id == "" && strings.HasPrefix(event.Name, "order.") {
		id = event.Data.ID
	}
	return id, strings.HasPrefix(id, "order_") && len(id) <= 128
}
