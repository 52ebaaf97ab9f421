// Package access decides who may see what. It owns the principal (who asks, found
// out by an Authenticator and carried in the context), the rules that say which
// fields a principal may read (Rules, from the schema's @access and @pii) and the
// policy that says which objects (Policy). Store and Sources put the policy round
// the store and the shops that resolvers read from, so that lists, counts,
// searches, ids and nested objects all pass it.
//
// It does not own credentials: internal/access/oidc checks tokens, internal/access/apikey keys.
// What is not a caller's, such as a sync, reads and writes the store undecorated.
// It imports no HTTP and no gqlgen; resolvers, the server and the command import
// it.
package access
