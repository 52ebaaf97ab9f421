// Package medusa reads purchases from a Medusa v2 shop over its Admin REST API.
//
// It owns how Medusa is asked and how its records become the domain's. It does
// not own deadlines, retries, caches, or the cutting of batches to the
// Capabilities. datasources/shops alone may import it.
//
// What is particular to Medusa, seen on 2.21.2:
//
//   - Credentials are a secret key ("sk_…", sent as Basic) or "Bearer " and a
//     JWT of POST /auth/user/emailpass. Medusa hashes a key with scrypt at every
//     request: some 50 ms that a JWT does not cost; but a JWT expires (a day by
//     default), and nothing here renews it.
//   - /admin/orders ignores filters that it does not know and answers with
//     everybody's orders; a shopper's are found through /admin/customers, which
//     refuses them. Whatever comes back is checked all the same.
//   - Emails compare by case. Medusa's own checkout and registration store them in
//     lower case, as ours are; a customer whom an administrator entered with
//     capitals is found by external id alone.
//   - An order belongs to its customer, and that to the customer's email; the
//     address in the order counts only where the order has no customer. Orders
//     without a customer are not found by OrdersOf.
//   - Nested orders cannot be limited: a stretch is cut here, out of all of a
//     customer's orders.
//   - A list's totals are not asked for. They take the discounts of every version
//     of an order together (one that was paid, sent and delivered has five), they
//     shrink as goods are returned or money is given back, and they cost Medusa
//     more than all else. Prices here are what was bought, computed from unit
//     price, quantity, tax lines and the current adjustments by Medusa's own rule,
//     exactly, and rounded once.
//   - A capture does not touch the order's updated_at; OrderChanges reads the
//     payments' changes as well.
//   - Carts are not in the Admin API, and Medusa sends no webhooks: see NewWebhook.
package medusa
