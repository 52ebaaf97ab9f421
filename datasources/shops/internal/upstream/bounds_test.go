package upstream_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return `{"name":"` + strings.Repeat("x", n-11) + `"}` }
	for _, c := range []struct {
		name  string
		bytes int
		zip   bool
		sized bool
		ok    bool
	}{
		{"just fits", 10000, false, true, true},
		{"fits compressed", 10000, true, false, true},
		{"one too many", 10001, false, true, false},
		{"one too many, size not said", 10001, false, false, false},
		{"one too many, compressed", 10001, true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				body := []byte(long(c.bytes))
				if c.zip {
					var packed bytes.Buffer
					z := gzip.NewWriter(&packed)
					_, _ = z.Write(body)
					_ = z.Close()
					body = packed.Bytes()
					w.Header().Set("Content-Encoding", "gzip")
				}
				if c.sized {
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				} else {
					_ = http.NewResponseController(w).Flush()
				}
				_, _ = w.Write(body)
			})
			client := newClient(t, upstream.Options{URL: s.URL, MaxBytes: 10000})
			var got answer
			_, err := client.Get(t.Context(), "x", "/x", nil, &got)
			var lasting interface{ Permanent() bool }
			if c.ok && (err != nil || len(got.Name) != c.bytes-11) ||
				!c.ok && (crm.CodeOf(err) != crm.CodeUnavailable || !errors.As(err, &lasting)) {
				t.Errorf("%d bytes, %v", len(got.Name), err)
			}
		})
	}
}

func TestRecordsAreBounded(t *testing.T) {
	t.Parallel()
	list := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"as many as may be", list(1000, `{}`), true},
		{"one too many", list(1001, `{}`), false},
		{"that are null", list(1001, `null`), false},
		{"that are none", list(1001, `0`), false},
		{"empty lists", list(999, `[]`), false},
		{"in a list in a list", list(501, `{"a":[{}]}`), false},
		{"in a text", `[{"name":"` + strings.Repeat(`\"[{,`, 1500) + `"}]`, true},
		{"very deep", strings.Repeat("[", 10001), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, upstream.Options{URL: newServer(t, text(c.body)).URL, MaxBytes: 48000})
			var got any
			_, err := client.Get(t.Context(), "x", "/x", nil, &got)
			var lasting interface{ Permanent() bool }
			if c.ok != (err == nil) || !c.ok && (crm.CodeOf(err) != crm.CodeUnavailable || !errors.As(err, &lasting)) {
				t.Error(err)
			}
		})
	}
}

func TestLargeAnswersShareABound(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	client := newClient(t, upstream.Options{URL: s.URL, MaxBytes: 4 << 20}) // 8 MiB together.
	open := func() (io.ReadCloser, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.HTTP().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, response.Body)
		return response.Body, err
	}
	var bodies []io.Closer
	for range 4 { // The first MiB of each is free, two count.
		b, err := open()
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, b)
	}
	b, err := open()
	if crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("a fifth: %v, want %s", err, crm.CodeUnavailable)
	}
	for _, b := range append(bodies, b) {
		_ = b.Close()
	}
	b, err = open()
	if err != nil {
		t.Errorf("after they are closed: %v", err)
	}
	_ = b.Close()
}
