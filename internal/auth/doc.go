// Package auth decides who may see what. It owns the principal (who asks, found
// out by an Authenticator and carried in the context), the rules that say which
// fields a principal may read (Rules, from the schema's @access and @pii) and the
// policy that says which objects (Policy, applied where objects are handed out).
//
// It does not own credentials: internal/oidc checks tokens, internal/apikey keys.
// It imports no HTTP and no gqlgen.
package auth
