package oidc

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/customer360/gateway/internal/panics"
)

// When an issuer is asked for its keys.
const (
	// pause is the least time between the beginnings of two fetches, whatever comes
	// in; firstPause is that as long as there are no keys at all.
	pause, firstPause = 10 * time.Second, time.Second
	// fetchTimeout bounds one fetch, discovery included.
	fetchTimeout = 10 * time.Second
	// idle is how long after they were due keys are used while they are fetched. Of
	// older ones, which nobody asked for in the meantime, the new ones are awaited.
	idle = time.Minute
	// believed is how long keys are used after they were due, if the issuer does not
	// answer.
	believed = 24 * time.Hour
	// discovered is how long the address of the keys is used that the issuer gave.
	discovered = time.Hour
)

var errNoKeys = errors.New("the issuer's keys could not be fetched")

// keySet has the keys of an issuer and fetches them when they are needed.
type keySet struct {
	name, issuer, address string // address is "" if it is discovered
	fetch                 *fetcher
	log                   *slog.Logger
	life                  context.Context // of what is fetched
	work                  *sync.WaitGroup
	current               atomic.Pointer[keys] // nil for none yet

	mu     sync.Mutex
	closed bool
	flight chan struct{} // closed at the end of the fetch under way; nil for none
	asked  time.Time     // when the last fetch began

	// Of the fetch under way alone.
	found   string // the address that was discovered
	foundAt time.Time
}

func newKeySet(life context.Context, i Issuer, fetch *fetcher, work *sync.WaitGroup, log *slog.Logger) (*keySet, error) {
	s := &keySet{name: i.Name, issuer: i.Issuer, address: i.JWKSURL, fetch: fetch, life: life, work: work, log: log}
	if i.StaticKeys == nil {
		address := i.JWKSURL
		if address == "" {
			address = i.Issuer
		}
		return s, checkAddress(address)
	}
	if i.JWKSURL != "" {
		return nil, errors.New("there are keys and an address of keys: give one of them")
	}
	list, err := readKeys(i.StaticKeys)
	if err == nil && len(list) == 0 {
		err = errors.New("none of the keys can check a token")
	}
	s.current.Store(&keys{list: list})
	return s, err
}

// find returns the keys that a token may be signed with, at least one, and the keys
// of which these are a part.
func (s *keySet) find(ctx context.Context, h header) ([]key, *keys, error) {
	have, err := s.ready(ctx)
	if err != nil {
		return nil, nil, err
	}
	found, known := have.match(h)
	if !known && !have.due.IsZero() {
		have, err = s.wait(ctx, s.refresh(pause))
		if err != nil {
			return nil, nil, err
		}
		found, known = have.match(h)
	}
	switch {
	case len(found) > 0:
		return found, have, nil
	case known:
		return nil, nil, refused(s.name, ReasonAlgorithm)
	default:
		return nil, nil, refused(s.name, ReasonUnknownKey)
	}
}

// ready returns the keys, fetching them if there are none that may be used, and
// seeing to it that they are fetched again when that is due.
func (s *keySet) ready(ctx context.Context) (*keys, error) {
	have, now := s.current.Load(), time.Now()
	switch {
	case have != nil && (have.due.IsZero() || now.Before(have.due)):
		return have, nil
	case have == nil:
		return s.wait(ctx, s.refresh(firstPause))
	case !now.Before(have.over), now.After(have.due.Add(idle)) && !s.askedSince(have.fetched):
		return s.wait(ctx, s.refresh(pause))
	default:
		s.refresh(pause)
		return have, nil
	}
}

// wait waits for a fetch, if there is one, and gives the keys there are then.
func (s *keySet) wait(ctx context.Context, flight <-chan struct{}) (*keys, error) {
	if flight != nil {
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, unavailable(s.name, ctx.Err())
		}
	}
	have := s.current.Load()
	if have == nil || !have.over.IsZero() && !time.Now().Before(have.over) {
		return nil, unavailable(s.name, errNoKeys)
	}
	return have, nil
}

// askedSince says whether a fetch began after a time.
func (s *keySet) askedSince(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked.After(t)
}

// refresh begins to fetch the keys and gives what is closed at the end; or that of
// the fetch under way, or nil if the last one began less than a pause ago.
func (s *keySet) refresh(pause time.Duration) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.flight != nil {
		return s.flight
	}
	if s.closed || !s.asked.IsZero() && now.Sub(s.asked) < pause {
		return nil
	}
	done := make(chan struct{})
	s.asked, s.flight = now, done
	s.work.Go(func() {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.flight = nil
			close(done)
		}()
		ctx, cancel := context.WithTimeout(s.life, fetchTimeout)
		defer cancel()
		s.report(ctx, s.load(ctx))
	})
	return done
}

// load fetches the keys and puts them in the place of those there are.
func (s *keySet) load(ctx context.Context) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panics.New(value)
		}
		if err != nil {
			s.found = "" // The issuer may have moved its keys.
		}
	}()
	address := s.address
	if address == "" {
		if s.found == "" || time.Since(s.foundAt) >= discovered {
			if s.found, err = s.fetch.discover(ctx, s.issuer); err != nil {
				return err
			}
			s.foundAt = time.Now()
		}
		address = s.found
	}
	body, age, err := s.fetch.get(ctx, address)
	if err != nil {
		return err
	}
	list, err := readKeys(body)
	if err != nil {
		return err
	}
	now := time.Now()
	s.current.Store(&keys{list: list, fetched: now, due: now.Add(age), over: now.Add(age + believed)})
	return nil
}

func (s *keySet) report(ctx context.Context, err error) {
	switch {
	case err == nil:
		s.log.DebugContext(ctx, "the keys of an issuer of tokens were fetched",
			"issuer", s.name, "keys", len(s.current.Load().list))
	case s.life.Err() == nil:
		s.log.WarnContext(ctx, "the keys of an issuer of tokens could not be fetched; those that are known go on working",
			"issuer", s.name, "error", err)
	}
}

// close lets no fetch begin any more.
func (s *keySet) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
