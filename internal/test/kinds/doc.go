// Package kinds tests that everything that a kind of record needs is there. Each
// failure says which step of the recipe "Add a kind" in CONTRIBUTING was forgotten,
// and what to do.
//
// It owns tests only. Nobody imports it.
package kinds
