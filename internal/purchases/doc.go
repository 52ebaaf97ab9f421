// Package purchases unifies the store and the shops for what answers callers:
// one list of a customer's orders over all of them, carts, and orders and
// products by id and SKU from the source that has them.
//
// Every source is asked at the same time, once for all customers of a call. A
// source that fails, is late or panics costs its own records and nothing else,
// and the answer says so (crm.SourceStatus). Lists are merged by keyset, placedAt
// descending and then id descending, so a place in the list means the same in
// every source.
//
// What a shop gives is handed on only if it bears the shop's name and is the
// customer's who was asked for. The package caches nothing, retries nothing and
// sets no deadlines: the shops it is given do. It knows nothing of GraphQL, and who
// may see what only as far as a crm.Audience says how to ask.
//
// The command imports it; resolvers are handed a crm.Purchases.
package purchases
