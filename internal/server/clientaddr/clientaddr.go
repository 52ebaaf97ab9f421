package clientaddr

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const (
	// header is the field that proxies append to.
	header = "X-Forwarded-For"
	// maxHops is how many addresses are read, from the right; more proxies than that
	// are in no row.
	maxHops = 32
	// maxEntry is the longest entry that is read, in bytes: an IPv6 address with its
	// zone, brackets, port and some blanks is shorter.
	maxEntry = 128
)

// Proxies are the proxies that are believed. It does not change and may be used
// by many goroutines at once.
type Proxies struct {
	trusted []netip.Prefix
}

// New makes Proxies of the networks whose hosts are believed; none believes nobody.
// IPv4 networks in IPv6 form count as IPv4; what is not valid is left out.
func New(trusted []netip.Prefix) *Proxies {
	p := &Proxies{}
	for _, prefix := range trusted {
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		if prefix = netip.PrefixFrom(prefix.Addr().WithZone(""), prefix.Bits()).Masked(); prefix.IsValid() {
			p.trusted = append(p.trusted, prefix)
		}
	}
	return p
}

// Of returns the address of the client that made a request: the connection's, or if
// that is a proxy's, the one that the last unbroken row of proxies names. Where
// the row ends in something that is no address, it is the address of the proxy
// that wrote it; where all are proxies, the first of them. An IPv4 address in IPv6
// form is IPv4, and a zone is dropped. It is the zero Addr if the connection has no
// address, such as a Unix socket's.
func (p *Proxies) Of(r *http.Request) netip.Addr {
	addr, _ := parse(r.RemoteAddr)
	if !p.trusts(addr) {
		return addr
	}
	lines := r.Header.Values(header)
	hops := 0
	for _, line := range slices.Backward(lines) {
		for more := true; more; {
			var entry string
			line, entry, more = cutLast(line)
			hop, ok := parse(entry)
			if hops++; !ok || hops > maxHops {
				return addr
			}
			if addr = hop; !p.trusts(addr) {
				return addr
			}
		}
	}
	return addr
}

func (p *Proxies) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(p.trusted, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// cutLast cuts the last entry off a line; more says that there are others.
func cutLast(line string) (rest, entry string, more bool) {
	i := strings.LastIndexByte(line, ',')
	if i < 0 {
		return "", line, false
	}
	return line[:i], line[i+1:], true
}

// parse reads an address with or without a port, and IPv6 in brackets too.
func parse(text string) (netip.Addr, bool) {
	if len(text) > maxEntry {
		return netip.Addr{}, false
	}
	text = strings.Trim(text, " \t")
	// The connection's has a port; no text is an address both with and without one.
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
			addr, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
			if addr.Is4() {
				return netip.Addr{}, false
			}
		}
	}
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}

// Key names whom an address belongs to, for limits: an IPv4 address as it is, of
// an IPv6 address its network of 64 bits, which is the least that one subscriber
// has (RFC 6177). The zero Addr is "unknown".
func Key(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	switch {
	case !addr.IsValid():
		return "unknown"
	case addr.Is4():
		return addr.String()
	default:
		return netip.PrefixFrom(addr, 64).Masked().String()
	}
}

// IsLoopbackHost says whether a Host header, with a port or without, names this machine
// by a loopback name.
func IsLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
		if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
			host = host[1 : len(host)-1]
		}
	}
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
