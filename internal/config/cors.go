package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// policyKeys returns the keys of CORS policy i, whose path is item, in the order of
// the example file.
func policyKeys(item string, i int) []Key {
	at := func(c *Config) *CORSPolicy { return &c.CORS.Policies[i] }
	keys := []Key{
		list(item+".origins", "a list of origins such as https://dashboard.example.com, without path and without *", checkOrigin,
			func(c *Config) *[]string { return &at(c).Origins }),
		list(item+".headers", "a list of names of headers, such as X-App-Version", checkHeader, func(c *Config) *[]string { return &at(c).Headers }),
		yesNo(item+".credentials", func(c *Config) *bool { return &at(c).Credentials }),
		duration(item+".max_age", time.Second, 24*time.Hour, func(c *Config) *time.Duration { return &at(c).MaxAge }),
	}
	keys[0].required = true
	return keys
}

func checkOrigin(v string) error {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Scheme+"://"+u.Host != v || strings.Contains(v, "*") {
		return errors.New("is not an origin")
	}
	return nil
}

// checkHeader says what is wrong with the name of a header (a token of RFC 9110,
// section 5.6.2, without the signs that nobody uses).
func checkHeader(v string) error {
	odd := func(r rune) bool {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
	}
	if v == "" || strings.ContainsFunc(v, odd) {
		return errors.New("is no name of a header")
	}
	return nil
}

// finishCORS checks that every origin has one policy.
func (l *loader) finishCORS() error {
	seen := slices.Clone(l.config.CORS.AllowedOrigins)
	for i, policy := range l.config.CORS.Policies {
		for _, origin := range policy.Origins {
			if slices.Contains(seen, origin) {
				return l.problem(fmt.Sprintf("cors.policies[%d].origins", i), "has an origin that another policy or cors.allowed_origins has too: which of them holds would be a guess")
			}
			seen = append(seen, origin)
		}
	}
	return nil
}
