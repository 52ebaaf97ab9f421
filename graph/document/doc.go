// Package document turns the text of a GraphQL document into one that is safe to
// execute: parsed, within limits, valid, and with what each of its operations
// costs worked out ahead. Whatever the text is, planning takes time and memory in
// proportion to the limits, not to what the text would grow to.
//
// The order is that of rising price: bytes, then tokens, then the parsed tree,
// then validation, then the merging of fields. What a later step would need more
// than linear time for is bounded by an earlier one.
//
// It owns the limits on documents and variables, the coercion of variables, the cost
// of operations and the cache of planned documents. It does not own who may read what (internal/access)
// nor who pays for it (internal/server/ratelimit); it knows no HTTP and no executor.
// internal/server, cmd/gateway and internal/test/attacks may import it; it imports
// gqlparser, reads JSON by jsontext, and imports nothing of the gateway.
package document
