package medusatest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// customerBody returns a customer with their orders.
func customerBody(c *crm.ShopCustomer, orders []*crm.ShopOrder) object {
	addresses, nested := make([]object, len(c.Addresses)), make([]object, len(orders))
	for n := range c.Addresses {
		addresses[n] = addressBody(c.Addresses[n])
		addresses[n]["id"] = "cuaddr_" + c.ExternalID + "_" + strconv.Itoa(n+1)
		addresses[n]["address_name"] = textOrNull(c.Addresses[n].Label) // An order's has none.
	}
	for n, o := range orders {
		nested[n] = orderBody(o)
	}
	return object{
		"id": c.ExternalID, "email": orNull(c.Email), "has_account": !c.Guest,
		"first_name": orNull(c.GivenName), "last_name": orNull(c.FamilyName),
		"company_name": orNull(c.Company), "phone": orNull(c.Phone),
		"created_at": stamp(c.CreatedAt), "updated_at": stamp(c.UpdatedAt),
		"addresses": addresses, "orders": nested,
	}
}

// orderBody returns an order without its customer.
func orderBody(shop *crm.ShopOrder) object {
	o := shop.Order
	body := object{
		"id": o.ExternalID, "version": 1, "status": statusWord(o), "email": orNull(shop.Buyer.Email),
		"customer_id": shop.Buyer.ExternalID, "is_draft_order": false,
		"currency_code": strings.ToLower(o.Price.Total.CurrencyCode),
		"created_at":    stamp(o.PlacedAt), "updated_at": stamp(o.UpdatedAt), "canceled_at": stampOrNull(o.CanceledAt),
		"items": items(o), "shipping_methods": []object{},
		"payment_collections": collected(o), "fulfillments": fulfillments(o), "returns": returns(o),
		"shipping_address": addressOrNull(o.ShippingAddress, "ordaddr_s_"+o.ExternalID),
		"billing_address":  addressOrNull(o.BillingAddress, "ordaddr_b_"+o.ExternalID),
		"sales_channel":    nil,
	}
	body["display_id"], body["custom_display_id"] = 0, orNull(o.Number)
	if n, err := strconv.Atoi(o.Number); err == nil && strconv.Itoa(n) == o.Number {
		body["display_id"], body["custom_display_id"] = n, nil
	}
	if o.SalesChannel != nil {
		body["sales_channel"] = object{"id": "sc_" + strings.ReplaceAll(*o.SalesChannel, " ", "_"), "name": *o.SalesChannel}
	}
	return body
}

func statusWord(o *crm.Order) string {
	switch {
	case o.SourceStatus != nil:
		return *o.SourceStatus
	case o.Status == crm.OrderStatusCanceled:
		return "canceled"
	case o.Status == crm.OrderStatusCompleted:
		return "completed"
	}
	return "pending"
}

func items(o *crm.Order) []object {
	list := make([]object, len(o.Lines))
	for n, l := range o.Lines {
		_, product, _ := l.ProductID.Source()
		title := l.ProductTitle
		if title == "" {
			title = l.Title
		}
		list[n] = object{
			"id": l.ID, "title": l.Title, "variant_sku": textOrNull(l.SKU), "product_id": orNull(product),
			"product_title": title, "unit_price": amount(l.UnitPrice), "is_tax_inclusive": false,
			"detail":    object{"quantity": l.Quantity, "unit_price": nil},
			"tax_lines": []object{}, "adjustments": []object{},
		}
	}
	return list
}

func paymentID(o *crm.Order, n int) string { return "pay_" + o.ExternalID + "_" + strconv.Itoa(n+1) }

// collected returns the one collection of an order's payments. Money is given back
// from the first of them.
func collected(o *crm.Order) []object {
	payments, status := make([]object, len(o.Payments)), "not_paid"
	captured := crm.Money{CurrencyCode: o.Price.Total.CurrencyCode}
	for n, p := range o.Payments {
		captures, canceled := []object{}, any(nil)
		switch p.Status {
		case crm.PaymentStatusCaptured:
			status, captured = "completed", captured.Add(p.Amount)
			captures = []object{{
				"id": "capt_" + o.ExternalID + "_" + strconv.Itoa(n+1), "amount": amount(p.Amount), "created_at": stamp(p.OccurredAt),
			}}
		case crm.PaymentStatusVoided:
			status, canceled = "canceled", stamp(p.OccurredAt)
		default:
			status = "authorized"
		}
		payments[n] = object{
			"id": paymentID(o, n), "amount": amount(p.Amount), "provider_id": p.Method, "created_at": stamp(p.OccurredAt),
			"canceled_at": canceled, "captures": captures, "refunds": []object{},
		}
	}
	if len(payments) > 0 {
		payments[0]["refunds"] = refunds(o)
	}
	return []object{{
		"id": "pay_col_" + o.ExternalID, "status": status, "amount": amount(o.Price.Total),
		"captured_amount": amount(captured), "refunded_amount": amount(o.TotalRefunded()), "payments": payments,
	}}
}

func refunds(o *crm.Order) []object {
	list := make([]object, len(o.Refunds))
	for n, r := range o.Refunds {
		list[n] = object{
			"id": "ref_" + o.ExternalID + "_" + strconv.Itoa(n+1), "amount": amount(r.Amount),
			"note": textOrNull(r.Reason), "created_at": stamp(r.OccurredAt), "refund_reason": nil,
		}
	}
	return list
}

func fulfillments(o *crm.Order) []object {
	list := make([]object, len(o.Shipments))
	for n, s := range o.Shipments {
		sent := make([]object, len(s.Lines))
		for i, l := range s.Lines {
			sent[i] = object{"line_item_id": l.Line.ID, "quantity": l.Quantity}
		}
		labels := []object{}
		if s.TrackingNumber != nil || s.TrackingURL != nil {
			labels = append(labels, object{
				"tracking_number": textOrNull(s.TrackingNumber), "tracking_url": textOrNull(s.TrackingURL),
			})
		}
		list[n] = object{
			"id":        "ful_" + o.ExternalID + "_" + strconv.Itoa(n+1),
			"packed_at": stampOrNull(s.ShippedAt), "shipped_at": stampOrNull(s.ShippedAt),
			"delivered_at": stampOrNull(s.DeliveredAt), "canceled_at": nil,
			"provider_id": textOrNull(s.Carrier), "labels": labels, "items": sent,
		}
	}
	return list
}

func returns(o *crm.Order) []object {
	words := map[crm.ReturnStatus]string{
		crm.ReturnStatusApproved: "partially_received", crm.ReturnStatusReceived: "received", crm.ReturnStatusDeclined: "canceled",
	}
	list := make([]object, len(o.Returns))
	for n, r := range o.Returns {
		back := make([]object, len(r.Lines))
		for i, l := range r.Lines {
			back[i] = object{"item_id": l.Line.ID, "quantity": l.Quantity, "note": textOrNull(r.Reason), "reason": nil}
		}
		word := words[r.Status]
		if word == "" {
			word = "requested"
		}
		list[n] = object{
			"id": "return_" + o.ExternalID + "_" + strconv.Itoa(n+1), "status": word,
			"requested_at": stamp(r.RequestedAt), "received_at": stampOrNull(r.ReceivedAt), "items": back,
		}
	}
	return list
}

func variantID(v crm.Variant) string { return "variant_" + strings.ReplaceAll(v.SKU, " ", "_") }

func productBody(p *crm.Product) object {
	categories, variants := make([]object, len(p.Categories)), make([]object, len(p.Variants))
	for n, name := range p.Categories {
		categories[n] = object{"name": name}
	}
	for n, v := range p.Variants {
		variants[n] = variantBody(v)
	}
	return object{
		"id": p.ExternalID, "title": p.Title, "description": textOrNull(p.Description), "thumbnail": textOrNull(p.ImageURL),
		"created_at": stamp(p.CreatedAt), "updated_at": stamp(p.UpdatedAt), "categories": categories, "variants": variants,
	}
}

// variantBody returns a variant: one whose stock is not counted, or that is sold
// out.
func variantBody(v crm.Variant) object {
	options, prices, stock := make([]object, len(v.Options)), []object{}, []object{}
	for n, o := range v.Options {
		options[n] = object{"value": o.Value, "option": object{"title": o.Name}}
	}
	if v.Price != nil {
		prices = append(prices, object{
			"id": "price_" + variantID(v), "amount": amount(*v.Price), "currency_code": strings.ToLower(v.Price.CurrencyCode),
			"min_quantity": nil,
		})
	}
	counted := v.Availability != crm.AvailabilityInStock
	if v.Availability == crm.AvailabilityOutOfStock {
		stock = append(stock, object{
			"required_quantity": 1, "inventory": object{"location_levels": []object{{"available_quantity": 0}}},
		})
	}
	return object{
		"id": variantID(v), "sku": v.SKU, "title": textOrNull(v.Title), "manage_inventory": counted, "allow_backorder": false,
		"options": options, "prices": prices, "inventory_items": stock,
	}
}

func addressOrNull(a *crm.Address, id string) any {
	if a == nil {
		return nil
	}
	body := addressBody(*a)
	body["id"] = id
	return body
}

// addressBody returns an address; the name's last word is the family's.
func addressBody(a crm.Address) object {
	first, last := "", ""
	if a.Name != nil {
		last = *a.Name
		if at := strings.LastIndexByte(last, ' '); at >= 0 {
			first, last = last[:at], last[at+1:]
		}
	}
	body := object{
		"first_name": orNull(first), "last_name": orNull(last), "company": nil,
		"address_1": a.Line1, "address_2": textOrNull(a.Line2), "city": textOrNull(a.City),
		"province": textOrNull(a.Region), "postal_code": textOrNull(a.PostalCode), "country_code": nil,
	}
	if a.CountryCode != nil {
		body["country_code"] = strings.ToLower(*a.CountryCode)
	}
	return body
}

// amount returns money as a decimal number in major units.
func amount(m crm.Money) json.Number { return json.Number(m.Amount()) }

// stamp writes a time as Medusa does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func stampOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func textOrNull(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}
