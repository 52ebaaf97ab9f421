package medusa

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// OrdersOf asks for the shoppers' customers and their orders at once: one request
// for any number of shoppers, unless their keys do not fit into an address.
// Medusa sends all orders of a customer; the stretch is cut out of them here.
func (s *Shop) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	orders, failed := s.ordersOf(ctx, "OrdersOf", shoppers, s.nested)
	found := make(map[crm.ID]crm.ShopOrders, len(shoppers))
	for id, all := range orders {
		undated := func(o *order) bool { return o.odd != nil && o.CreatedAt.IsZero() }
		part, more := cut(slices.DeleteFunc(slices.Clone(all), undated), stretch)
		for _, o := range all {
			if undated(o) {
				part = append(part, o)
			}
		}
		answer := crm.ShopOrders{Items: make([]*crm.Order, 0, len(part)), More: more}
		for _, o := range part {
			converted, err := s.order(o)
			if err != nil {
				answer.Unreadable = append(answer.Unreadable, upstream.Unreadable(o.ID, err))
				continue
			}
			converted.CustomerID = id
			answer.Items = append(answer.Items, converted)
		}
		found[id] = answer
	}
	return found, failed
}

// CountOrders counts each shopper's orders, with as many requests as OrdersOf.
func (s *Shop) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	orders, err := s.ordersOf(ctx, "CountOrders", shoppers, countFields)
	counts := make(map[crm.ID]int, len(orders))
	for id, all := range orders {
		if odd := slices.IndexFunc(all, func(o *order) bool { return o.odd != nil && o.ID == "" }); odd >= 0 {
			err = errors.Join(err, s.client.Odd("CountOrders", all[odd].odd))
			continue
		}
		counts[id] = len(all)
	}
	return counts, err
}

// OrdersByID returns the orders that exist, in one request unless the ids are long.
func (s *Shop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	found := make(map[string]*crm.ShopOrder, len(ids))
	var failed error
	var odd []crm.Unreadable
	for _, some := range batches("id[]", ids) {
		orders, err := s.listOrders(ctx, "OrdersByID", url.Values{"id[]": some, "limit": {strconv.Itoa(len(some))}})
		failed = errors.Join(failed, err)
		for n := range orders {
			o := &orders[n]
			if o.IsDraftOrder || !slices.Contains(some, o.ID) {
				continue
			}
			converted, bad := s.shopOrder(o)
			if bad != nil {
				odd = append(odd, upstream.Unreadable(o.ID, bad))
				continue
			}
			found[o.ID] = converted
		}
	}
	return found, s.client.OddRecords("OrdersByID", odd, failed)
}

// batches cuts the values of a parameter into what a request can hold: one part, as
// a rule, and none without any value, which would select everything.
func batches(name string, values []string) [][]string {
	var parts [][]string
	size := 0
	for _, value := range values {
		more := len(url.QueryEscape(name)) + len(url.QueryEscape(value)) + len("=&")
		if size += more; len(parts) == 0 || size > maxKeys {
			parts, size = append(parts, nil), more
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], value)
	}
	return parts
}

// listOrders asks the list of orders, with whom they belong to.
func (s *Shop) listOrders(ctx context.Context, call string, query url.Values) ([]order, error) {
	query.Set("fields", orderFields+",customer.email")
	return list[order](ctx, s, call, "orders", query)
}

func (s *Shop) shopOrder(o *order) (*crm.ShopOrder, error) {
	converted, err := s.order(o)
	if err != nil {
		return nil, err
	}
	return &crm.ShopOrder{Order: converted, Buyer: o.buyer()}, nil
}

// maxKeys bounds the keys of a request in bytes, so that the address with the
// fields stays below Node's 16 kB with room for the headers.
const maxKeys = 10 << 10

// ordersOf returns every shopper's orders; those who are missing have failed.
func (s *Shop) ordersOf(ctx context.Context, call string, shoppers []crm.Shopper, fields string) (map[crm.ID][]*order, error) {
	found := make(map[crm.ID][]*order, len(shoppers))
	seen := make(map[crm.ID]map[string]bool, len(shoppers))
	for _, shopper := range shoppers {
		found[shopper.CustomerID], seen[shopper.CustomerID] = []*order{}, map[string]bool{}
	}
	var failed error
	for _, keys := range keysOf(shoppers) {
		customers, err := s.customersBy(ctx, call, keys, fields)
		if err != nil {
			failed = errors.Join(failed, err)
			for _, shopper := range shoppers {
				if keys.name(shopper) {
					delete(found, shopper.CustomerID)
				}
			}
			continue
		}
		for c := range customers {
			buyer := crm.Buyer{ExternalID: customers[c].ID, Email: customers[c].Email}
			for _, shopper := range shoppers {
				orders, ok := found[shopper.CustomerID]
				nobody := customers[c].odd != nil && buyer == crm.Buyer{} && keys.name(shopper)
				if !ok || !nobody && !shopper.Is(buyer) {
					continue
				}
				if odd := customers[c].odd; odd != nil { // In place of the orders that it may have.
					orders = append(orders, &order{odd: fmt.Errorf("a customer's %w", odd)})
				}
				for n := range customers[c].Orders {
					o, again := &customers[c].Orders[n], seen[shopper.CustomerID]
					others := o.CustomerID != buyer.ExternalID && (o.odd == nil || o.CustomerID != "")
					if o.IsDraftOrder || others || again[o.ID] && o.ID != "" {
						continue
					}
					again[o.ID] = true
					orders = append(orders, o)
				}
				found[shopper.CustomerID] = orders
			}
		}
	}
	return found, failed
}

// keys are what a request asks for customers by.
type keys struct {
	ids, emails []string
	bytes       int
}

// name says whether a shopper is asked for by one of the keys.
func (k keys) name(s crm.Shopper) bool {
	in := func(these, those []string) bool {
		return slices.ContainsFunc(these, func(key string) bool { return slices.Contains(those, key) })
	}
	return in(s.ExternalIDs, k.ids) || in(s.Emails, k.emails)
}

// keysOf returns the shoppers' keys, each once, cut into what a request can hold:
// one part, as a rule.
func keysOf(shoppers []crm.Shopper) []keys {
	var parts []keys
	room := func(name, key string) *keys {
		size := len(url.QueryEscape(name)) + len(url.QueryEscape(key)) + len("=&")
		if len(parts) == 0 || parts[len(parts)-1].bytes+size > maxKeys {
			parts = append(parts, keys{})
		}
		last := &parts[len(parts)-1]
		last.bytes += size
		return last
	}
	seen := map[[2]string]bool{}
	once := func(kind, key string) bool {
		k := [2]string{kind, key}
		fresh := key != "" && !seen[k]
		seen[k] = true
		return fresh
	}
	for _, shopper := range shoppers {
		for _, id := range shopper.ExternalIDs {
			if once(byID, id) {
				k := room(byID, id)
				k.ids = append(k.ids, id)
			}
		}
		for _, email := range shopper.Emails {
			if once(byEmail, email) {
				k := room(byEmail, email)
				k.emails = append(k.emails, email)
			}
		}
	}
	return parts
}

// A repeated parameter is a list to Medusa.
const (
	byID    = "$or[0][id]"
	byEmail = "$or[1][email]"
)

// customersBy asks for the customers that any of the keys names.
func (s *Shop) customersBy(ctx context.Context, call string, k keys, fields string) ([]customer, error) {
	var answer struct {
		Customers []customer `json:"customers"`
		Count     *int       `json:"count"`
	}
	query := url.Values{
		"fields": {fields},
		// An email has one guest and one account at most.
		"limit": {strconv.Itoa(len(k.ids) + 2*len(k.emails))},
	}
	switch { // Without a key of a kind there must be no condition of it: it would hold for all.
	case len(k.ids) == 0:
		query["email[]"] = k.emails
	case len(k.emails) == 0:
		query["id[]"] = k.ids
	default:
		query[byID], query[byEmail] = k.ids, k.emails
	}
	if err := s.get(ctx, call, "/admin/customers", query, &answer); err != nil {
		return nil, err
	}
	if answer.Count == nil || *answer.Count > len(answer.Customers) {
		return nil, s.nonsense(call, fmt.Errorf("%d customers came, not all", len(answer.Customers)))
	}
	return answer.Customers, nil
}

// cut returns a stretch of orders, whole groups of one millisecond, and whether
// there are more behind them.
func cut(orders []*order, s crm.Stretch) (part []*order, more bool) {
	outside := func(o *order) bool {
		at := o.placed()
		return s.Earliest != nil && at.Before(s.Earliest.Truncate(time.Millisecond)) ||
			s.Latest != nil && at.After(*s.Latest)
	}
	part = slices.DeleteFunc(slices.Clone(orders), outside)
	slices.SortFunc(part, func(a, b *order) int {
		return cmp.Or(b.placed().Compare(a.placed()), cmp.Compare(b.ID, a.ID))
	})
	if s.OldestFirst {
		slices.Reverse(part)
	}
	end := max(s.Limit, 1)
	for end < len(part) && part[end].placed().Equal(part[end-1].placed()) {
		end++
	}
	if end >= len(part) {
		return part, false
	}
	return part[:end], true
}
