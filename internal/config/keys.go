package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Key describes one setting.
type Key struct {
	// Name is the key's path in the file, such as store.url. Items of a list are
	// counted from 0: shops[0].url, and shops[].url for that of any.
	Name string
	// Env is the environment variable that overrides it, "" if there is none. A
	// shop's has <NAME> where the shop's name belongs, in capitals and with _ for -.
	Env string
	// EnvOnly says that the file must not have it.
	EnvOnly bool
	// Want says what a right value is.
	Want string

	list     bool
	pairs    bool
	required bool // in each item of a list
	set      func(c *Config, values []string) error
}

// Keys lists every setting in the order of the example file.
func Keys() []Key {
	keys := single()
	for _, list := range lists() {
		keys = append(keys, list.keys(list.name+"[]", 0)...)
	}
	return keys
}

// single returns the settings that are there once.
func single() []Key {
	keys := []Key{
		text("store.url", "sqlite:PATH, mongodb://HOST/DATABASE or mongodb+srv://HOST/DATABASE", func(c *Config, v string) (err error) {
			c.Store.URL, err = ParseStoreURL(v)
			return err
		}),
		secret("store.password", "the password of the user in store.url", func(c *Config) *Secret { return &c.Store.Password }),
		filePath("store.password_file", "the path of a file that holds the password of the user in store.url", func(c *Config) *string { return &c.Store.PasswordFile }),
		duration("store.timeout", 100*time.Millisecond, time.Minute, func(c *Config) *time.Duration { return &c.Store.Timeout }),
		yesNo("store.allow_plaintext", func(c *Config) *bool { return &c.Store.AllowPlaintext }),
		filePath("store.tls_ca_file", "the path of a PEM file with the certificate authority of a mongodb store", func(c *Config) *string { return &c.Store.TLSCAFile }),
		address("listen", func(c *Config) *string { return &c.Listen }),
		address("admin_listen", func(c *Config) *string { return &c.AdminListen }),
		yesNo("h2c", func(c *Config) *bool { return &c.H2C }),
		yesNo("explorer", func(c *Config) *bool { return &c.Explorer }),
		yesNo("auth.api_keys", func(c *Config) *bool { return &c.Auth.APIKeys }),
		list("trusted_proxies", "a list of networks such as 10.0.0.0/8, or of addresses", checkNetwork, func(c *Config) *[]string { return &c.TrustedProxies }),
		filePath("documents.manifest", "the path of a persisted query manifest", func(c *Config) *string { return &c.Documents.Manifest }),
		oneOf("documents.mode", []DocumentsMode{DocumentsAllow, DocumentsLog, DocumentsSafelist, DocumentsRequireID}, func(c *Config) *DocumentsMode { return &c.Documents.Mode }),
		yesNo("documents.apq", func(c *Config) *bool { return &c.Documents.APQ }),
		list("cors.allowed_origins", "a list of origins such as https://dashboard.example.com, without path and without *", checkOrigin,
			func(c *Config) *[]string { return &c.CORS.AllowedOrigins }),
		list("cors.allowed_headers", "a list of names of headers, such as X-App-Version", checkHeader, func(c *Config) *[]string { return &c.CORS.AllowedHeaders }),
		number("limits.body_bytes", 1<<10, 64<<20, func(c *Config) *int { return &c.Limits.BodyBytes }),
		number("limits.header_bytes", 4<<10, 1<<20, func(c *Config) *int { return &c.Limits.HeaderBytes }),
		number("limits.query_tokens", 100, 100_000, func(c *Config) *int { return &c.Limits.QueryTokens }),
		number("limits.cached_queries", 1, 100_000, func(c *Config) *int { return &c.Limits.CachedQueries }),
		number("limits.depth", 1, 1000, func(c *Config) *int { return &c.Limits.Depth }),
		number("limits.fields", 10, 1_000_000, func(c *Config) *int { return &c.Limits.Fields }),
		number("limits.aliases", 0, 100_000, func(c *Config) *int { return &c.Limits.Aliases }),
		number("limits.root_fields", 1, 10_000, func(c *Config) *int { return &c.Limits.RootFields }),
		number("limits.directives", 0, 100_000, func(c *Config) *int { return &c.Limits.Directives }),
		number("limits.values", 1, 1_000_000, func(c *Config) *int { return &c.Limits.Values }),
		number("limits.cost", 1, 1_000_000_000, func(c *Config) *int { return &c.Limits.Cost }),
		number("limits.cost_per_minute", 1, 1_000_000_000, func(c *Config) *int { return &c.Limits.CostPerMinute }),
		number("limits.answer_values", 1000, 100_000_000, func(c *Config) *int { return &c.Limits.AnswerValues }),
		number("limits.answer_bytes", 64<<10, 1<<30, func(c *Config) *int { return &c.Limits.AnswerBytes }),
		number("limits.concurrent_cost", 1000, 1_000_000_000, func(c *Config) *int { return &c.Limits.ConcurrentCost }),
		number("limits.concurrent_cost_per_caller", 1000, 1_000_000_000, func(c *Config) *int { return &c.Limits.ConcurrentCostPerCaller }),
		number("limits.queue", 1, 1_000_000, func(c *Config) *int { return &c.Limits.Queue }),
		number("limits.queue_per_caller", 1, 1_000_000, func(c *Config) *int { return &c.Limits.QueuePerCaller }),
		number("limits.requests_per_second", 1, 1_000_000, func(c *Config) *int { return &c.Limits.RequestsPerSecond }),
		number("limits.address_requests_per_second", 1, 1_000_000, func(c *Config) *int { return &c.Limits.AddressRequestsPerSecond }),
		duration("limits.request_timeout", 100*time.Millisecond, 10*time.Minute, func(c *Config) *time.Duration { return &c.Limits.RequestTimeout }),
		duration("limits.read_timeout", 100*time.Millisecond, 10*time.Minute, func(c *Config) *time.Duration { return &c.Limits.ReadTimeout }),
		duration("limits.stall_timeout", 100*time.Millisecond, 10*time.Minute, func(c *Config) *time.Duration { return &c.Limits.StallTimeout }),
		duration("limits.idle_timeout", time.Second, time.Hour, func(c *Config) *time.Duration { return &c.Limits.IdleTimeout }),
		duration("limits.shutdown_timeout", 0, 10*time.Minute, func(c *Config) *time.Duration { return &c.Limits.ShutdownTimeout }),
		oneOf("log.level", []string{"debug", "info", "warn", "error"}, func(c *Config) *string { return &c.Log.Level }),
		oneOf("log.format", []string{"json", "text"}, func(c *Config) *string { return &c.Log.Format }),
		list("customer_groups", "a list of names of 1 to 64 bytes", checkGroup, func(c *Config) *[]string { return &c.CustomerGroups }),
	}
	for i := range keys {
		keys[i].Env = "GATEWAY_" + strings.ToUpper(strings.ReplaceAll(keys[i].Name, ".", "_"))
		keys[i].EnvOnly = keys[i].Name == "store.password"
	}
	return keys
}

var errOneValue = errors.New("takes one value, not a list")

func text(name, want string, set func(*Config, string) error) Key {
	return Key{Name: name, Want: want, set: func(c *Config, values []string) error {
		if len(values) != 1 {
			return errOneValue
		}
		return set(c, values[0])
	}}
}

// filePath is the name of a file.
func filePath(name, want string, field func(*Config) *string) Key {
	return text(name, want, func(c *Config, v string) error {
		*field(c) = v
		return nil
	})
}

func secret(name, want string, field func(*Config) *Secret) Key {
	return text(name, want, func(c *Config, v string) error {
		if strings.ContainsFunc(v, unicode.IsControl) {
			return errors.New("has more than one line, or characters that cannot be sent")
		}
		*field(c) = NewSecret(v)
		return nil
	})
}

func duration(name string, low, high time.Duration, field func(*Config) *time.Duration) Key {
	want := fmt.Sprintf("a duration from %s to %s, such as 10s or 1m30s", short(low), short(high))
	return text(name, want, func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return errors.New("is no duration")
		}
		if d < low || d > high {
			return errors.New("is out of range")
		}
		*field(c) = d
		return nil
	})
}

// short writes a duration without parts that are zero: 1m0s is 1m.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func number(name string, low, high int, field func(*Config) *int) Key {
	return text(name, fmt.Sprintf("a whole number from %d to %d", low, high), func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil {
			return errors.New("is no whole number")
		}
		if n < low || n > high {
			return errors.New("is out of range")
		}
		*field(c) = n
		return nil
	})
}

func decimal(name string, low, high float64, field func(*Config) *float64) Key {
	return text(name, fmt.Sprintf("a number from %g to %g, such as 0.5 or 20", low, high), func(c *Config, v string) error {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return errors.New("is no number")
		}
		if !(n >= low && n <= high) { // NaN is neither.
			return errors.New("is out of range")
		}
		*field(c) = n
		return nil
	})
}

func yesNo(name string, field func(*Config) *bool) Key {
	return text(name, "true or false", func(c *Config, v string) error {
		if v != "true" && v != "false" {
			return errors.New("is neither true nor false")
		}
		*field(c) = v == "true"
		return nil
	})
}

func oneOf[T ~string](name string, words []T, field func(*Config) *T) Key {
	list := make([]string, len(words))
	for i, word := range words {
		list[i] = string(word)
	}
	return text(name, strings.Join(list, ", "), func(c *Config, v string) error {
		if !slices.Contains(list, v) {
			return errors.New("is none of the words it may be")
		}
		*field(c) = T(v)
		return nil
	})
}

func address(name string, field func(*Config) *string) Key {
	return text(name, "HOST:PORT, such as 127.0.0.1:8080; port 0 takes a free one", func(c *Config, v string) error {
		if err := checkAddress(v); err != nil {
			return err
		}
		*field(c) = v
		return nil
	})
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("is not HOST:PORT")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errors.New("has no port from 0 to 65535")
	}
	return nil
}

// OnLoopback says whether an address to listen on, HOST:PORT, is this machine's
// alone.
func OnLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && isLoopback(host)
}

func list(name, want string, check func(string) error, field func(*Config) *[]string) Key {
	return Key{Name: name, Want: want, list: true, set: func(c *Config, values []string) error {
		for i, v := range values {
			if err := check(v); err != nil {
				return fmt.Errorf("item %d %w", i+1, err)
			}
		}
		*field(c) = append([]string{}, values...)
		return nil
	}}
}

func checkNetwork(v string) error {
	if _, err := netip.ParsePrefix(v); err == nil {
		return nil
	}
	if _, err := netip.ParseAddr(v); err != nil {
		return errors.New("is neither a network nor an address")
	}
	return nil
}

func checkGroup(v string) error {
	if strings.TrimSpace(v) != v || v == "" || len(v) > 64 {
		return errors.New("is no name")
	}
	return nil
}
