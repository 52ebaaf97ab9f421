// Package shopify is a shop on Shopify, asked through its Admin GraphQL API of
// version 2026-07. It owns what is asked, how much of the shop's allowance that
// takes, and how the API's answers become records of internal/crm.
// It does not own caching, retries and deadlines, which are decorators, nor the
// requests themselves, which are upstream's.
//
// Only package shops may import it.
//
// # What an order is
//
// An order was placed when Shopify has it processed (processedAt): that is the
// moment of the purchase for an imported order too, whose createdAt is that of the
// import. Orders are sorted by it. Test orders are left out, but for CountOrders,
// which gives Shopify's own count. Without the permission read_all_orders Shopify
// knows orders of the last 60 days only; Check says so. Drafts are no orders to
// Shopify either.
//
// Amounts are in the shop's currency. Discounts that hold for a whole order are in
// the order's price, not in its lines. Subtotal is what is left of the total
// without shipping and tax and before discounts, so that it holds tips and duties.
//
// An order has all its lines, 250 lines of each shipment and refund, and 5 returns
// of 60 lines each; what is beyond that is left out.
//
// Native ids are the numbers in Shopify's global ids: 1001 is
// gid://shopify/Order/1001.
//
// # Cost
//
// One query may cost 1000 points, and all of an app's together as many as flow back
// into its bucket. How orders are read follows from it: first all that is nearly
// free, with which customers they belong to, then the lines, and of shipments,
// refunds and returns only where there are any: two requests for 20 customers with
// up to 90 orders of one or two lines. More lines, and more refunds, returns and
// parcels, cost further requests. Costs are computed by the rule that Shopify
// documents, every connection at its full size; it may ask less for large ones.
// What it does ask, and what the bucket holds, is read from each answer.
//
// What could be tested against is a mock that has Shopify's schema and nothing else
// of it: scripts/shops/shopify-mock.
package shopify
