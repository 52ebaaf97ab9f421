package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

type callKey struct{}

// Call names what is asked in a context's requests, for the metrics.
func Call(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, callKey{}, name)
}

// transport counts requests and adds the credentials to those for the shop's
// own host.
type transport struct {
	base      *url.URL
	authorize func(*http.Request)
	observe   func(call string)
	next      http.RoundTripper
}

// RoundTrip sends a request that stays on the shop's host.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !sameHost(t.base, r.URL) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errElsewhere
	}
	if t.observe != nil {
		name, _ := r.Context().Value(callKey{}).(string)
		t.observe(name)
	}
	r = r.Clone(r.Context())
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", userAgent) // Some shops' walls refuse a language's own.
	}
	if t.authorize != nil {
		t.authorize(r)
	}
	return t.next.RoundTrip(r)
}

// CloseIdleConnections lets go of the connections that nobody uses.
func (t *transport) CloseIdleConnections() {
	if pool, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// userAgent is what the gateway calls itself.
const userAgent = "customer360-gateway"

// lasting is the error of an answer that would be the same if the shop were asked
// again.
type lasting string

func (l lasting) Error() string { return string(l) }

// Permanent says that it does not help to ask again.
func (l lasting) Permanent() bool { return true }

const (
	errElsewhere lasting = "the shop leads to another host, or from https to http"
	errCircle    lasting = "the shop leads round in circles"
	errTooLarge  lasting = "the answer is too large"
	errTooMany   lasting = "the answer has too many records"
)

// sameHost says whether two URLs lead to the same server in the same way.
func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// port returns the port, the scheme's own if there is none.
func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// checkRedirect follows a shop within its own host only.
func (c *Client) checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case !sameHost(c.base, r.URL):
		return errElsewhere
	case len(via) > maxRedirects:
		return errCircle
	}
	return nil
}

// Next returns the path below the shop's address and the query of a link to a
// further page, as Get wants them. A link to anywhere else is an error.
func (c *Client) Next(link string) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, c.Failed(crm.CodeUnavailable, "follow a link", errors.New("the link is no URL"))
	}
	if u = c.base.ResolveReference(u); !sameHost(c.base, u) {
		return nil, c.Failed(crm.CodeUnavailable, "follow a link", errElsewhere)
	}
	below, ok := strings.CutPrefix(u.Path, c.base.Path+"/")
	if !ok {
		return nil, c.Failed(crm.CodeUnavailable, "follow a link", lasting("the link leads out of the shop's address"))
	}
	return &url.URL{Path: "/" + below, RawQuery: u.RawQuery}, nil
}

// maxAddress bounds the length of a URL that is handed on.
const maxAddress = 2048

// Address returns a URL that came from a shop if a browser may be sent there:
// http or https, absolute, without a user. Anything else is nil.
func Address(text string) *string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || len(text) > maxAddress ||
		(u.Scheme != "http" && u.Scheme != "https") || strings.Contains(text, `\`) {
		return nil
	}
	return &text
}

// freely is how much of an answer does not count towards what all may have.
const freely = 1 << 20

// allowance is how many bytes the large answers of a shop may have together, so
// that many of them at once take no more memory than a few.
type allowance struct {
	mu   sync.Mutex
	left int64
}

// take says whether there are n bytes left, and takes them.
func (a *allowance) take(n int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left < n {
		return false
	}
	a.left -= n
	return true
}

// give returns n bytes back.
func (a *allowance) give(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left += n
}

// limited reads at most so many bytes, and fails if there are more.
type limited struct {
	io.ReadCloser
	left   int64 // of this answer
	shared *allowance
	read   int64
	taken  int64 // from shared
	values values
	client *Client
}

// Read reads what the bounds allow.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p))-1 > l.left {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	l.read += int64(n)
	if l.left < 0 {
		l.left = 0
		return 0, l.client.Failed(crm.CodeUnavailable, "read the answer", errTooLarge)
	}
	if !l.values.within(p[:n], int(max(l.client.maxBytes/bytesPerValue, leastValues))) {
		return 0, l.client.Failed(crm.CodeUnavailable, "read the answer", errTooMany)
	}
	if more := l.read - freely - l.taken; more > 0 {
		if !l.shared.take(more) {
			return 0, l.client.Failed(crm.CodeUnavailable, "read the answer", errors.New("too many large answers at once"))
		}
		l.taken += more
	}
	return n, err
}

// Close ends reading.
func (l *limited) Close() error {
	l.shared.give(l.taken)
	l.taken = 0
	return l.ReadCloser.Close()
}

// statusError returns the error that an answer's status stands for.
func (c *Client) statusError(r *http.Response) error {
	var code crm.Code
	switch s := r.StatusCode; {
	case s >= 200 && s < 300:
		return nil
	case s == http.StatusUnauthorized:
		code = crm.CodeUnauthenticated
	case s == http.StatusForbidden:
		code = crm.CodeForbidden
	case s == http.StatusNotFound:
		code = crm.CodeNotFound
	case s == http.StatusTooManyRequests:
		code = crm.CodeRateLimited
	case s >= 500 || s == http.StatusRequestTimeout || s < 400,
		s == http.StatusPaymentRequired || s == http.StatusLocked: // Shops that are frozen.
		code = crm.CodeUnavailable
	default:
		code = crm.CodeInternal
	}
	err := c.Failed(code, "ask the shop", errors.New("status "+strconv.Itoa(r.StatusCode)))
	if code == crm.CodeRateLimited || code == crm.CodeUnavailable {
		err.RetryAfter = retryAfter(r.Header.Get("Retry-After"), time.Now())
	}
	return err
}

// longest bounds how long a shop may ask to be left alone.
const longest = 24 * time.Hour

// retryAfter reads the header of that name (RFC 9110, 10.2.3): seconds or a date.
// Some shops give parts of seconds.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return min(at.Sub(now), longest)
	}
	return 0
}

// messageOf returns the words for a caller.
func messageOf(code crm.Code) string {
	switch code {
	case crm.CodeUnauthenticated, crm.CodeForbidden:
		return "the shop does not let the gateway in; its credentials or their permissions must be mended"
	case crm.CodeRateLimited:
		return "the shop is asked too often at the moment; try again later"
	case crm.CodeNotFound:
		return "the shop does not know what was asked for"
	case crm.CodeUnsupported:
		return "the shop cannot say"
	case crm.CodeInternal:
		return "" // The presenter has its own words.
	default:
		return "the shop cannot be reached at the moment; try again later"
	}
}
