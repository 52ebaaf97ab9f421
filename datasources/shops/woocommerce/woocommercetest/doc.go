// Package woocommercetest is a simulator of the reading half of WooCommerce's REST
// API, version 3, for tests: customers, orders with their refunds, products with
// their variations, and the currency.
//
// It is made from WooCommerce's documentation and published source: filters, one
// id or address a filter, parameters that are unknown and therefore ignored, bounds
// of time that leave out the bound itself and are local unless dates_are_gmt says
// otherwise, seconds, paging headers, authentication and the bodies of errors. No
// real WooCommerce was asked, so that a test that passes here shows what the
// documentation promises and no more.
//
// Tests alone may import it. It imports the standard library alone.
package woocommercetest
