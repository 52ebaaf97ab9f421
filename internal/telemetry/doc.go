// Package telemetry owns what the gateway says about itself: metrics (in a registry
// of its own) and structured logs. No label and no log line holds text that came
// from a client. internal/server and cmd/gateway may import it.
package telemetry
