// Package clientaddr says from which address a request came.
//
// It owns the reading of X-Forwarded-For. That header is believed only as far as
// configured proxies wrote it: each appends the address that it was called from,
// so it is read from its right end, and the first address that is no proxy's is
// the client's. The client may have made up everything to the left of it.
//
// The Forwarded header of RFC 7239 is not read: a proxy that writes it must be made
// to write X-Forwarded-For instead. A proxy must append to or replace that header;
// one that passes it on as it came lets its clients choose their address.
//
// It imports the standard library alone; internal/server and cmd import it.
package clientaddr
