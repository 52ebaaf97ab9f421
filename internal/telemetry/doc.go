// Package telemetry owns what the gateway says about itself: metrics (a registry
// of its own) and structured logs. No label and no log line holds a text of a
// client's. internal/server and cmd/gateway may import it.
package telemetry
