package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/event"
)

// monitor calls observe for every command but those that only keep a connection.
func monitor(observe func(call string)) *event.CommandMonitor {
	return &event.CommandMonitor{
		Started: func(_ context.Context, started *event.CommandStartedEvent) {
			switch started.CommandName {
			case "hello", "isMaster", "ping", "endSessions", "saslStart", "saslContinue", "authenticate":
			default:
				observe(started.CommandName)
			}
		},
	}
}
