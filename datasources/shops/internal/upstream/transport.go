package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
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
		return nil, errElsewhere
	}
	if t.observe != nil {
		name, _ := r.Context().Value(callKey{}).(string)
		t.observe(name)
	}
	if t.authorize != nil {
		r = r.Clone(r.Context())
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

var errElsewhere = errors.New("the shop leads to another host")

func sameHost(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// checkRedirect follows a shop within its own host only.
func (c *Client) checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case !sameHost(c.base, r.URL):
		return errElsewhere
	case len(via) > maxRedirects:
		return errors.New("the shop leads round in circles")
	}
	return nil
}

// Next gives the path and query of a link to a further page, which must be on
// the shop's host.
func (c *Client) Next(link string) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, c.Failed(crm.CodeUnavailable, "follow a link", errors.New("the link is no URL"))
	}
	if u = c.base.ResolveReference(u); !sameHost(c.base, u) {
		return nil, c.Failed(crm.CodeUnavailable, "follow a link", errElsewhere)
	}
	return u, nil
}

// Address gives a URL that came from a shop if a browser may be sent there:
// http or https, absolute. Anything else is nil.
func Address(text string) *string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil
	}
	return &text
}

// limited reads at most so many bytes, and fails if there are more.
type limited struct {
	io.ReadCloser
	left   int64
	source string
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, &crm.Error{
			Code: crm.CodeUnavailable, Source: l.source, Op: "read the answer",
			Message: messageOf(crm.CodeUnavailable), Err: errors.New("the answer is too large"),
		}
	}
	return n, err
}

// statusError gives the error that an answer's status stands for.
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
	case s >= 500 || s == http.StatusRequestTimeout:
		code = crm.CodeUnavailable
	default:
		code = crm.CodeInternal
	}
	err := c.Failed(code, "ask the shop", errors.New("status "+strconv.Itoa(r.StatusCode)))
	err.RetryAfter = retryAfter(r.Header.Get("Retry-After"), time.Now())
	return err
}

// retryAfter reads the header of that name (RFC 9110, 10.2.3): seconds or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 86400)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return min(at.Sub(now), 24*time.Hour)
	}
	return 0
}

// messageOf gives the words for a caller.
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
