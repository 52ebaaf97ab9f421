// Package server owns HTTP: the public listener with GraphQL (and the explorer,
// if one is given), the admin listener with health, readiness and metrics, and
// everything that a request passes before it is executed. Checks that are cheap and
// keep many requests out come first:
//
//   - request id, log line, metrics, panics; the host, if there is no access control
//   - what pages of other origins may do (CORS), the media type of the answer, the
//     method, what a browser could have been made to send (CSRF)
//   - the rate of the client's address, the credential, the rate of the principal
//     that the credential stands for
//   - the request itself (GraphQL over HTTP), the document that its id stands for,
//     the plan, the cost, and whether the principal may still spend that much
//
// docs/ARCHITECTURE.md walks through all of it.
//
// It knows nothing of customers, stores or resolvers, checks no credential and
// plans no document: the executable schema, the Authenticator, the planner and the
// limiters are given to it. gqlgen executes; its HTTP transports are not used, as
// they repeat what was sent. Only cmd/gateway imports it.
package server
