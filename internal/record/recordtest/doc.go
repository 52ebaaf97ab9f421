// Package recordtest makes fully populated values of every kind of record, for
// test suites: of the record's own forms, of stores and of the graph. No field of
// them is zero, and no two calls share memory. It imports internal/crm alone;
// tests may import it.
package recordtest
