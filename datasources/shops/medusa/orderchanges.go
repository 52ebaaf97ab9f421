package medusa

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// progress is how far the orders and the payments have been read, beside the
// Mark's time, which is that of the orders.
type progress struct {
	After         string    `json:"after,omitempty"` // the last order of the Mark's millisecond
	Payments      time.Time `json:"payments"`
	PaymentsAfter string    `json:"paymentsAfter,omitempty"`
	// AtPayments says that the orders have been read to their end and the payments
	// come next.
	AtPayments bool `json:"atPayments,omitempty"`
}

// OrderChanges reads the orders by updated_at and then those whose payments have
// been updated since, because a capture does not touch its order. Drafts are
// never among them.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.Changes[crm.ShopOrder], error) {
	const call = "OrderChanges"
	var (
		so      progress
		records []order
		more    bool
		err     error
	)
	switch {
	case from.Cursor != "":
		if json.Unmarshal([]byte(from.Cursor), &so) != nil {
			return crm.Changes[crm.ShopOrder]{}, crm.Invalid("a mark of another shop")
		}
	case from.Time.IsZero():
		// Who begins sees each order with the payments made so far.
		if so.Payments, err = s.lastPayment(ctx, call); err != nil {
			return crm.Changes[crm.ShopOrder]{}, s.understand(call, err)
		}
	default:
		so.Payments = from.Time
	}
	next := crm.Mark{Time: from.Time}
	if so.AtPayments {
		var reached place
		records, reached, more, err = s.paidOrders(ctx, call, place{at: so.Payments, after: so.PaymentsAfter}, max(limit, 1))
		so.Payments, so.PaymentsAfter, so.AtPayments = reached.at, reached.after, more
	} else {
		var reached place
		records, reached, more, err = s.orderFeed(call).page(ctx, place{at: from.Time, after: so.After}, max(limit, 1))
		next.Time, so.After, so.AtPayments, more = reached.at, reached.after, !more, true
	}
	if err != nil {
		return crm.Changes[crm.ShopOrder]{}, s.understand(call, err)
	}
	cursor, err := json.Marshal(so)
	if err != nil {
		return crm.Changes[crm.ShopOrder]{}, s.nonsense(call, err)
	}
	next.Cursor = string(cursor)
	changes := crm.Changes[crm.ShopOrder]{Items: make([]*crm.ShopOrder, 0, len(records)), Next: next, More: more}
	for n := range records {
		if records[n].IsDraftOrder {
			continue
		}
		o, err := s.shopOrder(&records[n])
		if err != nil {
			return crm.Changes[crm.ShopOrder]{}, s.nonsense(call, err)
		}
		changes.Items = append(changes.Items, o)
	}
	return changes, nil
}

func (s *Shop) orderFeed(call string) feed[order] {
	list := func(ctx context.Context, query url.Values) ([]order, error) { return s.listOrders(ctx, call, query) }
	return feed[order]{
		list:   list,
		key:    func(o *order) (string, time.Time) { return o.ID, o.UpdatedAt },
		within: keyset(list, func(o *order) string { return o.ID }),
	}
}

// paidOrders gives the orders of a page of payments.
func (s *Shop) paidOrders(ctx context.Context, call string, from place, limit int) (orders []order, next place, more bool, err error) {
	list := func(ctx context.Context, query url.Values) ([]paymentChange, error) {
		return s.listPayments(ctx, call, query)
	}
	payments, next, more, err := feed[paymentChange]{
		list:   list,
		key:    func(p *paymentChange) (string, time.Time) { return p.ID, p.UpdatedAt },
		within: byIDs(s.allIDs(call, "payments"), list),
	}.page(ctx, from, min(limit, keysPerCall))
	if err != nil {
		return nil, from, false, err
	}
	asked := map[string]bool{}
	query := url.Values{}
	for _, p := range payments {
		if id := p.Collection.Order.ID; id != "" && !asked[id] { // A cart's payment has none.
			asked[id] = true
			query.Add("id[]", id)
		}
	}
	if len(asked) == 0 {
		return nil, next, more, nil
	}
	query.Set("limit", "100")
	if orders, err = s.listOrders(ctx, call, query); err != nil {
		return nil, from, false, err
	}
	return orders, next, more, nil
}

// lastPayment gives the time of the latest change of a payment; the zero time if
// there is none.
func (s *Shop) lastPayment(ctx context.Context, call string) (time.Time, error) {
	payments, err := s.listPayments(ctx, call, url.Values{"order": {"-updated_at"}, "limit": {"1"}})
	if err != nil || len(payments) == 0 {
		return time.Time{}, err
	}
	return inUTC(payments[0].UpdatedAt).Add(-overlap), nil
}

func (s *Shop) listPayments(ctx context.Context, call string, query url.Values) ([]paymentChange, error) {
	var answer struct {
		Payments []paymentChange `json:"payments"`
	}
	query.Set("fields", paymentFields)
	err := s.get(ctx, call, "/admin/payments", query, &answer)
	return answer.Payments, err
}
