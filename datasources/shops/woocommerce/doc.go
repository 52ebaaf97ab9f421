// Package woocommerce reads the purchases of a WooCommerce shop over its REST
// API, version 3 (/wp-json/wc/v3), of WooCommerce 5.8 or later.
//
// It owns authentication, requests and paging, which orders belong to which
// customer, and how WooCommerce's records become those of internal/crm. It does not
// own caching, retries and deadlines, which are decorators, nor what is stored.
//
// What the API is like, and what follows:
//
//   - orders?customer= takes one id and customers?email= one address: there is no
//     batching. One shopper costs a request for each address (who has an account
//     with it), one for each account (its orders) and one for each address (guests'
//     orders), and one for each refunded order that is handed out.
//   - An order with an account belongs to the account, whose address counts; the
//     address on its bill is what somebody typed. A guest's order belongs to the
//     address on its bill. search= finds guests' orders and much else, so that
//     every order is looked at again.
//   - Times have seconds. A shop that keeps orders as posts sorts them by its local
//     time: in the hour that clocks go back, pages may meet in the wrong place.
//   - Refunds have a time only in a list of their own, one request an order.
//   - Customers cannot be asked for by time of change: a walk goes through all of
//     them and hands on those that changed. Orders and products can. A variation
//     that changes alone is seen when its product changes.
//   - Only published products are products. Prices are in the shop's one currency,
//     which the API tells in a place of its own; where the key may not read it,
//     products have no prices.
//   - There are no carts, no parcels and no proof of addresses.
//   - Orders in a currency that is not of ISO 4217, or whose amounts are no
//     numbers, are an error where they are asked for and left out of changes.
//
// It is tested against woocommercetest, a simulator: no WooCommerce was asked.
//
// Only datasources/shops and cmd may import it. It imports internal/crm and
// datasources/shops/internal/upstream.
package woocommerce
