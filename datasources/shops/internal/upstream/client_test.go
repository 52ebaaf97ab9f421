package upstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

type answer struct {
	Name string `json:"name"`
}

func TestGetAndPost(t *testing.T) {
	t.Parallel()
	var body []byte
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Total", "7")
		_, _ = w.Write([]byte("\xef\xbb\xbf \n{\"name\":\"teapot\"}\n"))
	})
	var calls []string
	c := newClient(t, upstream.Options{URL: s.URL + "/base/", Observe: func(call string) { calls = append(calls, call) }})

	var got answer
	header, err := c.Get(t.Context(), "orders", "/orders", url.Values{"email": {"a+b@example.test"}}, &got)
	if err != nil || got.Name != "teapot" || header.Get("X-Total") != "7" {
		t.Errorf("Get: %+v, total %q, %v", got, header.Get("X-Total"), err)
	}
	r := s.last(t)
	want := []string{"GET", "/base/orders?email=a%2Bb%40example.test", "Bearer secret", "application/json", "gzip", "", "customer360-gateway"}
	if diff := cmp.Diff(want, described(r)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if _, err := c.Post(t.Context(), "query", "/graphql", map[string]int{"n": 1}, &got); err != nil || string(body) != `{"n":1}` {
		t.Errorf("Post: body %s, %v", body, err)
	}
	want = []string{"POST", "/base/graphql", "Bearer secret", "application/json", "gzip", "application/json", "customer360-gateway"}
	if diff := cmp.Diff(want, described(s.last(t))); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"orders", "query"}, calls); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

func described(r *http.Request) []string {
	h := r.Header
	return []string{
		r.Method, r.URL.String(), h.Get("Authorization"), h.Get("Accept"), h.Get("Accept-Encoding"),
		h.Get("Content-Type"), h.Get("User-Agent"),
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	c := newClient(t, upstream.Options{URL: s.URL})
	reused := []bool{}
	for _, handler := range []http.HandlerFunc{
		text(`{}`), text("{}\n\n"), status(http.StatusNotFound), text("garbage"), text(`{"name":1}`),
		func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("x", 8000), http.StatusBadGateway)
		},
		text(`{}`),
	} {
		s.answer(handler)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(i httptrace.GotConnInfo) { reused = append(reused, i.Reused) },
		})
		_, _ = c.Get(ctx, "x", "/x", nil, &answer{})
	}
	if diff := cmp.Diff([]bool{false, true, true, true, true, true, true}, reused); diff != "" {
		t.Errorf("connections used again (-want +got):\n%s", diff)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		header []string
		want   crm.Code
		after  time.Duration
	}{
		{http.StatusUnauthorized, nil, crm.CodeUnauthenticated, 0},
		{http.StatusForbidden, []string{"Retry-After", "9"}, crm.CodeForbidden, 0},
		{http.StatusNotFound, nil, crm.CodeNotFound, 0},
		{http.StatusTooManyRequests, nil, crm.CodeRateLimited, 0},
		{http.StatusTooManyRequests, []string{"Retry-After", "7"}, crm.CodeRateLimited, 7 * time.Second},
		{http.StatusTooManyRequests, []string{"Retry-After", "2.0"}, crm.CodeRateLimited, 2 * time.Second},
		{http.StatusTooManyRequests, []string{"Retry-After", "soon"}, crm.CodeRateLimited, 0},
		{http.StatusTooManyRequests, []string{"Retry-After", "-3"}, crm.CodeRateLimited, 0},
		{http.StatusTooManyRequests, []string{"Retry-After", "NaN"}, crm.CodeRateLimited, 0},
		{http.StatusTooManyRequests, []string{"Retry-After", "99999999999999999999"}, crm.CodeRateLimited, 24 * time.Hour},
		{http.StatusTooManyRequests, []string{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}, crm.CodeRateLimited, 0},
		{http.StatusTooManyRequests, []string{"Retry-After", "Thu, 01 Jan 2099 00:00:00 GMT"}, crm.CodeRateLimited, 24 * time.Hour},
		{http.StatusServiceUnavailable, []string{"Retry-After", "1"}, crm.CodeUnavailable, time.Second},
		{http.StatusInternalServerError, nil, crm.CodeUnavailable, 0},
		{http.StatusRequestTimeout, nil, crm.CodeUnavailable, 0},
		{http.StatusPaymentRequired, nil, crm.CodeUnavailable, 0},
		{http.StatusLocked, nil, crm.CodeUnavailable, 0},
		{http.StatusNotModified, nil, crm.CodeUnavailable, 0},
		{http.StatusBadRequest, nil, crm.CodeInternal, 0},
		{http.StatusTeapot, nil, crm.CodeInternal, 0},
	} {
		t.Run(strconv.Itoa(c.status)+strings.Join(c.header, " "), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, status(c.status, c.header...))
			client := newClient(t, upstream.Options{URL: s.URL})
			_, err := client.Get(t.Context(), "x", "/x", url.Values{"email": {"victim@example.test"}}, &answer{})
			var told *crm.Error
			if !errors.As(err, &told) || told.Code != c.want || told.Source != "shop-one" || told.RetryAfter != c.after {
				t.Errorf("error: %#v, want %s after %v", told, c.want, c.after)
			}
			if strings.Contains(err.Error(), "victim") || strings.Contains(told.Message, "status") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestAnswersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":          text(""),
		"a page":           text("<html>Maintenance</html>"),
		"null":             text(" null"),
		"a list":           text(`[]`),
		"another type":     text(`{"name":7}`),
		"half of it":       text(`{"name":"tea`),
		"more than it":     text(`{"name":"teapot"}{"name":"kettle"}`),
		"a page behind it": text(`{"name":"teapot"}<b>Warning</b>`),
		"a broken archive": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("no archive"))
		},
		"a connection cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"name":"teapot"}`)) // A whole value, and not the whole answer.
			panic(http.ErrAbortHandler)
		},
		"a connection cut off before": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, handler)
			client := newClient(t, upstream.Options{URL: s.URL})
			if _, err := client.Get(t.Context(), "x", "/x", nil, &answer{}); crm.CodeOf(err) != crm.CodeUnavailable {
				t.Errorf("error: %v, want %s", err, crm.CodeUnavailable)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	client := newClient(t, upstream.Options{URL: "http://127.0.0.1:1"})
	_, err := client.Get(t.Context(), "x", "/x", url.Values{"email": {"victim@example.test"}}, &answer{})
	if crm.CodeOf(err) != crm.CodeUnavailable || errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "victim") {
		t.Errorf("error: %v", err)
	}
}

func TestTheContextEndsARequest(t *testing.T) {
	t.Parallel()
	for _, inBody := range []bool{false, true} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if inBody {
				_, _ = w.Write([]byte(`{"name":`))
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})
		client := newClient(t, upstream.Options{URL: s.URL})
		late, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		_, err := client.Get(late, "x", "/x", nil, &answer{})
		if crm.CodeOf(err) != crm.CodeUnavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline, in the body %v: %v", inBody, err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, cancel)
		if _, err = client.Get(canceled, "x", "/x", nil, &answer{}); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancellation, in the body %v: %v", inBody, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := newServer(t, text(`{"name":"stolen"}`))
	var s *server
	for _, c := range []struct {
		name, to string
		ok       bool
		requests int
	}{
		{"to another path", "/other", true, 2},
		{"to another host", "elsewhere", false, 1},
		{"to itself, for ever", "/x", false, 4},
		{"to another scheme", "https://", false, 1},
		{"to no URL", "http://[::1", false, 1},
		{"to nowhere", "", false, 1},
	} {
		for _, code := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
			s = newServer(t, nil)
			to := c.to
			switch to {
			case "elsewhere":
				to = other.URL + "/x"
			case "https://":
				to = strings.Replace(s.URL, "http://", "https://", 1) + "/x"
			}
			s.answer(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/other" {
					text(`{"name":"teapot"}`)(w, r)
					return
				}
				w.Header().Set("Location", to)
				w.WriteHeader(code)
			})
			client := newClient(t, upstream.Options{URL: s.URL})
			var got answer
			_, err := client.Post(t.Context(), "x", "/x", "body", &got)
			if c.ok && (err != nil || got.Name != "teapot") || !c.ok && crm.CodeOf(err) != crm.CodeUnavailable {
				t.Errorf("%s, %d: %+v, %v", c.name, code, got, err)
			}
			if s.count() != c.requests || other.count() != 0 {
				t.Errorf("%s, %d: %d requests, %d elsewhere; want %d and 0", c.name, code, s.count(), other.count(), c.requests)
			}
		}
	}
	// The address of another host is refused before it is asked.
	client := newClient(t, upstream.Options{URL: s.URL})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, other.URL, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.HTTP().Do(r)
	if err == nil {
		_ = response.Body.Close()
	}
	var lasting interface{ Permanent() bool }
	if crm.CodeOf(err) != crm.CodeUnavailable || !errors.As(err, &lasting) || !lasting.Permanent() || other.count() != 0 {
		t.Errorf("another host: %v, %d requests", err, other.count())
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"https://shop.example.com": true, "http://127.0.0.1:3100/": true, "https://shop.example.com/sub/": true,
		"": false, "shop.example.com": false, "ftp://shop.example.com": false, "https://": false, "https://:80": false,
		"https://u:p@shop.example.com": false, "https://shop.example.com?x=1": false, "https://shop.example.com?": false,
		"https://shop.example.com#x": false, "file:///etc/passwd": false, "https://shop example.com": false,
	} {
		if _, err := upstream.ParseURL(text); (err == nil) != ok || !ok && crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("ParseURL(%q): %v, want ok: %v", text, err, ok)
		}
		if _, err := upstream.New(upstream.Options{URL: text}); (err == nil) != ok {
			t.Errorf("New with %q: %v, want ok: %v", text, err, ok)
		}
	}
	for text, ok := range map[string]bool{
		"https://shop.example.com/a?b=c#d": true, "http://shop.example.com": true, "HTTPS://shop.example.com/": true,
		"": false, "/a": false, "//shop.example.com/a": false, "javascript:alert(1)": false, "data:text/html,x": false,
		" https://shop.example.com": false, "https://shop.example.com\n": false, "https://user@shop.example.com": false,
		"https:shop.example.com": false, "https://": false, `https://shop.example.com\@evil.example`: false,
		"https://shop.example.com/" + strings.Repeat("x", 3000): false,
	} {
		got := upstream.Address(text)
		if (got != nil) != ok || got != nil && *got != text {
			t.Errorf("Address(%q): %v, want ok: %v", text, got, ok)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	c := newClient(t, upstream.Options{URL: "https://shop.example.com/wp"})
	for link, want := range map[string]string{
		"https://shop.example.com/wp/orders?page=2":     "/orders?page=2",
		"https://SHOP.example.com:443/wp/orders?page=2": "/orders?page=2",
		"https://u:p@shop.example.com/wp/orders?page=2": "/orders?page=2",
		"/wp/orders?page=3":                             "/orders?page=3",
		"https://evil.example/wp/orders":                "",
		"//evil.example/wp/orders":                      "",
		"http://shop.example.com/wp/orders":             "",
		"https://shop.example.com:8443/wp/orders":       "",
		"https://shop.example.com/other":                "",
		"https://shop.example.com/wp/../other":          "",
		"https://[":                                     "",
	} {
		got, err := c.Next(link)
		if want == "" && crm.CodeOf(err) != crm.CodeUnavailable || want != "" && (err != nil || got.String() != want) {
			t.Errorf("Next(%q): %v, %v; want %q", link, got, err, want)
		}
	}
	if got := c.URL("/orders", url.Values{"a": {"b"}}); got != "https://shop.example.com/wp/orders?a=b" {
		t.Errorf("URL: %s", got)
	}
}

func TestACallWithoutAName(t *testing.T) {
	t.Parallel()
	s := newServer(t, text("{}"))
	seen := []string{}
	c := newClient(t, upstream.Options{URL: s.URL, Observe: func(call string) { seen = append(seen, call) }})
	for _, ctx := range []context.Context{t.Context(), upstream.Call(t.Context(), "generated")} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := c.HTTP().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_ = response.Body.Close()
	}
	if diff := cmp.Diff([]string{"", "generated"}, seen); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	if _, err := c.Post(t.Context(), "x", "/x", make(chan int), nil); crm.CodeOf(err) != crm.CodeInternal {
		t.Errorf("a body that cannot be written: %v", err)
	}
}
