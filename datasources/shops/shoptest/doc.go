// Package shoptest is a shop for tests: a crm.Shop over records in memory that
// keeps the port's contract, with knobs to make it slow, broken, forgetful or a
// liar, and Conformance, which asks any crm.Shop about records that are known.
//
// Tests alone may import it. It imports internal/crm and copies of its records
// (datasources/shops/guard/clone).
package shoptest
