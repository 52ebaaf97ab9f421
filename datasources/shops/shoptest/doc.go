// Package shoptest is a shop for tests: a crm.Shop over records in memory that
// keeps the port's contract. Tests can make it slow, broken, forgetful or a liar.
// Conformance asks any crm.Shop about known records.
//
// Tests alone may import it. It imports internal/crm and copies of its records
// (datasources/shops/guard/clone).
package shoptest
