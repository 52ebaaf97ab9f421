package apikey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

const (
	defaultTTL       = 3 * time.Second
	defaultMaxCached = 10_000
	// maxUnknown bounds the hashes that are remembered as nobody's, in a place of
	// their own: what strangers bring drives no partner's key out.
	maxUnknown = 1000
	// askTime bounds a question to the store, with the wait for one's turn. No
	// answer is used that the store began to give longer ago than this or the TTL.
	askTime = 4 * time.Second
	// maxStrangers bounds the questions to the store about keys that were not good
	// before; the others wait for their turn, and keys in use for none of them.
	maxStrangers = 32
)

// Options are choices about Keys; what is zero is the default.
type Options struct {
	// TTL is how long an answer of the store holds, 3 s by default and 4 s at most:
	// a revocation holds everywhere within 5 s.
	TTL time.Duration
	// MaxCached bounds the keys that are remembered, 10,000 by default. With more
	// in use the store is asked more often.
	MaxCached int
	// Clock returns the time, time.Now by default.
	Clock func() time.Time
	// Log is told if the use of keys cannot be noted; nil tells nobody.
	Log *slog.Logger
}

// Keys tells whose a partner's key is. It remembers for a short time what the
// store says of a key, asks once for callers who come with one key at the same
// time, and notes the use of each key about once a minute. If the store cannot
// be asked, keys go on for as long as what is remembered of them holds.
type Keys struct {
	store   crm.APIKeys
	ttl     time.Duration
	now     func() time.Time
	known   *lru.Cache[digest, *entry]
	unknown *lru.Cache[digest, time.Time] // when the store was asked
	turns   chan struct{}
	asking  singleflight.Group
	uses    uses

	ctx     context.Context // of questions to the store: they serve several callers
	cancel  context.CancelFunc
	mu      sync.RWMutex
	closed  bool
	running sync.WaitGroup
}

var _ access.Authenticator = (*Keys)(nil)

// New returns what checks the keys in a store. Close lets go of it.
func New(store crm.APIKeys, o Options) *Keys {
	if o.TTL <= 0 {
		o.TTL = defaultTTL
	}
	if o.MaxCached <= 0 {
		o.MaxCached = defaultMaxCached
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keys{
		store: store, ttl: min(o.TTL, askTime), now: o.Clock,
		known: cacheOf[*entry](o.MaxCached), unknown: cacheOf[time.Time](maxUnknown),
		turns: make(chan struct{}, maxStrangers),
		uses:  uses{store: store, log: o.Log, queue: make(chan use, maxUses)},
	}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	k.running.Go(func() { k.uses.run(k.ctx) })
	return k
}

func cacheOf[V any](size int) *lru.Cache[digest, V] {
	cache, err := lru.New[digest, V](size)
	if err != nil { // Only for a size below 1.
		panic(err)
	}
	return cache
}

// Close ends what is under way, for which it waits: uses that are not noted yet
// are, in at most 2 s. The store is asked nothing after it.
func (k *Keys) Close() {
	k.mu.Lock()
	first := !k.closed
	k.closed = true
	k.mu.Unlock()
	if first {
		close(k.uses.queue) // Nobody sends any more: who does has looked at closed.
	}
	stop := time.AfterFunc(closeTime, k.cancel)
	defer stop.Stop()
	k.running.Wait()
	k.cancel()
}

// Authenticate returns the partner whose key the credential is. A credential that
// is none, or a key that is unknown, revoked or expired, is UNAUTHENTICATED with a
// Reason as its cause and one message for all; if the store cannot be asked it is
// UNAVAILABLE. The principal is shared by all who come with the key.
func (k *Keys) Authenticate(ctx context.Context, credential string) (*access.Principal, error) {
	d, ok := digestOf(credential)
	if !ok {
		return nil, refused("", ReasonMalformed)
	}
	now := k.now()
	e, err := k.find(ctx, d, now)
	switch {
	case err != nil:
		return nil, err
	case e == nil:
		return nil, refused("", ReasonUnknownKey)
	case e.revoked:
		return nil, refused(e.principal.ID, ReasonRevoked)
	case e.expired(now):
		return nil, refused(e.principal.ID, ReasonExpired)
	}
	k.note(e, now)
	return e.principal, nil
}

// find returns what is known of a key, nil if there is none.
func (k *Keys) find(ctx context.Context, d digest, now time.Time) (*entry, error) {
	e, known := k.known.Get(d)
	if known && now.Sub(e.asked) < k.ttl {
		return e, nil
	}
	if asked, ok := k.unknown.Get(d); ok && now.Sub(asked) < k.ttl {
		return nil, nil
	}
	return k.ask(ctx, d, known)
}

// answer is what the store said.
type answer struct {
	entry *entry
	err   error
}

// ask asks the store, together with all who ask for the same key just now. The
// question goes on when a caller leaves: others wait for it.
func (k *Keys) ask(ctx context.Context, d digest, known bool) (*entry, error) {
	answers := make(chan answer, 1)
	begun := k.begin(func() {
		found, err, _ := k.asking.Do(string(d[:]), func() (any, error) { return k.load(d, known) })
		e, _ := found.(*entry)
		answers <- answer{e, err}
	})
	if !begun {
		return nil, unavailable(errClosed)
	}
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, unavailable(a.err)
		}
		return a.entry, nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, fmt.Errorf("check an API key: %w", ctx.Err())
		}
		return nil, unavailable(ctx.Err())
	}
}

var errClosed = errors.New("the gateway is shutting down")

// begin runs work on the side, unless Close was called: then it gives false.
func (k *Keys) begin(work func()) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if !k.closed {
		k.running.Go(work)
	}
	return !k.closed
}
