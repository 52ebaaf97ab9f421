package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
)

// StoreKind is a kind of store.
type StoreKind string

// The kinds of store.
const (
	StoreSQLite  StoreKind = "sqlite"
	StoreMongoDB StoreKind = "mongodb"
)

// StoreURL says where a store is. It may hold a password, so it prints without
// user, password and options however it is printed; Reveal gives the whole.
type StoreURL struct {
	scheme   string // "sqlite:", "mongodb://" or "mongodb+srv://"
	userinfo string // as in the URL, percent-encoded
	rest     string // a file's path; or hosts and database
	options  string // after "?", percent-encoded
}

// ParseStoreURL reads sqlite:PATH, mongodb://… and mongodb+srv://…. Its errors
// say what would be right and repeat nothing of text.
func ParseStoreURL(text string) (StoreURL, error) {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if path == "" || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "?\x00") {
			return StoreURL{}, errors.New("sqlite: takes a file's path without options, such as sqlite:customers.db")
		}
		return StoreURL{scheme: "sqlite:", rest: path}, nil
	}
	for _, scheme := range []string{"mongodb://", "mongodb+srv://"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok {
			return parseMongoDB(scheme, rest)
		}
	}
	return StoreURL{}, errors.New("a store is sqlite:PATH, mongodb://HOST/DATABASE or mongodb+srv://HOST/DATABASE")
}

func parseMongoDB(scheme, rest string) (StoreURL, error) {
	u := StoreURL{scheme: scheme}
	u.rest, u.options, _ = strings.Cut(rest, "?")
	if strings.Contains(u.options, "@") || strings.ContainsAny(rest, "# \x00") || strings.Count(u.rest, "@") > 1 {
		return StoreURL{}, errors.New("user, password and options of a mongodb URL must be percent-encoded (@ is %40, / is %2F, # is %23, ? is %3F)")
	}
	if userinfo, hosts, ok := strings.Cut(u.rest, "@"); ok {
		if _, err := url.PathUnescape(userinfo); err != nil || strings.Contains(userinfo, "/") || strings.Count(userinfo, ":") > 1 {
			return StoreURL{}, errors.New("user and password of a mongodb URL must be percent-encoded (% is %25, : is %3A, / is %2F)")
		}
		u.userinfo, u.rest = userinfo, hosts
	}
	if _, err := url.ParseQuery(u.options); err != nil {
		return StoreURL{}, errors.New("options of a mongodb URL are name=value pairs joined by &, percent-encoded")
	}
	if u.hosts() == "" {
		return StoreURL{}, errors.New("a mongodb URL needs a host, such as mongodb://127.0.0.1:27017/customer360")
	}
	return u, nil
}

// Kind returns the kind of store, "" if none is set.
func (u StoreURL) Kind() StoreKind {
	switch u.scheme {
	case "":
		return ""
	case "sqlite:":
		return StoreSQLite
	default:
		return StoreMongoDB
	}
}

// IsZero says that no store is set.
func (u StoreURL) IsZero() bool { return u.scheme == "" }

// Path returns the file's path of an SQLite store.
func (u StoreURL) Path() string { return u.rest }

// Reveal returns the whole URL with its password, for opening the store.
func (u StoreURL) Reveal() string {
	text := u.scheme
	if u.userinfo != "" {
		text += u.userinfo + "@"
	}
	text += u.rest
	if u.options != "" {
		text += "?" + u.options
	}
	return text
}

// String returns the URL with *** for user and password and without options.
func (u StoreURL) String() string {
	if u.userinfo != "" {
		return u.scheme + hidden + "@" + u.rest
	}
	return u.scheme + u.rest
}

// Format prints String's text whatever the verb.
func (u StoreURL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// LogValue returns String's text.
func (u StoreURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText returns String's text, to JSON and YAML too.
func (u StoreURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// Scrub takes what is secret in the URL out of text, which a driver wrote.
func (u StoreURL) Scrub(text string) string {
	secrets := []string{u.Reveal(), u.userinfo, u.options}
	if _, password, ok := strings.Cut(u.userinfo, ":"); ok {
		decoded, _ := url.PathUnescape(password)
		secrets = append(secrets, decoded, password)
	}
	if u.Kind() == StoreSQLite {
		return text
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, hidden)
		}
	}
	return text
}

func (u StoreURL) hosts() string {
	hosts, _, _ := strings.Cut(u.rest, "/")
	return hosts
}

// withPassword returns the URL with a password for the user that it names.
func (u StoreURL) withPassword(password Secret) (StoreURL, error) {
	user, _, has := strings.Cut(u.userinfo, ":")
	switch {
	case u.Kind() != StoreMongoDB:
		return u, errors.New("only a mongodb store takes a password")
	case has:
		return u, errors.New("the store's URL has a password already; give it in one place")
	case user == "":
		return u, errors.New("the store's URL names no user; write mongodb://USER@HOST/DATABASE")
	}
	u.userinfo = user + ":" + strings.ReplaceAll(url.QueryEscape(password.Reveal()), "+", "%20")
	return u, nil
}

// withOption returns the URL with one more option.
func (u StoreURL) withOption(name, value string) StoreURL {
	if u.options != "" {
		u.options += "&"
	}
	u.options += name + "=" + url.QueryEscape(value)
	return u
}

// option returns an option's last value; names are compared without case, as
// drivers do.
func (u StoreURL) option(name string) string {
	value := ""
	for _, pair := range strings.Split(u.options, "&") {
		key, v, _ := strings.Cut(pair, "=")
		if key, _ = url.QueryUnescape(key); strings.EqualFold(key, name) {
			value, _ = url.QueryUnescape(v)
		}
	}
	return value
}

// exposed says that the store is reached over a network without verified TLS.
func (u StoreURL) exposed() bool {
	if u.Kind() != StoreMongoDB {
		return false
	}
	tls := u.option("tls")
	if tls == "" {
		tls = u.option("ssl")
	}
	if tls == "" && u.scheme == "mongodb+srv://" {
		tls = "true"
	}
	unverified := false
	for _, name := range []string{"tlsInsecure", "sslInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames"} {
		unverified = unverified || u.option(name) == "true"
	}
	if tls == "true" && !unverified {
		return false
	}
	if u.scheme == "mongodb+srv://" {
		return true
	}
	for _, host := range strings.Split(u.hosts(), ",") {
		if !isLoopback(host) && !strings.HasPrefix(strings.ToLower(host), "%2f") {
			return true
		}
	}
	return false
}

// isLoopback says whether address, with or without a port, names this machine.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
