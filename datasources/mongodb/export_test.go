package mongodb

import (
	"context"
	"net"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/customer360/gateway/internal/crm"
)

// DialLocal is what a store without TLS dials with.
func DialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	return localDialer{}.DialContext(ctx, network, address)
}

// WithMonitor has a store's commands watched.
func WithMonitor(m *event.CommandMonitor) Option { return func(s *settings) { s.monitor = m } }

// OwnersName is the name of the collection that says whose a kind's unique values are,
// "" for a kind without.
func OwnersName(d *crm.Description) string { return ownersName(d) }

// Path is where a field is in a document.
func Path(field crm.Field) string { return path(field) }

// StandardIndexes returns the fields of the indexes of a kind for which none were
// made.
func StandardIndexes(d *crm.Description) [][]crm.Field {
	list := [][]crm.Field{}
	for _, i := range standardIndexes(d) {
		list = append(list, i.fields)
	}
	return list
}
