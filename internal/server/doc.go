// Package server owns HTTP: the public listener with GraphQL (and the explorer,
// if one is given), the admin listener with health, readiness and metrics, and
// everything a request passes before the graph: request id, log line, host,
// origin, size, encoding and time limit.
//
// It knows nothing of customers, stores or resolvers: the executable schema, the
// presenting of errors and the readiness of the store are given to it. Only
// cmd/gateway imports it.
package server
