package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/server"
)

// dial opens a connection to a server and sends what is given.
func dial(t *testing.T, f *fixture, sent string) *bufio.Reader {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(f.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(conn)
}

// impatient is a server that waits for nobody long.
func impatient(c *server.Config) { c.Limits.ReadTimeout = 100 * time.Millisecond }

// A body that does not arrive in time is answered with 408, and the connection is
// closed.
func TestSlowBody(t *testing.T) {
	f := start(t, hello, impatient)
	conn := dial(t, f, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"query\": ")
	resp, err := http.ReadResponse(conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), badRequest) || !resp.Close {
		t.Errorf("%d %s %v, closed: %v", resp.StatusCode, body, err, resp.Close)
	}
	_ = resp.Body.Close()
	if _, err := conn.ReadByte(); err != io.EOF {
		t.Errorf("the connection is open: %v", err)
	}
}

// Headers that do not arrive in time end the connection.
func TestSlowHeaders(t *testing.T) {
	f := start(t, hello, impatient)
	conn := dial(t, f, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
	if answer, err := io.ReadAll(conn); err != nil || strings.Contains(string(answer), " 200 ") {
		t.Errorf("%s %v", answer, err)
	}
}

// A body that is too large, or comes from nobody, is not even asked for.
func TestBodyIsNotAskedFor(t *testing.T) {
	f := known(t, nil)
	for name, test := range map[string]struct {
		header string
		status int
	}{
		"too large":        {"Authorization: Bearer staff-1\r\nContent-Type: application/json\r\nContent-Length: 50000000", 413},
		"from nobody":      {"Content-Type: application/json\r\nContent-Length: 100", 401},
		"of another type":  {"Authorization: Bearer staff-1\r\nContent-Type: text/plain\r\nContent-Length: 100", 415},
		"compressed":       {"Authorization: Bearer staff-1\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 100", 415},
		"compressed twice": {"Authorization: Bearer staff-1\r\nContent-Type: application/json\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 100", 415},
	} {
		conn := dial(t, f, fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: localhost\r\n%s\r\nExpect: 100-continue\r\n\r\n", test.header))
		resp, err := http.ReadResponse(conn, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != test.status {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, test.status)
		}
	}
}

// A body that ends too early, or whose length is not known and too large, is
// refused.
func TestBodyOfAnotherLength(t *testing.T) {
	f := start(t, hello, nil)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1000, strings.Repeat(" ", 1000))
	conn := dial(t, f, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat(chunk, 4))
	resp, err := http.ReadResponse(conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("chunks: %d, want 413", resp.StatusCode)
	}
	conn = dial(t, f, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n")
	if resp, err = http.ReadResponse(conn, nil); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("broken chunks: %d, want 400", resp.StatusCode)
	}
}
