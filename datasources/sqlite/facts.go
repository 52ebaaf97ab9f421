package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// factsQuery sums up from the indexes alone. The second arm of orders and of
// tickets leaves out what the first has counted for the same id.
const factsQuery = `WITH k (key, value) AS MATERIALIZED (SELECT key, value FROM json_each(?))
SELECT 'orders', k.key, o.currency, count(*), sum(o.gross), sum(o.net), min(o.placed_at), max(o.placed_at)
FROM k CROSS JOIN orders o ON o.customer = k.value WHERE o.canceled = 'no' GROUP BY k.key, o.currency
UNION ALL
SELECT 'orders', k.key, o.currency, count(*), sum(o.gross), sum(o.net), min(o.placed_at), max(o.placed_at)
FROM k CROSS JOIN orders o ON o.organization = k.value
WHERE o.canceled = 'no' AND o.customer IS NOT k.value GROUP BY k.key, o.currency
UNION ALL
SELECT 'tickets', k.key, NULL, sum(t.open = 'yes'), count(t.satisfaction), coalesce(sum(t.satisfaction), 0), 0, 0
FROM k CROSS JOIN tickets t ON t.customer = k.value GROUP BY k.key
UNION ALL
SELECT 'tickets', k.key, NULL, sum(t.open = 'yes'), count(t.satisfaction), coalesce(sum(t.satisfaction), 0), 0, 0
FROM k CROSS JOIN tickets t ON t.requester = k.value WHERE t.customer IS NOT k.value GROUP BY k.key
UNION ALL
SELECT 'contact', k.key, NULL, 0, 0, 0, 0, i.occurred_at FROM k
CROSS JOIN interactions i ON i.row = (SELECT row FROM interactions WHERE customer = k.value ORDER BY occurred_at DESC, id DESC LIMIT 1)`

// Facts returns what is known of each customer, in one statement.
func (s *Store) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	facts := make(map[crm.ID]*crm.CustomerFacts, len(ids))
	for _, id := range ids {
		facts[id] = &crm.CustomerFacts{}
	}
	ids = distinct(ids)
	if len(ids) == 0 {
		return facts, nil
	}
	q := &statement{}
	q.add(factsQuery)
	q.bind(jsonList(ids))
	var what, currency string
	var at, a int
	var b, c, first, last int64
	targets := []any{&what, &at, &nullable{&currency}, &a, &b, &c, &first, &last}
	err := s.query(ctx, q, targets, func() error {
		f := facts[ids[at]]
		switch what {
		case "orders":
			f.AddOrders(crm.OrderFacts{
				CurrencyCode: currency, Count: a, Gross: b, Net: c,
				First: time.UnixMilli(first).UTC(), Last: time.UnixMilli(last).UTC(),
			})
		case "tickets":
			f.OpenTickets += a
			f.Ratings += int(b)
			f.RatingSum += int(c)
		case "contact":
			contact := time.UnixMilli(last).UTC()
			f.LastContactAt = &contact
		}
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Sprintf("sum up %d customers", len(ids)), err)
	}
	return facts, nil
}
