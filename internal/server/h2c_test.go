package server_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/server"
)

// h2c is a client that speaks HTTP/2 without TLS from its first byte on.
func h2c(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: &http.Protocols{}}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// askOver sends a document and gives the protocol, the status and the body of the answer.
func askOver(ctx context.Context, client *http.Client, f *fixture, header map[string]string) (proto string, status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL()+"/graphql", strings.NewReader(`{"query": "{hello}"}`))
	if err != nil {
		return "", 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(resp.Body)
	return resp.Proto, resp.StatusCode, string(all), err
}

// HTTP/2 without TLS is spoken where it is configured, beside HTTP/1.1, and nowhere
// else.
func TestH2C(t *testing.T) {
	off := start(t, hello, nil)
	if proto, status, body, err := askOver(t.Context(), h2c(t), off, nil); err == nil {
		t.Errorf("without the setting: %s %d %s", proto, status, body)
	}
	on := start(t, hello, func(c *server.Config) { c.H2C = true })
	if proto, status, body, err := askOver(t.Context(), h2c(t), on, nil); err != nil || proto != "HTTP/2.0" || status != 200 || body != worldAnswer {
		t.Errorf("%s %d %s %v", proto, status, body, err)
	}
	if proto, status, body, err := askOver(t.Context(), on.client, on, nil); err != nil || proto != "HTTP/1.1" || status != 200 || body != worldAnswer {
		t.Errorf("HTTP/1.1: %s %d %s %v", proto, status, body, err)
	}
	for _, client := range []*http.Client{h2c(t), on.client} {
		if proto, status, _, err := askOver(t.Context(), client, on, map[string]string{"X-Large": strings.Repeat("x", 16<<10)}); err == nil && status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("headers of twice what may be: %s %d", proto, status)
		}
	}
	admin, err := http.NewRequestWithContext(t.Context(), http.MethodGet, on.AdminURL()+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := h2c(t).Do(admin); err == nil {
		_ = resp.Body.Close()
		t.Errorf("the admin listener answers %s", resp.Proto)
	}
}

// A client is told what one connection may hold (RFC 9113, section 6.5.2), and more
// requests than that are answered all the same, one after the other.
func TestH2CLimits(t *testing.T) {
	f := start(t, hello, func(c *server.Config) { c.H2C = true })
	got := settings(t, f)
	const maxStreams, windowSize, frameSize, headerList = 3, 4, 5, 6
	if got[maxStreams] != 100 || got[windowSize] != 256<<10 || got[frameSize] != 64<<10 {
		t.Errorf("streams %d, window %d, frames %d", got[maxStreams], got[windowSize], got[frameSize])
	}
	// The fixture's 8 KiB, and what HTTP/2 counts for each header beside its text.
	if got[headerList] < 8<<10 || got[headerList] > 9<<10 {
		t.Errorf("headers of %d bytes", got[headerList])
	}
	client := h2c(t)
	var all sync.WaitGroup
	for range 130 {
		all.Go(func() {
			if proto, status, body, err := askOver(t.Context(), client, f, nil); err != nil || status != 200 || proto != "HTTP/2.0" {
				t.Errorf("%s %d %s %v", proto, status, body, err)
			}
		})
	}
	all.Wait()
}

// settings are those that the server begins a connection with, by their numbers.
func settings(t *testing.T, f *fixture) map[uint16]uint32 {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(f.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The client's preface with an empty frame of settings.
	if _, err := conn.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
		t.Fatal(err)
	}
	var head [9]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil || head[3] != 4 {
		t.Fatalf("the first frame is of type %d: %v", head[3], err)
	}
	body := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(conn, body); err != nil {
		t.Fatal(err)
	}
	got := map[uint16]uint32{}
	for ; len(body) >= 6; body = body[6:] {
		got[binary.BigEndian.Uint16(body)] = binary.BigEndian.Uint32(body[2:])
	}
	return got
}
