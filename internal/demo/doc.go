// Package demo is the demo's data set: the real purchases of the Online Retail
// data set (data/README.md: source, licence, what was changed) and a company
// around them that is generated, the same to the last byte every time.
//
// It owns what is generated and by which rule; docs/demo-data.md says which part is
// real. It knows no particular store: it writes through the ports of internal/crm.
// Only cmd/gateway, tests and benchmarks import it.
package demo
