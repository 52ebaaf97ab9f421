package woocommerce

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// OrdersOf returns a stretch of each shopper's orders, one shopper after another.
func (s *Shop) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	answer := make(map[crm.ID]crm.ShopOrders, len(shoppers))
	for _, shopper := range shoppers {
		orders, err := s.ordersOf(ctx, shopper, stretch)
		if err != nil {
			return answer, err
		}
		answer[shopper.CustomerID] = orders
	}
	return answer, nil
}

func (s *Shop) ordersOf(ctx context.Context, shopper crm.Shopper, stretch crm.Stretch) (crm.ShopOrders, error) {
	feeds, err := s.feedsOf(ctx, "orders", shopper, orderFields)
	if err != nil {
		return crm.ShopOrders{}, err
	}
	for _, f := range feeds {
		if err := f.fill(ctx, stretch); err != nil {
			return crm.ShopOrders{}, err
		}
	}
	natives, more := merge(feeds, stretch)
	for _, f := range feeds {
		natives = append(natives, f.odd...)
	}
	orders, unreadable, err := s.convertOrders(ctx, natives)
	if err != nil {
		return crm.ShopOrders{}, err
	}
	for _, o := range orders {
		o.CustomerID = shopper.CustomerID
	}
	return crm.ShopOrders{Items: orders, More: more, Unreadable: unreadable}, nil
}

// CountOrders counts each shopper's orders by reading who they belong to: the
// shop's own totals count drafts, and what a search found by mistake.
func (s *Shop) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	counts := make(map[crm.ID]int, len(shoppers))
	for _, shopper := range shoppers {
		feeds, err := s.feedsOf(ctx, "count", shopper, buyerFields)
		if err != nil {
			return counts, err
		}
		n := 0
		for _, f := range feeds {
			if err := f.drain(ctx); err != nil {
				return counts, err
			}
			n += len(f.found) + len(f.odd) // They are orders, whatever else they say.
		}
		counts[shopper.CustomerID] = n
	}
	return counts, nil
}

// feedsOf returns the lists that hold a shopper's orders: one for each account and
// one for each address, of guests. No order is in two of them.
func (s *Shop) feedsOf(ctx context.Context, call string, shopper crm.Shopper, fields string) ([]*feed, error) {
	accounts := slices.DeleteFunc(slices.Clone(shopper.ExternalIDs), func(id string) bool { return !numeric.MatchString(id) })
	for _, email := range shopper.Emails {
		found, err := s.accountsWith(ctx, call, email)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, found...)
	}
	slices.Sort(accounts)
	var feeds []*feed
	for _, account := range slices.Compact(accounts) {
		feeds = append(feeds, &feed{
			shop: s, call: call, fields: fields, filter: url.Values{"customer": {account}},
			mine: func(o *order) bool { return strconv.FormatInt(o.CustomerID, 10) == account },
		})
	}
	for _, email := range shopper.Emails {
		feeds = append(feeds, &feed{
			shop: s, call: call, fields: fields, filter: url.Values{"search": {searchable(email)}},
			mine: func(o *order) bool { return o.CustomerID == 0 && crm.EmailKey(o.Billing.Email) == email },
		})
	}
	return feeds, nil
}

// numeric is the form of WooCommerce's ids. Nothing else is asked for: an id that
// the shop takes for no filter at all would be answered with everything.
var numeric = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// accountsWith returns the accounts that have an address.
func (s *Shop) accountsWith(ctx context.Context, call, email string) ([]string, error) {
	var found []customer
	query := url.Values{
		"email": {email}, "role": {"all"}, "per_page": {strconv.Itoa(perPage)}, "_fields": {"id,email"},
	}
	if _, err := s.get(ctx, call, "customers", query, &found); err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range found {
		if c.ID > 0 && crm.EmailKey(c.Email) == email {
			ids = append(ids, strconv.FormatInt(c.ID, 10))
		}
	}
	return ids, nil
}

// searchable returns the end of an address that a search keeps as it is: WooCommerce
// takes "+" for a space and drops what looks like a percent-encoded byte.
func searchable(email string) string { return email[strings.LastIndexAny(email, "+%")+1:] }

// OrdersByID returns the orders that exist, with whom they belong to.
func (s *Shop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	answer := make(map[string]*crm.ShopOrder, len(ids))
	wanted := known(ids)
	if len(wanted) == 0 {
		return answer, ctx.Err()
	}
	var natives []order
	query := url.Values{"include": {strings.Join(wanted, ",")}, "per_page": {strconv.Itoa(perPage)}, "_fields": {orderFields}}
	if _, err := s.get(ctx, "orders by id", "orders", query, &natives); err != nil {
		return answer, err
	}
	natives = slices.DeleteFunc(natives, func(o order) bool {
		return o.odd == nil && !o.is() || !slices.Contains(wanted, strconv.FormatInt(o.ID, 10))
	})
	emails, err := s.accountEmails(ctx, "orders by id", natives)
	if err != nil {
		return answer, err
	}
	var failed error
	var odd []crm.Unreadable
	for i := range natives {
		o, err := s.shopOrder(ctx, &natives[i], emails)
		switch {
		case errors.Is(err, crm.ErrUnreadable):
			odd = append(odd, upstream.Unreadable(nativeID(natives[i].ID), err))
		case err != nil:
			failed = errors.Join(failed, err)
		default:
			answer[o.Order.ExternalID] = o
		}
	}
	return answer, s.client.OddRecords("orders by id", odd, failed)
}

// known returns those of the ids that WooCommerce could have, once each.
func known(ids []string) []string {
	wanted := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !numeric.MatchString(id) })
	slices.Sort(wanted)
	return slices.Compact(wanted)
}

// accountEmails returns the addresses of the accounts that orders belong to, in one
// request for each hundred.
func (s *Shop) accountEmails(ctx context.Context, call string, orders []order) (map[int64]string, error) {
	accounts := map[int64]string{}
	for _, o := range orders {
		if o.CustomerID > 0 {
			accounts[o.CustomerID] = ""
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(accounts)), perPage) {
		var found []customer
		query := url.Values{
			"include": {join(some)}, "role": {"all"}, "per_page": {strconv.Itoa(perPage)}, "_fields": {"id,email"},
		}
		if _, err := s.get(ctx, call, "customers", query, &found); err != nil {
			return nil, err
		}
		for _, c := range found {
			if _, asked := accounts[c.ID]; asked {
				accounts[c.ID] = c.Email
			}
		}
	}
	return accounts, nil
}

func join(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}

// shopOrder converts an order with whom it belongs to.
func (s *Shop) shopOrder(ctx context.Context, o *order, emails map[int64]string) (*crm.ShopOrder, error) {
	converted, err := s.readOrder(ctx, o)
	if err != nil {
		return nil, err
	}
	buyer := crm.Buyer{Email: o.Billing.Email}
	if o.CustomerID != 0 {
		buyer = crm.Buyer{ExternalID: strconv.FormatInt(o.CustomerID, 10), Email: emails[o.CustomerID]}
	}
	return &crm.ShopOrder{Order: converted, Buyer: buyer}, nil
}

// convertOrders converts orders; those that make no sense are told apart.
func (s *Shop) convertOrders(ctx context.Context, natives []*order) ([]*crm.Order, []crm.Unreadable, error) {
	orders := make([]*crm.Order, 0, len(natives))
	var unreadable []crm.Unreadable
	for _, o := range natives {
		converted, err := s.readOrder(ctx, o)
		switch {
		case errors.Is(err, crm.ErrUnreadable):
			unreadable = append(unreadable, upstream.Unreadable(nativeID(o.ID), err))
		case err != nil:
			return nil, nil, err
		default:
			orders = append(orders, converted)
		}
	}
	return orders, unreadable, nil
}

// readOrder converts an order, and asks for its refunds if it has some. The error of
// one that makes no sense is crm.ErrUnreadable, in contrast to that of a request.
func (s *Shop) readOrder(ctx context.Context, o *order) (*crm.Order, error) {
	var refunds []refund
	var err error
	if o.odd == nil {
		if refunds, err = s.refundsOf(ctx, o); err != nil {
			return nil, err
		}
	}
	converted, err := s.convertOrder(o, refunds)
	if err != nil {
		return nil, s.client.Odd("convert an order", err)
	}
	return converted, nil
}

// nativeID writes an id; "" for one that could not be read.
func nativeID(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// refundsOf returns an order's refunds with their times, in one request; none if the
// order has none.
func (s *Shop) refundsOf(ctx context.Context, o *order) ([]refund, error) {
	if len(o.Refunds) == 0 {
		return nil, nil
	}
	var refunds []refund
	path := "orders/" + strconv.FormatInt(o.ID, 10) + "/refunds"
	query := url.Values{"per_page": {strconv.Itoa(perPage)}, "orderby": {"id"}, "order": {"asc"}}
	if _, err := s.get(ctx, "refunds", path, query, &refunds); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(refunds, func(r refund) bool { return r.odd == nil && r.DateCreated.IsZero() }), nil
}
