// Package persisted knows documents by their ids: trusted documents, which the
// operator lists in a manifest, and automatic persisted queries (APQ), which
// callers register themselves to send a hash instead of a text.
//
// It owns the manifest ("apollo-persisted-query-manifest", version 1: what
// @apollo/generate-persisted-query-manifest writes; or an object of ids with their
// texts: what graphql-codegen's client preset and the Relay compiler write), its reloading, the modes, and
// the cache of APQ. It does not know HTTP, nor how documents are parsed, validated
// or run: it gives a text and says whether it is trusted. Only what stands in the
// manifest, byte for byte, is trusted; what came by APQ never is.
//
// It imports internal/crm; internal/server and cmd import it.
package persisted
