package mongodb

import (
	"context"
	"net"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/customer360/gateway/internal/crm"
)

const (
	defaultDatabase = "customer360"
	defaultTimeout  = 5 * time.Second
	maxPool         = 100
	maxIdle         = 5 * time.Minute
	// wireVersion6 is the wire protocol that MongoDB 6.0 speaks.
	wireVersion6 = 17
)

type settings struct {
	timeout   time.Duration
	timeoutOK bool // timeout was given, so the URI's does not count
	plaintext bool
	repairs   bool
	existing  bool
	monitor   *event.CommandMonitor
}

// Option is a choice about a store.
type Option func(*settings)

// WithTimeout bounds every call, server selection included; a server that does
// not answer is CodeUnavailable after it. It goes before the URI's timeoutMS;
// without either it is 5 s. Changes of more than 1,000 documents (records, entries of
// timelines, unique values) have as much again for every further 1,000, up to 55 s. A
// context's own deadline goes before all of these.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) { s.timeout, s.timeoutOK = d, true }
}

// AllowPlaintext lets the store talk to servers beyond loopback without TLS, or
// with certificates that nobody checks.
func AllowPlaintext() Option { return func(s *settings) { s.plaintext = true } }

// WithRepair has Migrate go through all records of a kind whose values name one record
// only, and make good what says whose they are. Values that several records have are
// told by CodeConflict, when all else is done. It reads what there is of these records
// and of their values: too much for every start.
func WithRepair() Option { return func(s *settings) { s.repairs = true } }

// Existing has Open refuse a database that no Migrate has made a store, as CodeInvalid:
// what only reads would otherwise take a name that is mistyped for an empty store.
func Existing() Option { return func(s *settings) { s.existing = true } }

// WithCallObserver calls observe with the name of every command that the store
// sends: find, aggregate, getMore, insert, commitTransaction, each retry too.
// What only keeps the connection is not counted: hello, ping, authentication
// and endSessions. It is called from many goroutines at once and must not block.
func WithCallObserver(observe func(call string)) Option {
	return func(s *settings) {
		if observe != nil {
			s.monitor = monitor(observe)
		}
	}
}

// Store is a crm.Store on MongoDB.
type Store struct {
	client   *mongo.Client
	database *mongo.Database
	timeout  time.Duration
	repairs  bool
	kinds    map[crm.Kind]*collection // never written to after Open
	passes   *passes
	told     told
}

var _ crm.Store = (*Store)(nil)

// Open connects to the database that uri names (mongodb:// or mongodb+srv://,
// its path is the database, customer360 without one) and asks for a sign of
// life. It makes no collections: that is Migrate's. The URI's options are the
// driver's (tlsCAFile, replicaSet, maxPoolSize, …); write concern is always
// majority.
//
// Errors: Invalid for a URI that is none, and for one that goes beyond loopback
// without TLS unless AllowPlaintext; Unsupported for a server that is no
// replica set or older than 6.0; Unavailable for one that does not answer. None
// holds any part of the URI.
func Open(ctx context.Context, uri string, opts ...Option) (*Store, error) {
	s := settings{timeout: defaultTimeout}
	for _, opt := range opts {
		opt(&s)
	}
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil { // The driver's words may quote the URI, and its password.
		return nil, crm.Invalid("the store's URL is no MongoDB connection string: " +
			"it must look like mongodb://user:password@host:27017/database, with @ : / % in user and password percent-encoded")
	}
	if parsed.Timeout > 0 && !s.timeoutOK { // 0 would be for ever.
		s.timeout = parsed.Timeout
	}
	clientOptions, err := s.client(uri)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(clientOptions)
	if err != nil {
		return nil, crm.Invalid("the store's URL has options that MongoDB's driver does not take together")
	}
	name := parsed.Database
	if name == "" {
		name = defaultDatabase
	}
	store := &Store{client: client, database: client.Database(name), timeout: s.timeout, repairs: s.repairs}
	store.kinds, store.passes = newKinds(store), newPasses()
	err = store.check(ctx)
	if err == nil && s.existing {
		err = store.checkExists(ctx)
	}
	if err != nil {
		_ = store.Close(context.WithoutCancel(ctx)) // The first error is the one to tell.
		return nil, err
	}
	return store, nil
}

// client returns the driver's options for a URI that parses.
func (s *settings) client(uri string) (*options.ClientOptions, error) {
	o := options.Client().SetAppName("customer360-gateway").
		SetMaxPoolSize(maxPool).SetMaxConnIdleTime(maxIdle).
		ApplyURI(uri).
		SetTimeout(s.timeout).SetServerSelectionTimeout(s.timeout).SetConnectTimeout(s.timeout).
		SetRetryReads(true).SetRetryWrites(true).
		SetWriteConcern(writeconcern.Majority()).
		SetMonitor(s.monitor)
	verified := o.TLSConfig != nil && !o.TLSConfig.InsecureSkipVerify
	if s.plaintext || verified {
		return o, nil
	}
	for _, host := range o.Hosts {
		if !loopback(host) {
			return nil, crm.Invalid("a MongoDB beyond this machine needs TLS with certificates that are checked: " +
				"add tls=true to the store's URL, or allow plaintext in the configuration")
		}
	}
	// A replica set's members may be elsewhere than the URI says.
	return o.SetDialer(localDialer{}), nil
}

// loopback says whether a URI's host, with or without a port, is this machine.
func loopback(host string) bool {
	if strings.HasSuffix(host, ".sock") {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// localDialer connects to this machine only.
type localDialer struct{}

// DialContext refuses a connection that left the machine before a byte is sent.
func (localDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if remote, ok := conn.RemoteAddr().(*net.TCPAddr); ok && !remote.IP.IsLoopback() {
		_ = conn.Close()
		return nil, errPlaintext
	}
	return conn, nil
}

// check asks the server who it is.
func (s *Store) check(ctx context.Context) error {
	var hello struct {
		SetName        string `bson:"setName"`
		Message        string `bson:"msg"` // "isdbgrid" is a sharded cluster's router
		MaxWireVersion int    `bson:"maxWireVersion"`
	}
	err := s.database.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	switch {
	case err != nil:
		return translate(ctx, "open the store", err)
	case hello.MaxWireVersion < wireVersion6:
		return &crm.Error{Code: crm.CodeUnsupported, Op: "open the store", Message: "the MongoDB server must be 6.0 or newer"}
	case hello.SetName == "" && hello.Message != "isdbgrid":
		return &crm.Error{
			Code: crm.CodeUnsupported, Op: "open the store",
			Message: "the MongoDB server must be a replica set, as transactions need one: " +
				"run it with --replSet and initiate the set; one member is enough",
		}
	}
	return nil
}

// checkExists looks for what Migrate makes first to stay.
func (s *Store) checkExists(ctx context.Context) error {
	name := crm.Describe(crm.KindCustomer).Name
	names, err := s.database.ListCollectionNames(ctx, bson.D{{Key: "name", Value: name}})
	if err == nil && len(names) == 0 {
		return crm.Invalid("the database holds no store: name one that import or serve has filled")
	}
	return translate(ctx, "look for the store", err)
}

// Ping asks the server for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return translate(ctx, "ping the store", s.client.Ping(ctx, nil))
}

// Close lets go of the connections.
func (s *Store) Close(ctx context.Context) error {
	return translate(ctx, "close the store", s.client.Disconnect(ctx))
}
