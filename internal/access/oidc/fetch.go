package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of what issuers answer.
const (
	maxAnswer    = 1 << 20
	maxRedirects = 3
	minAge       = 5 * time.Minute
	maxAge       = 24 * time.Hour
	defaultAge   = time.Hour
)

// fetcher asks issuers.
type fetcher struct{ client *http.Client }

func newFetcher(transport http.RoundTripper) *fetcher {
	if transport == nil {
		dialer := &net.Dialer{Timeout: 5 * time.Second}
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 5 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, // Once an hour.
		}
	}
	return &fetcher{&http.Client{Transport: transport, Timeout: fetchTimeout, CheckRedirect: sameHost}}
}

// sameHost lets a request be redirected within its host alone.
func sameHost(to *http.Request, via []*http.Request) error {
	from := via[0].URL
	switch {
	case to.URL.Scheme != from.Scheme || to.URL.Host != from.Host:
		return errors.New("redirected to another host")
	case len(via) > maxRedirects:
		return fmt.Errorf("redirected more than %d times", maxRedirects)
	}
	return nil
}

// checkAddress says what is wrong with an address to fetch keys from: what came over
// an open network could be anybody's.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Hostname() == "", u.Scheme != "https" && u.Scheme != "http":
		return errors.New("the address of an issuer or of its keys must start with https://")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("an issuer or its keys are reached over a network without TLS: only a loopback host may be http://")
	case u.User != nil || u.Fragment != "":
		return errors.New("the address of an issuer or of its keys must have no user, no password and no fragment")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// discover asks an issuer where its keys are: OpenID Connect Discovery 1.0, section
// 4, with the issuer the same as asked (section 4.3).
func (f *fetcher) discover(ctx context.Context, issuer string) (string, error) {
	body, _, err := f.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return "", fmt.Errorf("discover the keys: %w", err)
	}
	var configuration struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &configuration); err != nil {
		return "", errors.New("discover the keys: the answer is no configuration")
	}
	if configuration.Issuer != issuer {
		return "", errors.New("discover the keys: the configuration is of another issuer")
	}
	if strings.HasPrefix(issuer, "https:") && !strings.HasPrefix(configuration.Keys, "https:") {
		return "", errors.New("discover the keys: their address is not https")
	}
	return configuration.Keys, checkAddress(configuration.Keys)
}

// get fetches an address, and says for how long the answer holds.
func (f *fetcher) get(ctx context.Context, address string) ([]byte, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Accept", "application/json, application/jwk-set+json")
	answer, err := f.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // It was only read.
	if answer.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the answer has status %d", answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(body) > maxAnswer:
		return nil, 0, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	return body, age(answer.Header.Get("Cache-Control")), nil
}

// age is for how long an answer holds by its Cache-Control (RFC 9111, section
// 5.2.2), within bounds.
func age(control string) time.Duration {
	age := defaultAge
	for directive := range strings.SplitSeq(strings.ToLower(control), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-cache", "no-store":
			return minAge
		case "max-age":
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				age = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(age, minAge), maxAge)
}
