// Package apikey knows the credentials of partners' systems: how a key is made
// and written, and whether one that is brought is good (Keys, an
// access.Authenticator).
//
// It owns the form of a key, how long an answer of the store holds, and how often
// the use of a key is noted. It does not own where keys are kept (crm.APIKeys),
// what a principal may do (internal/access), or how often one may ask. It knows no
// store, no HTTP and no gqlgen; internal/server's wiring and the commands may
// import it.
package apikey
