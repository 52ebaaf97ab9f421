package webhooks

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// MaxBytes bounds a request's body.
const MaxBytes = 1 << 20

const (
	defaultTimeout = 4 * time.Second    // Shopify waits for five seconds.
	retention      = 7 * 24 * time.Hour // of deliveries whose signature holds for ever
	atOnce         = 16                 // requests, so that their bodies have a bound together
)

// Results of a delivery, as Observe is told them.
const (
	ResultUpdated  = "updated"
	ResultRepeated = "repeated" // was acted upon before
	ResultIgnored  = "ignored"  // is about no order
	ResultPing     = "ping"
	ResultRefused  = "refused" // nobody's, not signed, or too old
	ResultInvalid  = "invalid" // too large, broken off, or signed and without sense
	ResultFailed   = "failed"  // the shop should send it again
	ResultBusy     = "busy"    // the same
)

// SourceUnknown is the source that Observe gets for a name that no source has.
const SourceUnknown = "unknown"

// Deliveries remembers what was delivered, for all copies of the gateway.
type Deliveries interface {
	// Once says whether it is the first to be told of a key, and remembers the key
	// at least until then. Of several at once, one is the first.
	Once(ctx context.Context, key string, until time.Time) (first bool, err error)
	// Forget lets a key be new again; it is no error if it is.
	Forget(ctx context.Context, key string) error
}

// Updater brings orders up to date.
type Updater interface {
	// Update asks a shop for orders by its own ids and keeps what it says.
	Update(ctx context.Context, source string, orderIDs []string) error
}

// Config says what is served.
type Config struct {
	// Sources prove the webhooks of the shops that have a secret, by source.
	Sources    map[string]crm.Webhook
	Deliveries Deliveries
	Updater    Updater
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Timeout bounds an update; 0 is 4 s.
	Timeout time.Duration
	// Observe is called for each delivery with its source (SourceUnknown if no source
	// has the name) and its Result; nil is not called.
	Observe func(source, result string)
	// Log is told of failures; nil is nobody.
	Log *slog.Logger
}

type handler struct {
	Config
	nobody []byte // the secret of sources that do not exist
	slots  chan struct{}
}

// New makes the handler of /webhooks/{source}, with the path value "source"; nil
// if no source has a secret: then there is no such route.
func New(c Config) http.Handler {
	if len(c.Sources) == 0 {
		return nil
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Observe == nil {
		c.Observe = func(string, string) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{Config: c, nobody: make([]byte, sha256.Size), slots: make(chan struct{}, atOnce)}
	_, _ = rand.Read(h.nobody) // It never fails.
	return h
}

// outcome is how a request is answered.
type outcome struct {
	result string
	status int
	text   string
	err    error // for the log
}

// ServeHTTP takes one delivery.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	source := r.PathValue("source")
	label := source
	if h.Sources[source] == nil {
		label = SourceUnknown
	}
	o := h.take(w, r, source)
	h.Observe(label, o.result)
	if o.err != nil {
		h.Log.WarnContext(r.Context(), "webhook", "source", label, "result", o.result, "error", o.err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	switch o.status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "30")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(o.status)
	_, _ = io.WriteString(w, o.text+"\n")
}

// ping is what WooCommerce sends, unsigned, to see whether somebody is there when a
// webhook is saved. It says nothing, so that every source has the same answer.
var ping = regexp.MustCompile(`^webhook_id=[0-9]{1,20}$`)

func (h *handler) take(w http.ResponseWriter, r *http.Request, source string) outcome {
	if r.Method != http.MethodPost {
		return outcome{result: ResultInvalid, status: http.StatusMethodNotAllowed, text: "only POST"}
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		return outcome{result: ResultBusy, status: http.StatusServiceUnavailable, text: "busy; send it again later"}
	}
	body, err := h.read(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return outcome{result: ResultInvalid, status: http.StatusRequestEntityTooLarge, text: "too large"}
	case err != nil:
		return outcome{result: ResultInvalid, status: http.StatusBadRequest, text: "broken off"}
	case ping.Match(body):
		return outcome{result: ResultPing, status: http.StatusOK, text: "ok"}
	}
	event, err := h.prove(source, r.Header, body)
	switch code := crm.CodeOf(err); {
	case err == nil && len(event.OrderIDs) == 0:
		return outcome{result: ResultIgnored, status: http.StatusOK, text: "ok"}
	case err == nil:
		return h.act(r.Context(), source, event)
	case code == crm.CodeUnauthenticated:
		return outcome{result: ResultRefused, status: http.StatusUnauthorized, text: "not let in"}
	case code == crm.CodeInvalid:
		return outcome{result: ResultInvalid, status: http.StatusBadRequest, text: "signed, but not understood", err: err}
	default:
		return failed(err)
	}
}

// read reads the body. It must come as fast as an update: else a few who send
// nothing would keep everybody's places.
func (h *handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	connection := http.NewResponseController(w)
	if connection.SetReadDeadline(time.Now().Add(h.Timeout)) == nil {
		defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBytes))
}

// prove checks a delivery. For a source that does not exist it does the same work
// with a secret that nobody knows.
func (h *handler) prove(source string, header http.Header, body []byte) (crm.ShopEvent, error) {
	if prove := h.Sources[source]; prove != nil {
		return prove(header, body, h.Now())
	}
	mac := hmac.New(sha256.New, h.nobody)
	mac.Write(body)
	_ = hmac.Equal(mac.Sum(nil), []byte(header.Get("Webhook-Signature")))
	return crm.ShopEvent{}, &crm.Error{Code: crm.CodeUnauthenticated, Op: "check a webhook"}
}

// act updates an event's orders, unless that was done before. Whatever keeps it from
// an end, a panic too, lets the shop send the delivery again.
func (h *handler) act(ctx context.Context, source string, event crm.ShopEvent) outcome {
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	until := event.Expires.Add(time.Second) // Signatures hold to the second.
	if event.Expires.IsZero() {
		until = h.Now().Add(retention)
	}
	key := "webhook/" + source + "/" + event.Delivery
	first, err := h.Deliveries.Once(ctx, key, until)
	switch {
	case err != nil:
		return failed(err)
	case !first:
		return outcome{result: ResultRepeated, status: http.StatusOK, text: "ok"}
	}
	done := false
	defer func() {
		if !done {
			h.forget(ctx, key)
		}
	}()
	if err := h.Updater.Update(ctx, source, event.OrderIDs); err != nil {
		return failed(err)
	}
	done = true
	return outcome{result: ResultUpdated, status: http.StatusOK, text: "ok"}
}

func failed(err error) outcome {
	return outcome{result: ResultFailed, status: http.StatusServiceUnavailable, text: "failed; send it again later", err: err}
}

// forget lets a delivery come again, also if the caller has gone.
func (h *handler) forget(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.Timeout)
	defer cancel()
	if err := h.Deliveries.Forget(ctx, key); err != nil {
		h.Log.ErrorContext(ctx, "webhook", "result", "a failed delivery cannot be forgotten", "error", err)
	}
}
