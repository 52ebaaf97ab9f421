package mongodb

import (
	"context"
	"net"

	"github.com/customer360/gateway/internal/crm"
)

// DialLocal is what a store without TLS dials with.
func DialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	return localDialer{}.DialContext(ctx, network, address)
}

// StandardIndexes returns the fields of the indexes of a kind for which none were
// made.
func StandardIndexes(d *crm.Description) [][]crm.Field {
	list := [][]crm.Field{}
	for _, i := range standardIndexes(d) {
		list = append(list, i.fields)
	}
	return list
}
