package config

import "time"

// Config is every setting. A field's key in the file is its path in snake case:
// Store.TLSCAFile is store.tls_ca_file, Shops[2].CacheTTL is shops[2].cache_ttl.
type Config struct {
	Store          Store
	Listen         string
	AdminListen    string
	Explorer       bool
	CORS           CORS
	Limits         Limits
	Log            Log
	CustomerGroups []string
	// Shops are in the order of the file; nil is none.
	Shops []Shop
}

// Store says where the company's own records live.
type Store struct {
	// URL is empty if none is set. A password from Password or PasswordFile and
	// the CA file are part of it after Load.
	URL StoreURL
	// Password comes from the environment only.
	Password     Secret
	PasswordFile string
	// Timeout bounds one read of the store, and one command of a MongoDB store.
	Timeout time.Duration
	// AllowPlaintext permits MongoDB beyond loopback without verified TLS.
	AllowPlaintext bool
	TLSCAFile      string
}

// CORS says which web pages of other origins may ask.
type CORS struct {
	AllowedOrigins []string
}

// Limits bound what one request may cost.
type Limits struct {
	BodyBytes       int
	HeaderBytes     int
	QueryTokens     int
	CachedQueries   int
	RequestTimeout  time.Duration
	ReadTimeout     time.Duration
	IdleTimeout     time.Duration
	ShutdownTimeout time.Duration
}

// Log says what is logged and how.
type Log struct {
	Level  string
	Format string
}

// Default gives the settings that hold where nothing else is said.
func Default() Config {
	return Config{
		Store:       Store{Timeout: 5 * time.Second},
		Listen:      "127.0.0.1:8080",
		AdminListen: "127.0.0.1:0",
		CORS:        CORS{AllowedOrigins: []string{}},
		Limits: Limits{
			BodyBytes:       1 << 20,
			HeaderBytes:     64 << 10,
			QueryTokens:     4000,
			CachedQueries:   1000,
			RequestTimeout:  30 * time.Second,
			ReadTimeout:     15 * time.Second,
			IdleTimeout:     2 * time.Minute,
			ShutdownTimeout: 15 * time.Second,
		},
		Log:            Log{Level: "info", Format: "json"},
		CustomerGroups: []string{"household", "small business", "enterprise", "government", "education"},
	}
}
