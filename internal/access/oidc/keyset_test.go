package oidc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// outcome is "" for a token that is taken, the reason or else the code.
func outcome(t *testing.T, v *oidc.Verifier, token string) string {
	t.Helper()
	_, err := v.Authenticate(t.Context(), token)
	switch {
	case err == nil:
		return ""
	case errors.As(err, new(oidc.Reason)):
		return string(reasonOf(t, err))
	default:
		return string(crm.CodeOf(err))
	}
}

func expect(t *testing.T, when, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", when, got, want)
	}
}

func expectAsked(t *testing.T, p *provider, url, when string, want int) {
	t.Helper()
	if got := p.count(url); got != want {
		t.Errorf("%s: %s was asked %d times, want %d", when, url, got, want)
	}
}

// signed makes a good token, signed now with the key of an id.
func signed(t *testing.T, id string) string {
	t.Helper()
	return sign(t, "RS256", keys(t).rsa, rs256().with(object{"kid": id}).text(t), staffClaims().text(t))
}

// unsigned makes a token that only looks as if the key of an id signed it.
func unsigned(t *testing.T, id string) string {
	t.Helper()
	return sign(t, "none", nil, rs256().with(object{"kid": id}).text(t), staffClaims().text(t)) + "AAAA"
}

// rsaKeys is a JWKS with the RSA key under ids.
func rsaKeys(t *testing.T, ids ...string) []byte {
	t.Helper()
	body := `{"keys":[`
	for i, id := range ids {
		one := jwks(t, public(keys(t).rsa, id, "RS256"))
		body += strings.TrimSuffix(strings.TrimPrefix(string(one), `{"keys":[`), "]}")
		if i < len(ids)-1 {
			body += ","
		}
	}
	return []byte(body + "]}")
}

func TestDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		v := remote(t, p)
		expectAsked(t, p, discoveryURL, "before any token", 0)
		for range 5 {
			expect(t, "a good token", outcome(t, v, signed(t, "rsa")), "")
		}
		expectAsked(t, p, discoveryURL, "after five tokens", 1)
		expectAsked(t, p, jwksURL, "after five tokens", 1)
	})
}

func TestDiscoveryRefused(t *testing.T) {
	ok := string(rsaKeys(t, "rsa"))
	for name, answers := range map[string]map[string]answer{
		"another issuer":     {discoveryURL: {body: `{"issuer":"https://evil.example","jwks_uri":"` + jwksURL + `"}`}},
		"a slash more":       {discoveryURL: {body: `{"issuer":"` + staffIssuer + `/","jwks_uri":"` + jwksURL + `"}`}},
		"no issuer":          {discoveryURL: {body: `{"jwks_uri":"` + jwksURL + `"}`}},
		"no address":         {discoveryURL: {body: `{"issuer":"` + staffIssuer + `"}`}},
		"keys without TLS":   {discoveryURL: {body: `{"issuer":"` + staffIssuer + `","jwks_uri":"http://127.0.0.1/jwks"}`}, "http://127.0.0.1/jwks": {body: ok}},
		"a file":             {discoveryURL: {body: `{"issuer":"` + staffIssuer + `","jwks_uri":"file:///etc/passwd"}`}},
		"a page":             {discoveryURL: {body: `<html>`}},
		"not there":          {discoveryURL: {status: 404}},
		"keys elsewhere":     {jwksURL: {status: 302, to: "https://evil.example/jwks"}, "https://evil.example/jwks": {body: ok}},
		"keys at http":       {jwksURL: {status: 302, to: "http://keys.example/jwks"}, "http://keys.example/jwks": {body: ok}},
		"keys on a circle":   {jwksURL: {status: 302, to: jwksURL}},
		"keys too large":     {jwksURL: {body: ok + strings.Repeat(" ", 1<<20)}},
		"keys broken":        {jwksURL: {body: ok[:40]}},
		"keys no set":        {jwksURL: {body: `{}`}},
		"keys with an error": {jwksURL: {status: 500, body: ok}},
		"keys deeply nested": {jwksURL: {body: strings.Repeat("[", 1<<20)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProvider([]byte(ok))
				for url, a := range answers {
					p.set(url, a)
				}
				expect(t, name, outcome(t, remote(t, p), signed(t, "rsa")), "UNAVAILABLE")
			})
		})
	}
}

func TestRedirectWithinHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(nil)
		p.set(jwksURL, answer{status: 307, to: "/moved"})
		p.set("https://keys.example/moved", answer{body: string(rsaKeys(t, "rsa"))})
		expect(t, "moved keys", outcome(t, remote(t, p), signed(t, "rsa")), "")
	})
}

// TestUnknownKeyFlood brings tokens with made-up keys, many at once, for minutes.
func TestUnknownKeyFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		p.slow = 100 * time.Millisecond
		v := remote(t, p)
		start := time.Now()
		var all sync.WaitGroup
		for worker := range 20 {
			all.Go(func() {
				for n := 0; time.Since(start) < time.Minute; n++ {
					expect(t, "a made-up key", outcome(t, v, unsigned(t, fmt.Sprintf("made-up-%d-%d", worker, n))), "UNKNOWN_KEY")
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		all.Wait()
		// At 0 s (the first), then at most every 10 s for a minute.
		if got := p.count(jwksURL); got < 6 || got > 7 {
			t.Errorf("the keys were asked for %d times in a minute, want 6 or 7", got)
		}
		expectAsked(t, p, discoveryURL, "in a minute", 1)
		if p.most != 1 {
			t.Errorf("the issuer was asked %d times at once", p.most)
		}
		// Good tokens are taken all the time, and a new key within 10 s.
		expect(t, "a good token", outcome(t, v, signed(t, "rsa")), "")
		p.set(jwksURL, answer{body: string(rsaKeys(t, "rsa", "new"))})
		time.Sleep(10 * time.Second)
		expect(t, "a new key", outcome(t, v, signed(t, "new")), "")
	})
}

func TestIssuerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		v := remote(t, p)
		expect(t, "at first", outcome(t, v, signed(t, "rsa")), "")
		p.fail(true)
		for hour := range 24 {
			time.Sleep(time.Hour)
			synctest.Wait()
			expect(t, fmt.Sprintf("a known key after %d h", hour+1), outcome(t, v, signed(t, "rsa")), "")
			synctest.Wait()
		}
		expect(t, "an unknown key", outcome(t, v, signed(t, "other")), "UNKNOWN_KEY")
		asked := p.count(jwksURL) + p.count(discoveryURL)
		unknown, known := unsigned(t, "other"), signed(t, "rsa")
		for range 1000 {
			expect(t, "an unknown key", outcome(t, v, unknown), "UNKNOWN_KEY")
			expect(t, "a known key", outcome(t, v, known), "")
		}
		if more := p.count(jwksURL) + p.count(discoveryURL) - asked; more > 1 {
			t.Errorf("an issuer that is down was asked %d times more in no time", more)
		}
		time.Sleep(time.Hour + time.Minute)
		expect(t, "a day after they were due", outcome(t, v, signed(t, "rsa")), "UNAVAILABLE")
		p.fail(false)
		time.Sleep(10 * time.Second)
		expect(t, "up again", outcome(t, v, signed(t, "rsa")), "")
	})
}

func TestNeverAnyKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		p.fail(true)
		v := remote(t, p)
		for range 100 {
			expect(t, "down from the start", outcome(t, v, signed(t, "rsa")), "UNAVAILABLE")
		}
		expectAsked(t, p, discoveryURL, "a hundred tokens at once", 1)
		p.fail(false)
		time.Sleep(time.Second)
		expect(t, "a second after it came up", outcome(t, v, signed(t, "rsa")), "")
	})
}

func TestVanishedKeyStopsWorking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa", "old"))
		v := remote(t, p)
		// The same token again and again, so that the one that is remembered is seen.
		token := sign(t, "RS256", keys(t).rsa, rs256().with(object{"kid": "old"}).text(t),
			staffClaims().with(object{"exp": time.Now().Add(100 * time.Hour).Unix()}).text(t))
		expect(t, "at first", outcome(t, v, token), "")
		p.set(jwksURL, answer{body: string(rsaKeys(t, "rsa"))})
		expect(t, "before the keys are due", outcome(t, v, token), "")
		time.Sleep(59 * time.Minute)
		expect(t, "just before the keys are due", outcome(t, v, token), "")
		time.Sleep(time.Minute + time.Second)
		expect(t, "while they are fetched again", outcome(t, v, token), "")
		synctest.Wait()
		expect(t, "after they were fetched again", outcome(t, v, token), "UNKNOWN_KEY")
		expect(t, "the key that stayed", outcome(t, v, signed(t, "rsa")), "")
	})
}

// TestIdleGatewayFetchesFirst: a key that vanished while nobody asked is not taken
// once more.
func TestIdleGatewayFetchesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa", "old"))
		v := remote(t, p)
		expect(t, "at first", outcome(t, v, signed(t, "old")), "")
		p.set(jwksURL, answer{body: string(rsaKeys(t, "rsa"))})
		time.Sleep(5 * time.Hour)
		expect(t, "after five hours without any token", outcome(t, v, signed(t, "old")), "UNKNOWN_KEY")
	})
}

// TestSlowRefreshHoldsNobodyUp: keys that are due are used while they are fetched.
func TestSlowRefreshHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		v := remote(t, p)
		expect(t, "at first", outcome(t, v, signed(t, "rsa")), "")
		p.mu.Lock()
		p.slow = time.Hour
		p.mu.Unlock()
		time.Sleep(time.Hour + time.Second)
		start := time.Now()
		for range 3 {
			expect(t, "while it does not answer", outcome(t, v, signed(t, "rsa")), "")
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("tokens waited %s for keys that were only due", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := v.Authenticate(ctx, signed(t, "other"))
		if crm.CodeOf(err) != crm.CodeUnavailable || time.Since(start) != time.Second {
			t.Errorf("an unknown key waited %s and got %v", time.Since(start), err)
		}
	})
}

func TestCacheControl(t *testing.T) {
	for control, want := range map[string]time.Duration{
		"": time.Hour, "public": time.Hour, "max-age=x": time.Hour, "public, MAX-AGE=7200": 2 * time.Hour,
		"max-age=1": 5 * time.Minute, "no-store": 5 * time.Minute, "max-age=86400, no-cache": 5 * time.Minute,
		"max-age=864000": 24 * time.Hour, `max-age="600"`: 10 * time.Minute, "max-age=99999999999999999999": time.Hour,
	} {
		t.Run(control, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProvider(nil)
				p.set(jwksURL, answer{body: string(rsaKeys(t, "rsa")), control: control})
				v := remote(t, p)
				outcome(t, v, signed(t, "rsa"))
				time.Sleep(want - time.Second)
				outcome(t, v, signed(t, "rsa"))
				synctest.Wait()
				expectAsked(t, p, jwksURL, "before "+want.String(), 1)
				time.Sleep(time.Second)
				outcome(t, v, signed(t, "rsa"))
				synctest.Wait()
				expectAsked(t, p, jwksURL, "after "+want.String(), 2)
			})
		})
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(rsaKeys(t, "rsa"))
		p.slow = time.Hour
		v := remote(t, p)
		done := make(chan string)
		go func() { done <- outcome(t, v, signed(t, "rsa")) }()
		synctest.Wait()
		start := time.Now()
		v.Close()
		expect(t, "a token that waits", <-done, "UNAVAILABLE")
		if took := time.Since(start); took != 0 {
			t.Errorf("closing took %s", took)
		}
		expect(t, "after closing", outcome(t, v, signed(t, "rsa")), "UNAVAILABLE")
		expectAsked(t, p, discoveryURL, "in all", 1)
	})
}
