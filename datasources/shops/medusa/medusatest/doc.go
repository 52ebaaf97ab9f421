// Package medusatest is a small imitation of a Medusa v2 shop, for the demo and for
// tests: an http.Handler that answers what the adapter in datasources/shops/medusa
// asks the Admin API for, from records that it is given.
//
// It was written after the answers of a real Medusa (2.21.2), and a test compares the
// form of its answers with those that are recorded in the adapter's testdata. What
// the adapter never asks for is missing. It has customers, orders,
// products, their variants and payments, as lists with Medusa's filters, fields,
// order, limit and offset, and asks for a secret key as Medusa does. Like Medusa it
// ignores unknown filters of orders and products, answers with everybody's, and
// refuses those of customers.
//
// What it cannot carry, and New refuses: discounts, taxes and costs of shipping,
// and prices that are not what the lines cost. What it leaves out, as Medusa has
// no place for it: which of our customers and organizations an order is for, its
// purchase order number, terms and promised delivery, what its addresses are called,
// and the lines of a refund.
// How far an order is paid and has come follows from its payments and shipments.
//
// The demo's program and tests may import it; it imports the domain alone.
package medusatest
