// Package explorer owns GraphiQL as the gateway serves it: the page, its assets
// (part of the binary, nothing comes from elsewhere) and the example queries.
//
// It knows nothing of the graph beyond the examples. cmd/gateway may import it.
package explorer
