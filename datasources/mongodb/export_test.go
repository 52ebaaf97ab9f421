package mongodb

import (
	"context"
	"net"
)

// DialLocal is what a store without TLS dials with.
func DialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	return localDialer{}.DialContext(ctx, network, address)
}
