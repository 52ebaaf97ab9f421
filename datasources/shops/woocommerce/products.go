package woocommerce

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// published is the one status of products that are for everyone to see.
const published = "publish"

// maxSKUs bounds the SKUs of one request, in bytes.
const maxSKUs = 2000

// ProductsByID returns the published products, in one request, one for the currency
// and one for the variations of each that has some.
func (s *Shop) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	answer, odd, err := s.productsByID(ctx, ids)
	return answer, s.client.OddRecords("products by id", odd, err)
}

// productsByID tells those that make no sense apart.
func (s *Shop) productsByID(ctx context.Context, ids []string) (answer map[string]*crm.Product, odd []crm.Unreadable, err error) {
	answer = make(map[string]*crm.Product, len(ids))
	wanted := known(ids)
	if len(wanted) == 0 {
		return answer, nil, ctx.Err()
	}
	natives, err := s.productsWith(ctx, url.Values{"include": {strings.Join(wanted, ",")}})
	if err != nil {
		return answer, nil, err
	}
	natives = slices.DeleteFunc(natives, func(p product) bool { return !slices.Contains(wanted, strconv.FormatInt(p.ID, 10)) })
	products, odd, err := s.convertProducts(ctx, "products by id", natives)
	for _, p := range products {
		answer[p.ExternalID] = p
	}
	return answer, odd, err
}

// productsWith asks for a page of products.
func (s *Shop) productsWith(ctx context.Context, query url.Values) ([]product, error) {
	query.Set("per_page", strconv.Itoa(perPage))
	query.Set("_fields", productFields)
	var natives []product
	_, err := s.get(ctx, "products", "products", query, &natives)
	return natives, err
}

// ProductsBySKU returns the published products that have a variant with one of the
// SKUs. The shop answers with products and with single variations, whose products
// are asked for after that.
func (s *Shop) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	answer := make(map[string]*crm.Product, len(skus))
	var ids []string
	for _, some := range groupSKUs(skus) {
		natives, err := s.productsWith(ctx, url.Values{"sku": {some}})
		if err != nil {
			return answer, err
		}
		for _, n := range natives {
			id := n.ID
			if n.ParentID > 0 && n.Type == "variation" {
				id = n.ParentID
			}
			if slices.Contains(skus, n.SKU) {
				ids = append(ids, strconv.FormatInt(id, 10))
			}
		}
	}
	var failed error
	for some := range slices.Chunk(known(ids), perPage) {
		products, odd, err := s.productsByID(ctx, some)
		if err == nil && len(odd) > 0 { // Its SKUs cannot be read.
			err = s.client.Odd("products by SKU", errors.New(odd[0].Reason))
		}
		if err != nil {
			failed = err
		}
		for _, id := range some {
			p := products[id]
			if p == nil {
				continue
			}
			for _, v := range p.Variants {
				if slices.Contains(skus, v.SKU) {
					answer[v.SKU] = p
				}
			}
		}
	}
	return answer, failed
}

// groupSKUs returns SKUs in lists with commas. One with a comma in it is alone: the
// shop then looks for it as a whole, too.
func groupSKUs(skus []string) []string {
	var groups []string
	open := false
	for _, sku := range skus {
		switch last := len(groups) - 1; {
		case sku == "":
		case open && !strings.Contains(sku, ",") && len(groups[last])+len(sku) < maxSKUs:
			groups[last] += "," + sku
		default:
			groups = append(groups, sku)
			open = !strings.Contains(sku, ",")
		}
	}
	return groups
}

// convertProducts converts the published ones, with their variations; those that make
// no sense are told apart.
func (s *Shop) convertProducts(ctx context.Context, call string, natives []product) ([]*crm.Product, []crm.Unreadable, error) {
	products := []*crm.Product{}
	var unreadable []crm.Unreadable
	odd := func(n *product, err error) {
		unreadable = append(unreadable, upstream.Unreadable(nativeID(n.ID), err))
	}
	natives = slices.DeleteFunc(natives, func(p product) bool {
		if p.odd != nil {
			odd(&p, p.odd)
		}
		return p.odd != nil || p.ID <= 0 || p.Status != published || p.Type == "variation"
	})
	if len(natives) == 0 {
		return products, unreadable, nil
	}
	currency, err := s.currency(ctx, call)
	if err != nil {
		return products, unreadable, err
	}
	for i := range natives {
		n := &natives[i]
		variations, err := s.variationsOf(ctx, n)
		if err != nil {
			return products, unreadable, err
		}
		if at := slices.IndexFunc(variations, func(v variation) bool { return v.odd != nil }); at >= 0 {
			odd(n, fmt.Errorf("a variation's %w", variations[at].odd))
			continue
		}
		products = append(products, s.convertProduct(n, variations, currency))
	}
	return products, unreadable, nil
}

// currency returns the currency of the shop's prices; "" if the key may not know.
func (s *Shop) currency(ctx context.Context, call string) (string, error) {
	var c currencyCode
	_, err := s.get(ctx, call, "data/currencies/current", url.Values{"_fields": {"code"}}, &c)
	if crm.CodeOf(err) == crm.CodeForbidden {
		return "", nil
	}
	if _, ok := crm.Exponent(c.Code); !ok {
		c.Code = ""
	}
	return c.Code, err
}

// variationsOf returns a product's variations, a hundred a request.
func (s *Shop) variationsOf(ctx context.Context, n *product) ([]variation, error) {
	if n.Type != "variable" || len(n.Variations) == 0 {
		return nil, nil
	}
	var all []variation
	path := "products/" + strconv.FormatInt(n.ID, 10) + "/variations"
	for page := 1; ; page++ {
		var some []variation
		query := url.Values{
			"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}, "orderby": {"id"}, "order": {"asc"},
			"_fields": {"id,status,sku,price,stock_status,attributes"},
		}
		if _, err := s.get(ctx, "variations", path, query, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) == 0 || page*perPage >= len(n.Variations) {
			return all, nil
		}
	}
}

// ProductChanges returns products by the time of their change.
func (s *Shop) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	w := walker[product]{
		shop: s, call: "product changes", path: "products", query: url.Values{"_fields": {productFields}},
		at:  func(p *product) place { return place{changed: p.DateModified.Time, id: p.ID} },
		odd: func(p *product) bool { return p.odd != nil },
	}
	natives, next, more, err := changed(ctx, w, from, limit)
	if err != nil {
		return crm.ShopChanges[crm.Product]{}, err
	}
	products, unreadable, err := s.convertProducts(ctx, w.call, natives)
	if err != nil {
		return crm.ShopChanges[crm.Product]{}, err
	}
	return crm.ShopChanges[crm.Product]{Items: products, Unreadable: unreadable, Next: next, More: more}, nil
}
