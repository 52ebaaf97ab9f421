// Package explorer owns GraphiQL as the gateway serves it: the page, its assets
// (which are part of the binary, so that nothing is loaded from elsewhere) and the
// example queries.
//
// It knows nothing of the graph beyond the examples. cmd/gateway may import it.
package explorer
