// Package vendure is the adapter of Vendure shops: crm.Shop over the Admin API
// (GraphQL) of Vendure 3. It is tested on a real Vendure 3.7.3; see
// scripts/shops/vendure.
//
// # Credentials
//
// Either an API key, "lookup:secret" (Vendure 3.6 or newer, "api-key" among the
// shop's tokenMethod), or a session's token with the word before it, "Bearer
// token". They need ReadCustomer, ReadOrder and ReadCatalog. Vendure runs bcrypt
// on an API key for every root field of a request, about 250 ms: each request
// here has one root field, and a bearer token is many times as fast. A shop that
// answers customer pages live should be given a bearer token of an administrator
// with these permissions alone and a long sessionDuration.
//
// # Requests
//
// OrdersOf, CountOrders and CartsOf are one request for any number of shoppers:
// customers by id or email, with their orders inside. Only a shopper with many
// orders of the same millisecond, or more matching customers than a list may have
// (1,000), takes another. Several customers of the shop may be one shopper, an
// account and a guest of the same address; their orders are merged. OrdersByID,
// ProductsByID and ProductsBySKU are one request for up to 1,000 keys.
//
// # Changes
//
// Order.updatedAt does not tell what happened to an order: neither paying nor
// shipping nor delivering moves it. So OrderChanges ends with a mark that lies
// Overlap before the last order placed, so that reading on from it shows the orders
// of that window again. What happens to an order later than that is seen only if
// it moves updatedAt, as canceling and editing do, or if somebody asks for the
// order itself. Product.updatedAt does not move with its variants, which are
// therefore read by their own updatedAt as well; see products.go.
//
// # Times
//
// A parcel's ShippedAt is when its fulfillment was made. CanceledAt is the order's
// updatedAt. An order's UpdatedAt is the latest time that any of its parts bears.
//
// # Money
//
// Vendure counts money in hundredths, whatever the currency (its default
// MoneyStrategy; another precision than 2 is not supported). Line and shipping
// prices are net, so that Subtotal - Discount + Shipping + Tax = Total holds; a
// canceled order's amounts are 0, as in Vendure. Surcharges are lines.
//
// It owns requests, conversion and the translation of errors; it does not own
// deadlines, retries, caching and batches, which are decorators over the port.
// datasources/shops and tests may import it.
package vendure
