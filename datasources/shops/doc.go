// Package shops builds the configured shops: for each an adapter of its kind, from
// the packages below this one, and around it the guards that keep a slow or broken
// shop from harming anything else (datasources/shops/guard).
//
// It reads no settings and knows no commands. cmd/gateway may import it; the
// adapters do not.
package shops
