// Package schema holds the graph's schema to its rules: everything is described,
// every field says who may read it, enums and inputs are those of internal/crm,
// no file is too long, and what callers ask stays valid.
//
// It owns tests only, and in testdata/journeys the documents that callers send.
// It does not run queries. Nobody imports it.
package schema
