// Package deadline puts a time limit round every read of a store, whatever
// deadline the request itself has: a driver may take a request's own deadline,
// which is longer, instead of the one that it was configured with.
//
// It is a decorator round the port and knows no adapter. cmd/gateway may import
// it.
package deadline
