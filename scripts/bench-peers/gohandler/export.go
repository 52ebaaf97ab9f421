package main

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// What Q7 shows of an order.
type (
	exported struct {
		ID                string         `json:"id"`
		Number            string         `json:"number"`
		Source            string         `json:"source"`
		PlacedAt          string         `json:"placedAt"`
		UpdatedAt         string         `json:"updatedAt"`
		Status            string         `json:"status"`
		FinancialStatus   string         `json:"financialStatus"`
		FulfillmentStatus string         `json:"fulfillmentStatus"`
		Total             total          `json:"total"`
		Lines             []exportedLine `json:"lines"`
	}
	exportedLine struct {
		SKU       *string `json:"sku"`
		Title     string  `json:"title"`
		Quantity  int     `json:"quantity"`
		UnitPrice amount  `json:"unitPrice"`
	}
	exportPage struct {
		Nodes    []exported `json:"nodes"`
		PageInfo struct {
			EndCursor   *string `json:"endCursor"`
			HasNextPage bool    `json:"hasNextPage"`
		} `json:"pageInfo"`
	}
)

var exportFields = project("number", "source", "placedAt", "updatedAt", "status", "financialStatus", "fulfillmentStatus", "total",
	"lines.sku", "lines.title", "lines.quantity", "lines.unitPrice")

// behind is the condition of a place behind a cursor's. The first part bounds what is
// read of the index.
func behind(cursor string) (bson.D, error) {
	if cursor == "" {
		return bson.D{}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, found := strings.Cut(string(text), "/")
	ms, bad := strconv.ParseInt(at, 10, 64)
	if err != nil || bad != nil || !found {
		return nil, errors.New("that is no cursor")
	}
	placed := bson.DateTime(ms)
	return bson.D{
		{Key: "placedAt", Value: bson.D{{Key: "$gte", Value: placed}}},
		{Key: "$or", Value: bson.A{
			eq("placedAt", bson.D{{Key: "$gt", Value: placed}}),
			eq("_id", bson.D{{Key: "$gt", Value: id}}),
		}},
	}, nil
}

// export is Q7: a page of 100 orders, the oldest first.
func (s *inMongo) export(ctx context.Context, after string) (any, error) {
	const first = 100
	where, err := behind(after)
	if err != nil {
		return nil, err
	}
	orders, err := find[orderRecord](ctx, s.db.Collection("orders"), where, bson.D{{Key: "placedAt", Value: 1}, {Key: "_id", Value: 1}}, first+1, exportFields)
	if err != nil {
		return nil, err
	}
	var page exportPage
	page.PageInfo.HasNextPage = len(orders) > first
	orders = orders[:min(first, len(orders))]
	page.Nodes = make([]exported, len(orders))
	for i := range orders {
		o := &orders[i]
		lines := make([]exportedLine, len(o.Lines))
		for j, l := range o.Lines {
			lines[j] = exportedLine{l.SKU, l.Title, l.Quantity, amount{l.UnitPrice.text()}}
		}
		page.Nodes[i] = exported{
			o.ID, o.Number, o.Source, *stamp(&o.PlacedAt), *stamp(&o.UpdatedAt), o.Status, o.FinancialStatus, o.FulfillmentStatus, o.Total.whole(), lines,
		}
	}
	if n := len(orders); n > 0 {
		cursor := cursorOf(orders[n-1].PlacedAt, orders[n-1].ID)
		page.PageInfo.EndCursor = &cursor
	}
	return struct {
		Orders exportPage `json:"orders"`
	}{page}, nil
}
