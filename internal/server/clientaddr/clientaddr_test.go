package clientaddr_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/server/clientaddr"
)

// proxies trusts 10.0.0.0/8, 2001:db8:ffff::/48 and one address in IPv6 form.
func proxies() *clientaddr.Proxies {
	return clientaddr.New([]netip.Prefix{
		netip.MustParsePrefix("10.1.2.3/8"),
		netip.MustParsePrefix("2001:db8:ffff::/48"),
		netip.MustParsePrefix("::ffff:192.0.2.7/128"),
		{},
	})
}

func request(remote string, forwarded ...string) *http.Request {
	r := &http.Request{RemoteAddr: remote, Header: http.Header{}}
	for _, line := range forwarded {
		r.Header.Add("X-Forwarded-For", line)
	}
	return r
}

func TestOf(t *testing.T) {
	const proxy = "10.0.0.1:1234"
	cases := map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                        {"203.0.113.5:80", nil, "203.0.113.5"},
		"a client that forges":            {"203.0.113.5:80", []string{"198.51.100.1"}, "203.0.113.5"},
		"proxy without a header":          {proxy, nil, "10.0.0.1"},
		"one proxy":                       {proxy, []string{"203.0.113.5"}, "203.0.113.5"},
		"spoofed left of the client":      {proxy, []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.5"},
		"spoofed as a proxy":              {proxy, []string{"10.9.9.9, 203.0.113.5"}, "203.0.113.5"},
		"spoofed proxy at the left":       {proxy, []string{"198.51.100.1, 10.9.9.9, 203.0.113.5, 10.0.0.2"}, "203.0.113.5"},
		"garbage left of the client":      {proxy, []string{"<script>, 203.0.113.5"}, "203.0.113.5"},
		"two proxies":                     {proxy, []string{"203.0.113.5, 10.0.0.2"}, "203.0.113.5"},
		"proxies alone":                   {proxy, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"garbage":                         {proxy, []string{"203.0.113.5, unknown"}, "10.0.0.1"},
		"garbage behind a proxy":          {proxy, []string{"203.0.113.5, _hidden, 10.0.0.2"}, "10.0.0.2"},
		"empty":                           {proxy, []string{""}, "10.0.0.1"},
		"empty at the end":                {proxy, []string{"203.0.113.5,"}, "10.0.0.1"},
		"several lines":                   {proxy, []string{"198.51.100.1", "203.0.113.5, 10.0.0.3", "10.0.0.2"}, "203.0.113.5"},
		"spoofed line first":              {proxy, []string{"198.51.100.1", "203.0.113.5"}, "203.0.113.5"},
		"a port":                          {proxy, []string{"203.0.113.5:4711"}, "203.0.113.5"},
		"blanks":                          {proxy, []string{" \t203.0.113.5\t , 10.0.0.2 "}, "203.0.113.5"},
		"IPv6":                            {"[2001:db8:ffff::1]:80", []string{"2001:db8::5"}, "2001:db8::5"},
		"IPv6 in brackets":                {proxy, []string{"[2001:db8::5]"}, "2001:db8::5"},
		"IPv6 in brackets with a port":    {proxy, []string{"[2001:db8::5]:4711"}, "2001:db8::5"},
		"IPv6 with a zone":                {proxy, []string{"fe80::1%eth0"}, "fe80::1"},
		"IPv4 in brackets":                {proxy, []string{"[203.0.113.5]"}, "10.0.0.1"},
		"open bracket":                    {proxy, []string{"[2001:db8::5"}, "10.0.0.1"},
		"IPv4 in IPv6 form":               {proxy, []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		"a connection in IPv6 form":       {"[::ffff:10.0.0.1]:80", []string{"203.0.113.5"}, "203.0.113.5"},
		"a proxy in IPv6 form in the row": {proxy, []string{"203.0.113.5, ::ffff:10.0.0.2"}, "203.0.113.5"},
		"a proxy configured in IPv6 form": {"192.0.2.7:80", []string{"203.0.113.5"}, "203.0.113.5"},
		"its neighbour":                   {"192.0.2.8:80", []string{"203.0.113.5"}, "192.0.2.8"},
		"a connection with a zone":        {"[fe80::1%eth0]:80", nil, "fe80::1"},
		"leading zeros":                   {proxy, []string{"203.0.113.005"}, "10.0.0.1"},
		"a long entry":                    {proxy, []string{strings.Repeat("1", 1<<20)}, "10.0.0.1"},
		"a long row of proxies":           {proxy, []string{"203.0.113.5" + strings.Repeat(", 10.0.0.2", 1000)}, "10.0.0.2"},
		"many lines":                      {proxy, append([]string{"203.0.113.5"}, strings.Split(strings.Repeat("10.0.0.2 ", 99)+"10.0.0.2", " ")...), "10.0.0.2"},
		"as many proxies as are read":     {proxy, []string{"203.0.113.5" + strings.Repeat(", 10.0.0.2", 31)}, "203.0.113.5"},
		"a Unix socket":                   {"@", []string{"203.0.113.5"}, "invalid IP"},
		"without a port":                  {"203.0.113.5", nil, "203.0.113.5"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			if got := proxies().Of(request(test.remote, test.forwarded...)).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestNobodyIsBelievedByDefault(t *testing.T) {
	if got := clientaddr.New(nil).Of(request("127.0.0.1:80", "203.0.113.5")).String(); got != "127.0.0.1" {
		t.Errorf("got %s, want 127.0.0.1", got)
	}
}

func TestKey(t *testing.T) {
	for addr, want := range map[string]string{
		"203.0.113.5":           "203.0.113.5",
		"::ffff:203.0.113.5":    "203.0.113.5",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"2001:db8:1:2::":        "2001:db8:1:2::/64",
		"2001:db8:1:3::1":       "2001:db8:1:3::/64",
		"fe80::1%eth0":          "fe80::/64",
		"::ffff:0:203.0.113.5":  "::/64",
		"64:ff9b::203.0.113.5":  "64:ff9b::/64",
		"2001:db8:1:2:ff::%z":   "2001:db8:1:2::/64",
		"::1":                   "::/64",
		"0.0.0.0":               "0.0.0.0",
		"2001:db8:1:2:ffff::%9": "2001:db8:1:2::/64",
	} {
		if got := clientaddr.Key(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	if got := clientaddr.Key(netip.Addr{}); got != "unknown" {
		t.Errorf("no address: got %s, want unknown", got)
	}
}

// Whatever stands left of what the proxy appended changes nothing, and what comes
// from no proxy is not read.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{"", "198.51.100.1", "10.0.0.2, 10.0.0.3", ",,,", "[::1]:1", "::ffff:10.0.0.1%x", "1.2.3.4:", "\x00\xff"} {
		f.Add(seed, seed)
	}
	p := proxies()
	f.Fuzz(func(t *testing.T, first, second string) {
		if got := p.Of(request("203.0.113.9:80", first, second)).String(); got != "203.0.113.9" {
			t.Errorf("no proxy: got %s", got)
		}
		if got := p.Of(request("10.0.0.1:80", first, second+",203.0.113.5")).String(); got != "203.0.113.5" {
			t.Errorf("spoofed before the client's address: got %s", got)
		}
		got := p.Of(request("10.0.0.1:80", first, second))
		if !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("got %s, which is no plain address", got)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	p := proxies()
	r := request("10.0.0.1:80", "198.51.100.1, 203.0.113.5, 10.0.0.2")
	b.ReportAllocs()
	for b.Loop() {
		_ = clientaddr.Key(p.Of(r))
	}
}
