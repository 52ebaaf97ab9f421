package mongod

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	// startTime bounds a server's start, until it can be written to.
	startTime  = 60 * time.Second
	replicaSet = "rs0"
)

// User and Password are those of a locked server's only user, in database admin;
// the password has all that a URI must escape.
const (
	User     = "gateway"
	Password = "pä/ss@word:1" //nolint:gosec // A test server's.
)

// Server is a mongod of the test's own.
type Server struct {
	dir    string
	port   int
	locked bool
	alone  bool
	caFile string
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended
	client *mongo.Client
}

// Option is a choice about a server.
type Option func(*Server)

// Locked runs the server with --auth, --noscripting and --tlsMode requireTLS.
func Locked() Option { return func(s *Server) { s.locked = true } }

// Standalone runs the server without a replica set.
func Standalone() Option { return func(s *Server) { s.alone = true } }

// Start runs a server until the test ends. Without a mongod it skips the test,
// or fails it if REQUIRE_MONGODB is 1.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	path := binary()
	if path == "" {
		missing(t)
	}
	s, err := launch(path, opts...)
	if err != nil {
		t.Fatalf("start mongod: %v", err)
	}
	t.Cleanup(s.stop)
	return s
}

// URI returns the connection string for a database of the server.
func (s *Server) URI(database string) string {
	query := url.Values{}
	if !s.alone {
		query.Set("replicaSet", replicaSet)
	}
	return s.uri(database, query, s.locked)
}

func (s *Server) uri(database string, query url.Values, user bool) string {
	u := url.URL{Scheme: "mongodb", Host: s.address(), Path: "/" + database}
	if s.locked {
		query.Set("tls", "true")
		query.Set("tlsCAFile", s.caFile)
	}
	if user {
		u.User = url.UserPassword(User, Password)
		query.Set("authSource", "admin")
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Pause stops the process (SIGSTOP) and returns when none of its threads runs:
// connections stay open and nothing answers.
// Resume is called at the end of the test if the test does not.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatalf("pause mongod: %v", err)
	}
	t.Cleanup(func() { s.Resume(t) })
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := s.poll(ctx, "stopped", func() bool { return stopped(s.cmd.Process.Pid) }); err != nil {
		t.Fatal(err)
	}
}

// Resume lets a paused process run again (SIGCONT).
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatalf("resume mongod: %v", err)
	}
}

// EndSessions ends every session and returns when none has a transaction: one
// whose commit had begun is committed or not, and every other is aborted.
func (s *Server) EndSessions(t testing.TB) {
	t.Helper()
	end := bson.D{{Key: "killAllSessions", Value: bson.A{}}}
	if err := s.client.Database("admin").RunCommand(context.Background(), end).Err(); err != nil {
		t.Fatalf("end all sessions: %v", err)
	}
}

// Empty removes every document of a database and keeps its collections and
// indexes, which takes a fraction of making them anew.
func (s *Server) Empty(t testing.TB, database string) {
	t.Helper()
	empty(t, s.client, database)
}

func empty(t testing.TB, client *mongo.Client, database string) {
	t.Helper()
	db := client.Database(database)
	names, err := db.ListCollectionNames(context.Background(), bson.D{})
	if err != nil {
		t.Fatalf("list the collections: %v", err)
	}
	for _, name := range names {
		if _, err := db.Collection(name).DeleteMany(context.Background(), bson.D{}); err != nil {
			t.Fatalf("empty a collection: %v", err)
		}
	}
}

// Client returns a client of the server's, with every right; it is the server's to close.
func (s *Server) Client() *mongo.Client { return s.client }

// launch starts a server, a second and third time if another process took the port.
func launch(path string, opts ...Option) (s *Server, err error) {
	for range 3 {
		s = &Server{done: make(chan struct{})}
		for _, opt := range opts {
			opt(s)
		}
		if err = s.start(path); err == nil {
			return s, nil
		}
		s.stop()
	}
	return nil, err
}

func (s *Server) start(path string) error {
	var err error
	if s.dir, err = os.MkdirTemp("", "customer360-mongod-"); err != nil {
		return fmt.Errorf("make the server's folder: %w", err)
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	args, err := s.arguments()
	if err != nil {
		return err
	}
	s.cmd = exec.Command(path, args...) //nolint:gosec,noctx // The tester's own mongod; stop ends it.
	s.cmd.SysProcAttr = diesWithParent()
	if err := s.run(); err != nil {
		return fmt.Errorf("run mongod: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := s.listening(ctx); err != nil {
		return err
	}
	return s.setUp(ctx)
}

// run starts the process on a thread of its own, which waits for it: the kernel
// ends the process with the thread, and so with the tests.
func (s *Server) run() error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer close(s.done)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // Its exit status says nothing: it is killed.
		}
	}()
	return <-started
}

func (s *Server) arguments() ([]string, error) {
	args := []string{
		"--dbpath", s.dir, "--port", strconv.Itoa(s.port), "--bind_ip", "127.0.0.1", "--nounixsocket",
		"--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512", "--logpath", filepath.Join(s.dir, "mongod.log"),
		"--setParameter", "diagnosticDataCollectionEnabled=false",
	}
	if !s.alone {
		args = append(args, "--replSet", replicaSet)
	}
	if !s.locked {
		return args, nil
	}
	caFile, serverFile, err := certificates(s.dir)
	if err != nil {
		return nil, err
	}
	s.caFile = caFile
	keyFile := filepath.Join(s.dir, "keyfile")
	if err := os.WriteFile(keyFile, []byte("bW9uZ29kYnRlc3QgbWVtYmVycyBzaGFyZSB0aGlz"), 0o600); err != nil {
		return nil, fmt.Errorf("write the key file: %w", err)
	}
	return append(args, "--auth", "--noscripting", "--keyFile", keyFile, "--tlsMode", "requireTLS",
		"--tlsCertificateKeyFile", serverFile, "--tlsCAFile", caFile, "--tlsAllowConnectionsWithoutCertificates"), nil
}

func freePort() (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close() //nolint:errcheck // Nothing was sent.
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// poll asks until the answer is yes, the process has ended or the time is up.
func (s *Server) poll(ctx context.Context, what string, ask func() bool) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !ask() {
		select {
		case <-ticker.C:
		case <-s.done:
			text, _ := os.ReadFile(filepath.Join(s.dir, "mongod.log"))
			return fmt.Errorf("mongod ended before it %s: %s", what, text[max(0, len(text)-2000):])
		case <-ctx.Done():
			return fmt.Errorf("mongod never %s: %w", what, ctx.Err())
		}
	}
	return nil
}

func (s *Server) listening(ctx context.Context) error {
	return s.poll(ctx, "listened", func() bool {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address())
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

// setUp makes the server a primary, with a user if it is locked, and connects to it.
func (s *Server) setUp(ctx context.Context) error {
	direct := url.Values{"directConnection": {"true"}}
	client, err := mongo.Connect(options.Client().ApplyURI(s.uri("", direct, false)))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.client = client
	if !s.alone {
		members := bson.A{bson.D{{Key: "_id", Value: 0}, {Key: "host", Value: s.address()}}}
		// A write need not wait for the disk: no server is started again on what it left.
		config := bson.D{
			{Key: "_id", Value: replicaSet},
			{Key: "members", Value: members},
			{Key: "writeConcernMajorityJournalDefault", Value: false},
		}
		if err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: config}}).Err(); err != nil {
			return fmt.Errorf("initiate the replica set: %w", err)
		}
	}
	err = s.poll(ctx, "became a primary", func() bool {
		var hello struct {
			IsWritablePrimary bool `bson:"isWritablePrimary"`
		}
		err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
		return err == nil && hello.IsWritablePrimary
	})
	if err != nil || !s.locked {
		return err
	}
	return s.addUser(ctx, direct)
}

// addUser makes the user, which a server without any lets who is on the same
// machine do, and connects anew as that user.
func (s *Server) addUser(ctx context.Context, direct url.Values) error {
	create := bson.D{{Key: "createUser", Value: User}, {Key: "pwd", Value: Password}, {Key: "roles", Value: bson.A{"root"}}}
	if err := s.client.Database("admin").RunCommand(ctx, create).Err(); err != nil {
		return fmt.Errorf("make the user: %w", err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(s.uri("", direct, true)))
	if err != nil {
		return fmt.Errorf("connect as the user: %w", err)
	}
	if err := s.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	s.client = client
	return nil
}

// stop ends the process and removes its folder.
func (s *Server) stop() {
	if s.client != nil {
		_ = s.client.Disconnect(context.Background())
	}
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // Its data is thrown away; there is nothing to save.
		<-s.done
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
