package main

import (
	"context"
	"strconv"
	"time"
)

// Q1 to Q3: customers with their orders. The store is MongoDB or structs in memory.
type (
	email struct {
		Address  string `json:"address"`
		Verified bool   `json:"verified"`
		Primary  bool   `json:"primary"`
	}
	customer struct {
		ID          string  `bson:"_id"`
		Kind        string  `bson:"kind"`
		DisplayName string  `bson:"displayName"`
		Tier        *string `bson:"tier"`
		Emails      []email `bson:"emails"`
	}
	money struct {
		Minor        int64  `bson:"minor"`
		CurrencyCode string `bson:"currencyCode"`
	}
	line struct {
		Title     string `bson:"title"`
		Quantity  int    `bson:"quantity"`
		UnitPrice money  `bson:"unitPrice"`
		Product   string `bson:"product"`
	}
	order struct {
		ID       string    `bson:"_id"`
		Number   string    `bson:"number"`
		PlacedAt time.Time `bson:"placedAt"`
		Sum      money     `bson:"total"`
		Lines    []line    `bson:"lines"`
	}
	product struct {
		ID    string `json:"id" bson:"_id"`
		Title string `json:"title" bson:"title"`
	}
	store interface {
		customer(ctx context.Context, id string) (*customer, error)
		customers(ctx context.Context, first int) ([]*customer, error)
		// orders are the first of each customer's, with these fields only.
		orders(ctx context.Context, of []*customer, first int, fields ...string) (map[string][]*order, error)
		products(ctx context.Context, ids []string) (map[string]*product, error)
	}
)

// What the answers look like, in the order of the queries' fields.
type (
	amount struct {
		Amount string `json:"amount"`
	}
	total struct {
		Amount       string `json:"amount"`
		CurrencyCode string `json:"currencyCode"`
	}
	nodes[T any] struct {
		Nodes []T `json:"nodes"`
	}
	line1 struct {
		Title     string `json:"title"`
		Quantity  int    `json:"quantity"`
		UnitPrice amount `json:"unitPrice"`
	}
	order1 struct {
		Number   string  `json:"number"`
		PlacedAt string  `json:"placedAt"`
		Total    total   `json:"total"`
		Lines    []line1 `json:"lines"`
	}
	customer1 struct {
		DisplayName string        `json:"displayName"`
		Emails      []email       `json:"emails"`
		Tier        *string       `json:"tier"`
		Orders      nodes[order1] `json:"orders"`
	}
	order2 struct {
		ID       string `json:"id"`
		Number   string `json:"number"`
		PlacedAt string `json:"placedAt"`
		Total    total  `json:"total"`
	}
	line3 struct {
		Quantity int      `json:"quantity"`
		Product  *product `json:"product"`
	}
	order3 struct {
		ID     string  `json:"id"`
		Number string  `json:"number"`
		Lines  []line3 `json:"lines"`
	}
	customerOf[O any] struct {
		ID          string   `json:"id"`
		DisplayName string   `json:"displayName"`
		Orders      nodes[O] `json:"orders"`
	}
)

func (m money) text() string {
	t := strconv.AppendInt(make([]byte, 0, 16), m.Minor/100, 10)
	return string(append(t, '.', byte('0'+m.Minor/10%10), byte('0'+m.Minor%10)))
}

// instant is how the graph writes a time in UTC.
const instant = "2006-01-02T15:04:05.000Z"

func (m money) whole() total { return total{m.text(), m.CurrencyCode} }

func (o *order) placed() string { return o.PlacedAt.UTC().Format(instant) }
func (o *order) total() total   { return o.Sum.whole() }

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}

func (h handler) q1(ctx context.Context, id string) (any, error) {
	c, err := h.customer(ctx, id)
	if err != nil {
		return nil, err
	}
	found, err := h.orders(ctx, []*customer{c}, 5, "number", "placedAt", "total", "lines.title", "lines.quantity", "lines.unitPrice")
	return map[string]any{"customer": customer1{
		DisplayName: c.DisplayName, Emails: append([]email{}, c.Emails...), Tier: c.Tier,
		Orders: nodes[order1]{each(found[id], func(o *order) order1 {
			return order1{o.Number, o.placed(), o.total(), each(o.Lines, func(l line) line1 {
				return line1{l.Title, l.Quantity, amount{l.UnitPrice.text()}}
			})}
		})},
	}}, err
}

func listed[O any](ctx context.Context, h handler, first int, fields []string, convert func(map[string][]*order) (func(*order) O, error)) (any, error) {
	list, err := h.customers(ctx, first)
	if err != nil {
		return nil, err
	}
	found, err := h.orders(ctx, list, 5, fields...)
	if err != nil {
		return nil, err
	}
	of, err := convert(found)
	return map[string]any{"customers": nodes[customerOf[O]]{each(list, func(c *customer) customerOf[O] {
		return customerOf[O]{c.ID, c.DisplayName, nodes[O]{each(found[c.ID], of)}}
	})}}, err
}

func (h handler) q2(ctx context.Context) (any, error) {
	return listed(ctx, h, 100, []string{"number", "placedAt", "total"}, func(map[string][]*order) (func(*order) order2, error) {
		return func(o *order) order2 { return order2{o.ID, o.Number, o.placed(), o.total()} }, nil
	})
}

func (h handler) q3(ctx context.Context) (any, error) {
	return listed(ctx, h, 20, []string{"number", "lines.quantity", "lines.product"}, func(found map[string][]*order) (func(*order) order3, error) {
		seen := map[string]bool{}
		ids := []string{}
		for _, orders := range found {
			for _, o := range orders {
				for _, l := range o.Lines {
					if !seen[l.Product] {
						seen[l.Product] = true
						ids = append(ids, l.Product)
					}
				}
			}
		}
		products, err := h.products(ctx, ids)
		return func(o *order) order3 {
			return order3{o.ID, o.Number, each(o.Lines, func(l line) line3 { return line3{l.Quantity, products[l.Product]} })}
		}, err
	})
}
