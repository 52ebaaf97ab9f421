package apikey_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/crm"
)

// slow answers after a time, unless the question ends before.
func slow(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// until uses a key every 50 ms until it is no longer good, and says when it was for
// the last time and what it was then.
func until(t *testing.T, keys *apikey.Keys, secret string) (last time.Time, then string) {
	for range 1200 {
		if then = verdict(t.Context(), keys, secret); then != "good" {
			break
		}
		last = time.Now()
		<-time.After(50 * time.Millisecond)
	}
	return last, then
}

// Under constant use of a key the store is asked every 3 s, and a revocation holds
// within 5 s also if the store is slow and is asked in the instant before it.
func TestRevocationHoldsWithinFiveSeconds(t *testing.T) {
	for _, answers := range []time.Duration{0, 20 * time.Millisecond, 2 * time.Second, 3900 * time.Millisecond} {
		for before := range 24 {
			synctest.Test(t, func(t *testing.T) {
				store := newKeyring()
				secret, key := made(t, store, nil)
				keys := apikey.New(store, apikey.Options{})
				defer keys.Close()
				store.wait = slow(answers)
				began := time.Now()
				lasts := make([]time.Time, 3)
				var users sync.WaitGroup
				for i := range lasts {
					users.Go(func() {
						var then string
						if lasts[i], then = until(t, keys, secret); then != "REVOKED" {
							t.Errorf("store answers in %v: %s, want REVOKED", answers, then)
						}
					})
				}
				<-time.After(10*time.Second + time.Duration(before)*350*time.Millisecond)
				synctest.Wait()
				revoked := time.Now()
				if err := store.Revoke(t.Context(), key.ID, revoked); err != nil {
					t.Fatal(err)
				}
				users.Wait()
				if took := slices.MaxFunc(lasts, time.Time.Compare).Sub(revoked); took > 5*time.Second {
					t.Errorf("store answers in %v: the key was taken %v after it was revoked", answers, took)
				}
				if n, most := store.calls(), int(time.Since(began)/(3*time.Second))+1; n > most {
					t.Errorf("store answers in %v: it was asked %d times, want at most %d", answers, n, most)
				}
			})
		}
	}
}

// A key whose time is over is refused in that instant, remembered or not.
func TestExpiryIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		end := time.Now().Add(time.Second)
		secret, _ := made(t, store, func(key *crm.APIKey) { key.ExpiresAt = &end })
		keys := apikey.New(store, apikey.Options{})
		defer keys.Close()
		want(t, "at first", keys, secret, "good")
		<-time.After(time.Second - 1)
		want(t, "1 ns before", keys, secret, "good")
		<-time.After(1)
		want(t, "at its end", keys, secret, "EXPIRED")
	})
}

// While the store cannot be asked, keys go on for as long as what is remembered of
// them holds; then nobody is told that a key is bad.
func TestStoreDown(t *testing.T) {
	for _, down := range []func(context.Context) error{
		func(context.Context) error { return &crm.Error{Code: crm.CodeInternal, Err: errors.New("down")} },
		slow(time.Hour),
	} {
		synctest.Test(t, func(t *testing.T) {
			store := newKeyring()
			secret, _ := made(t, store, nil)
			other, _ := made(t, store, nil)
			keys := apikey.New(store, apikey.Options{})
			defer keys.Close()
			want(t, "at first", keys, secret, "good")
			store.set(func() { store.wait = down })
			<-time.After(2999 * time.Millisecond)
			want(t, "remembered", keys, secret, "good")
			began := time.Now()
			want(t, "not remembered", keys, other, "UNAVAILABLE")
			<-time.After(time.Second)
			want(t, "no longer remembered", keys, secret, "UNAVAILABLE")
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("both took %v", took)
			}
			store.set(func() { store.wait = nil })
			want(t, "up again", keys, secret, "good")
			want(t, "up again", keys, other, "good")
		})
	}
}

// Many who come with one key at once are one question, which goes on when the
// first of them leaves.
func TestOneQuestionForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		secret, _ := made(t, store, nil)
		keys := apikey.New(store, apikey.Options{})
		defer keys.Close()
		store.wait = slow(time.Second)
		impatient, leave := context.WithCancel(t.Context())
		late, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		verdicts := make([]string, 100)
		var all sync.WaitGroup
		for i := range verdicts {
			ctx := t.Context()
			switch i {
			case 0:
				ctx = impatient
			case 1:
				ctx = late
			}
			all.Go(func() { verdicts[i] = verdict(ctx, keys, secret) })
			if i == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		leave()
		all.Wait()
		wanted := slices.Repeat([]string{"good"}, 100)
		wanted[0], wanted[1] = "canceled", "UNAVAILABLE"
		if !slices.Equal(verdicts, wanted) || store.calls() != 1 {
			t.Errorf("verdicts %v", verdicts)
		}
	})
}

// Keys that nobody has are remembered for a while, and neither drive out those in
// use, nor keep them from being asked for, nor flood the store.
func TestStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		secret, _ := made(t, store, nil)
		keys := apikey.New(store, apikey.Options{MaxCached: 1})
		defer keys.Close()
		want(t, "at first", keys, secret, "good")
		stranger, _ := apikey.Generate()
		store.calls()
		for range 100 {
			want(t, "the same stranger", keys, stranger, "UNKNOWN_KEY")
		}
		if n := store.calls(); n != 1 {
			t.Errorf("the store was asked %d times for one stranger", n)
		}
		<-time.After(3 * time.Second)
		want(t, "the same stranger, later", keys, stranger, "UNKNOWN_KEY")
		want(t, "the partner, later", keys, secret, "good")
		store.calls()
		for range 3000 {
			other, _ := apikey.Generate()
			want(t, "a stranger", keys, other, "UNKNOWN_KEY")
		}
		store.calls()
		want(t, "remembered", keys, secret, "good")
		if n := store.calls(); n != 0 {
			t.Error("strangers drove the partner's key out")
		}
		<-time.After(3 * time.Second)
		store.set(func() { store.wait, store.most = slow(time.Second), 0 })
		var all sync.WaitGroup
		for range 500 {
			other, _ := apikey.Generate()
			all.Go(func() {
				if got := verdict(t.Context(), keys, other); got != "UNKNOWN_KEY" && got != "UNAVAILABLE" {
					t.Errorf("a stranger is %s", got)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		want(t, "among strangers", keys, secret, "good")
		if took := time.Since(began); took > time.Second {
			t.Errorf("the partner waited %v for strangers", took)
		}
		all.Wait()
		if store.most > 33 {
			t.Errorf("the store was asked %d things at once", store.most)
		}
	})
}

// The use of a key is noted about once a minute by all gateways together, beside
// the requests.
func TestUsesAreNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		secret, _ := made(t, store, nil)
		gateways := []*apikey.Keys{}
		for range 2 {
			keys := apikey.New(store, apikey.Options{})
			defer keys.Close()
			gateways = append(gateways, keys)
		}
		began := time.Now()
		for range time.Tick(100 * time.Millisecond) {
			for _, keys := range gateways {
				want(t, "in use", keys, secret, "good")
			}
			if time.Since(began) >= 10*time.Minute {
				break
			}
		}
		synctest.Wait()
		// Ten or eleven minutes begin, and a gateway may not know yet of the other's note.
		if n := store.uses(); n < 10 || n > 22 {
			t.Errorf("%d uses were noted in ten minutes", n)
		}
		for i, at := range store.touched[1:] {
			if at.Before(store.touched[i]) {
				t.Error("a use was noted behind a later one")
			}
		}
	})
}

// A use that cannot be noted costs no request anything, also if many wait for it,
// and a later one is noted.
func TestUsesThatCannotBeNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		keys := apikey.New(store, apikey.Options{})
		defer keys.Close()
		store.noting = slow(time.Hour)
		began := time.Now()
		secrets := make([]string, 1500)
		for i := range secrets {
			secrets[i], _ = made(t, store, nil)
			want(t, "noting hangs", keys, secrets[i], "good")
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the requests waited %v", took)
		}
		store.set(func() { store.noting = nil })
		<-time.After(3 * time.Second)
		noted := store.uses()
		if noted < 900 || noted > 1001 {
			t.Errorf("%d uses were noted as soon as they could be, want the thousand that waited", noted)
		}
		for _, secret := range secrets[1400:] {
			want(t, "one that did not wait, used again", keys, secret, "good")
		}
		synctest.Wait()
		if n := store.uses() - noted; n != 100 {
			t.Errorf("%d uses were noted then, want 100", n)
		}
		<-time.After(time.Minute)
		want(t, "the one that failed, a minute later", keys, secrets[0], "good")
		synctest.Wait()
		if n := store.uses() - noted; n != 101 {
			t.Errorf("%d uses were noted in the end, want 101", n)
		}
	})
}

// Close notes what is not noted yet, and after it nothing begins.
func TestCloseNotes(t *testing.T) {
	store := newKeyring()
	keys := apikey.New(store, apikey.Options{})
	for range 20 {
		secret, _ := made(t, store, nil)
		want(t, "before", keys, secret, "good")
	}
	keys.Close()
	if n := store.uses(); n != 20 {
		t.Errorf("%d uses were noted, want 20", n)
	}
	secret, _ := made(t, store, nil)
	want(t, "after Close", keys, secret, "UNAVAILABLE")
	keys.Close()
}

// Close does not wait for ever, also if two call it.
func TestCloseWithoutAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newKeyring()
		secret, _ := made(t, store, nil)
		other, _ := made(t, store, nil)
		keys := apikey.New(store, apikey.Options{})
		store.noting = slow(time.Hour)
		want(t, "at first", keys, secret, "good")
		store.set(func() { store.wait = slow(time.Hour) })
		var all sync.WaitGroup
		all.Go(func() { want(t, "under way", keys, other, "UNAVAILABLE") })
		synctest.Wait()
		began := time.Now()
		all.Go(keys.Close)
		all.Go(keys.Close)
		all.Wait()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}
