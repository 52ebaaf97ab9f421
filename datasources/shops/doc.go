// Package shops makes the shops that are configured: for each an adapter of its
// kind, from the packages below this one, and around it what keeps a slow or
// broken shop from harming anything else (datasources/shops/guard).
//
// It reads no settings and knows nothing of the commands. cmd/gateway may import
// it; the adapters do not.
package shops
