package upstream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Bounds of an answer.
const (
	// DefaultMaxBytes is how many bytes an answer may have after decompression,
	// where Options does not say.
	DefaultMaxBytes = 8 << 20
	maxRedirects    = 3
	// drained is how much of an answer that nobody wants is read, so that its
	// connection is used again.
	drained = 16 << 10
)

// Options describes a shop's server.
type Options struct {
	// Source is the shop's name among the sources.
	Source string
	// URL is the shop's address, http or https, without user, query and fragment.
	URL string
	// Authorize adds the credentials to a request for the shop's host; nil adds none.
	Authorize func(*http.Request)
	// MaxBytes bounds an answer after decompression; 0 is DefaultMaxBytes.
	MaxBytes int64
	// Observe is told of each HTTP request, by the call's name; nil tells nobody.
	Observe func(call string)
	// Transport makes the connections; nil is one of the client's own.
	Transport http.RoundTripper
}

// Client asks one shop. Its methods may be called at once from any number of
// goroutines.
type Client struct {
	source   string
	base     *url.URL
	maxBytes int64
	large    *allowance
	http     *http.Client
}

// New makes the client of a shop. CodeInvalid says that the address is not valid.
func New(o Options) (*Client, error) {
	base, err := ParseURL(o.URL)
	if err != nil {
		return nil, err
	}
	c := &Client{source: o.Source, base: base, maxBytes: o.MaxBytes}
	if c.maxBytes <= 0 {
		c.maxBytes = DefaultMaxBytes
	}
	c.large = &allowance{left: 2 * c.maxBytes}
	connections := o.Transport
	if connections == nil {
		connections = pool()
	}
	c.http = &http.Client{
		Transport:     &transport{base: base, authorize: o.Authorize, observe: o.Observe, next: connections},
		CheckRedirect: c.checkRedirect,
	}
	return c, nil
}

// pool makes connections that are kept, HTTP/2 where it is offered. Time limits
// are the context's.
func pool() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
		// The whole of an answer's header.
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// ParseURL returns a shop's address, or Invalid.
func ParseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil, base.Hostname() == "", base.Scheme != "http" && base.Scheme != "https":
		return nil, crm.Invalid("a shop's url must be http or https, such as https://shop.example.com")
	case base.User != nil:
		return nil, crm.Invalid("a shop's url must not hold credentials: give them by credentials_file")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, crm.Invalid("a shop's url must have no query and no fragment")
	}
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), ""
	return base, nil
}

// Source returns the shop's name.
func (c *Client) Source() string { return c.source }

// Close lets go of the connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// HTTP returns the client for libraries that bring their own requests. Failures
// are *crm.Error and answers bounded, as with Get and Post.
func (c *Client) HTTP() Doer { return doer{c} }

// Doer sends requests.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

type doer struct{ c *Client }

func (d doer) Do(r *http.Request) (*http.Response, error) {
	response, err := d.c.http.Do(r)
	if err != nil {
		return nil, d.c.failure(r.Context(), err)
	}
	if err := d.c.statusError(response); err != nil {
		_, _ = io.CopyN(io.Discard, response.Body, drained)
		_ = response.Body.Close()
		return nil, err
	}
	if response.ContentLength > d.c.maxBytes {
		_ = response.Body.Close()
		return nil, d.c.Failed(crm.CodeUnavailable, "read the answer", errTooLarge)
	}
	response.Body = &limited{ReadCloser: response.Body, left: d.c.maxBytes, shared: d.c.large, client: d.c}
	return response, nil
}

// URL returns the address of a path below the shop's, with a query. Nothing of a
// caller's belongs into a path: a slash in it stays one.
func (c *Client) URL(path string, query url.Values) string {
	u := *c.base
	u.Path += path
	u.RawQuery = query.Encode()
	return u.String()
}

// Get asks for a path below the shop's address and decodes the answer's JSON
// into a pointer. It gives the answer's header. call is a word for the metrics.
func (c *Client) Get(ctx context.Context, call, path string, query url.Values, into any) (http.Header, error) {
	return c.do(ctx, call, http.MethodGet, c.URL(path, query), nil, into)
}

// Post sends JSON to a path below the shop's address and decodes the answer's
// JSON into a pointer. It gives the answer's header.
func (c *Client) Post(ctx context.Context, call, path string, body, into any) (http.Header, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return nil, &crm.Error{Code: crm.CodeInternal, Source: c.source, Op: call, Err: err}
	}
	return c.do(ctx, call, http.MethodPost, c.URL(path, nil), content, into)
}

func (c *Client) do(ctx context.Context, call, method, address string, body []byte, into any) (http.Header, error) {
	request, err := http.NewRequestWithContext(Call(ctx, call), method, address, bytes.NewReader(body))
	if err != nil {
		return nil, &crm.Error{Code: crm.CodeInternal, Source: c.source, Op: call, Err: err}
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.HTTP().Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if err := decode(response.Body, into); err != nil {
		return nil, c.failure(ctx, fmt.Errorf("decode the answer: %w", err))
	}
	return response.Header, nil
}

// decode reads one JSON value, and that nothing comes after it: so an answer that
// was cut off is never taken for a whole one. A null in place of the whole answer
// is an error: it would look like a shop that has nothing.
func decode(body io.Reader, into any) error {
	text := bufio.NewReader(body)
	if mark, _ := text.Peek(3); string(mark) == "\xef\xbb\xbf" { // Some PHP puts it in front of everything.
		_, _ = text.Discard(3)
	}
	for {
		first, err := text.Peek(1)
		if err != nil || !bytes.Contains([]byte(" \t\r\n"), first) {
			break
		}
		_, _ = text.Discard(1)
	}
	if word, _ := text.Peek(4); string(word) == "null" {
		return errors.New("the answer is null")
	}
	decoder := json.NewDecoder(text)
	if err := decoder.Decode(into); err != nil {
		return err
	}
	switch _, err := decoder.Token(); {
	case err == nil:
		return errors.New("something comes after the answer")
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// Failed returns the error of an answer that makes no sense, or that reports a
// failure in its body.
func (c *Client) Failed(code crm.Code, op string, cause error) *crm.Error {
	return &crm.Error{Code: code, Source: c.source, Op: op, Message: messageOf(code), Err: cause}
}

// Odd returns the error of a record that was asked for by its id and makes no sense:
// crm.ErrUnreadable.
func (c *Client) Odd(op string, cause error) *crm.Error {
	return c.Failed(crm.CodeUnavailable, op, &oddity{cause})
}

// OddRecords is the error of a call for records by the ids of which odd ones make no
// sense, and which may have failed besides; nil if there is neither. If nothing else is
// wrong it says which they are.
func (c *Client) OddRecords(op string, odd []crm.Unreadable, failed error) error {
	if len(odd) == 0 {
		return failed
	}
	cause := errors.New(odd[0].Reason)
	keys := crm.UnreadableKeys{}
	for _, u := range odd {
		keys = append(keys, u.ExternalID)
	}
	if failed != nil || slices.Contains(keys, "") {
		return errors.Join(failed, c.Odd(op, cause))
	}
	return c.Odd(op, errors.Join(keys, cause))
}

// oddity is why a record makes no sense.
type oddity struct{ cause error }

func (o *oddity) Error() string   { return crm.ErrUnreadable.Error() + ": " + o.cause.Error() }
func (o *oddity) Unwrap() []error { return []error{crm.ErrUnreadable, o.cause} }

// Unreadable returns what is told of a record that makes no sense; err is why, also
// one of Odd.
func Unreadable(id string, err error) crm.Unreadable {
	var o *oddity
	if errors.As(err, &o) {
		err = o.cause
	}
	return crm.Unreadable{ExternalID: id, Reason: err.Error()}
}

// failure returns the error of a request that has no answer.
func (c *Client) failure(ctx context.Context, cause error) error {
	var known *crm.Error
	if errors.As(cause, &known) {
		return known
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("ask %s: %w", c.source, context.Canceled)
	}
	var slow net.Error
	if ctx.Err() != nil || errors.As(cause, &slow) && slow.Timeout() {
		cause = errors.Join(context.DeadlineExceeded, withoutAddress(cause))
	}
	return c.Failed(crm.CodeUnavailable, "ask the shop", withoutAddress(cause))
}

// withoutAddress drops the address from an error: its query may hold what a
// customer is known by.
func withoutAddress(err error) error {
	var about *url.Error
	if errors.As(err, &about) {
		return about.Err
	}
	return err
}
