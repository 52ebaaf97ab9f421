package config

import "time"

// Config is every setting. A field's key in the file is its path in snake case:
// Store.TLSCAFile is store.tls_ca_file, Shops[2].CacheTTL is shops[2].cache_ttl.
type Config struct {
	Store       Store
	Listen      string
	AdminListen string
	// H2C lets Listen speak HTTP/2 without TLS beside HTTP/1.1.
	H2C      bool
	Explorer bool
	Auth     Auth
	// TrustedProxies are networks and addresses of proxies whose X-Forwarded-For
	// is believed.
	TrustedProxies []string
	Documents      Documents
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
	// AllowedHeaders are those that pages of AllowedOrigins may send beside the usual
	// ones.
	AllowedHeaders []string
	// Policies are for origins that need more than asking; each origin is in one.
	Policies []CORSPolicy
}

// CORSPolicy is what pages of some origins may do.
type CORSPolicy struct {
	Origins []string
	// Headers are those that the pages may send beside the usual ones.
	Headers []string
	// Credentials permits what browsers attach by themselves, such as client
	// certificates. The gateway reads no cookies.
	Credentials bool
	// MaxAge is how long a browser may remember the answer to a preflight.
	MaxAge time.Duration
}

// Documents says which GraphQL documents are answered.
type Documents struct {
	// Manifest is the path of a persisted query manifest, "" for none.
	Manifest string
	Mode     DocumentsMode
	// APQ permits automatic persisted queries.
	APQ bool
}

// DocumentsMode says what becomes of documents that are not in the manifest.
type DocumentsMode string

// The modes of documents.
const (
	// DocumentsAllow answers every document.
	DocumentsAllow DocumentsMode = "allow"
	// DocumentsLog answers and logs them.
	DocumentsLog DocumentsMode = "log"
	// DocumentsSafelist refuses them.
	DocumentsSafelist DocumentsMode = "safelist"
	// DocumentsRequireID answers documents of the manifest, by their id alone.
	DocumentsRequireID DocumentsMode = "require-id"
)

// Limits bound what one request, and what one caller, may cost.
type Limits struct {
	BodyBytes   int
	HeaderBytes int
	QueryTokens int
	// CachedQueries are how many parsed documents are kept.
	CachedQueries int
	// Depth to Values bound a document: its nesting, its fields with those of
	// fragments counted wherever they are used, and so on.
	Depth, Fields, Aliases, RootFields, Directives, Values int
	// Cost bounds an operation's points; CostPerMinute those of a caller.
	Cost, CostPerMinute int
	// AnswerValues and AnswerBytes bound one answer.
	AnswerValues, AnswerBytes int
	// ConcurrentCost bounds the points of operations under way, ConcurrentCostPerCaller
	// those of one caller; Queue and QueuePerCaller how many may wait for their turn.
	ConcurrentCost, ConcurrentCostPerCaller, Queue, QueuePerCaller int
	// RequestsPerSecond bounds a caller, AddressRequestsPerSecond a client address.
	RequestsPerSecond, AddressRequestsPerSecond int

	RequestTimeout  time.Duration
	ReadTimeout     time.Duration
	StallTimeout    time.Duration
	IdleTimeout     time.Duration
	ShutdownTimeout time.Duration
}

// Log says what is logged and how.
type Log struct {
	Level  string
	Format string
}

// Default returns the settings that hold where nothing else is said.
func Default() Config {
	return Config{
		Store:       Store{Timeout: 5 * time.Second},
		Listen:      "127.0.0.1:8080",
		AdminListen: "127.0.0.1:0",
		CORS:        CORS{AllowedOrigins: []string{}, AllowedHeaders: []string{}},
		Documents:   Documents{Mode: DocumentsAllow, APQ: true},

		TrustedProxies: []string{},
		Limits: Limits{
			BodyBytes:     1 << 20,
			HeaderBytes:   64 << 10,
			QueryTokens:   4000,
			CachedQueries: 1000,
			Depth:         15,
			Fields:        2000,
			Aliases:       100,
			RootFields:    20,
			Directives:    50,
			Values:        2000,
			Cost:          30_000,
			CostPerMinute: 1_000_000,

			AnswerValues:            100_000,
			AnswerBytes:             8 << 20,
			ConcurrentCost:          60_000,
			ConcurrentCostPerCaller: 1_000,
			Queue:                   1000,
			QueuePerCaller:          100,

			RequestsPerSecond:        50,
			AddressRequestsPerSecond: 200,

			RequestTimeout:  30 * time.Second,
			ReadTimeout:     15 * time.Second,
			StallTimeout:    5 * time.Second,
			IdleTimeout:     2 * time.Minute,
			ShutdownTimeout: 15 * time.Second,
		},
		Log:            Log{Level: "info", Format: "json"},
		CustomerGroups: []string{"household", "small business", "enterprise", "government", "education"},
	}
}
