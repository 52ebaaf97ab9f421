// Package deadline puts a time limit on every read of a store, whatever deadline
// the request itself has. It is needed because a driver may take the request's own
// deadline, which is later, instead of the one that it was configured with.
//
// It decorates the port and knows no adapter. cmd/gateway may import it.
package deadline
