package mongodb_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// secret is a password that no error may hold.
const secret = "hunter2-canary"

func observing(observed calls) mongodb.Option {
	return mongodb.WithCallObserver(func(call string) { observed <- call })
}

func TestConformanceOfALockedServer(t *testing.T) {
	server := mongod.Start(t, mongod.Locked())
	storetest.Run(t, func(t *testing.T) crm.Store {
		server.Empty(t, "crm")
		return opened(t, server.URI("crm"))
	})
}

// A database that is no store stays as it is: none.
func TestOnlyAnExistingStoreIsRead(t *testing.T) {
	uri := mongod.URI(t)
	for range 2 { // the first must not make one
		store, err := mongodb.Open(t.Context(), uri, mongodb.Existing())
		if err == nil {
			_ = store.Close(t.Context())
		}
		wantCode(t, err, crm.CodeInvalid)
	}
	if err := opened(t, uri).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := mongodb.Open(t.Context(), uri, mongodb.Existing())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name, uri string
		code      crm.Code
	}{
		{"nothing", "", crm.CodeInvalid},
		{"another scheme", "postgres://user:" + secret + "@localhost/crm", crm.CodeInvalid},
		{"a password that is not escaped", "mongodb://user:" + secret + "@@localhost/crm", crm.CodeInvalid},
		{"a password with a slash", "mongodb://user:/" + secret + "@localhost/crm", crm.CodeInvalid},
		{"an option that is none", "mongodb://user:" + secret + "@localhost/crm?authMechanism=" + secret, crm.CodeInvalid},
		{"contradicting options", "mongodb://user:" + secret + "@localhost,127.0.0.1/crm?directConnection=true", crm.CodeInvalid},
		{"a CA file that is not there", "mongodb://user:" + secret + "@localhost/crm?tls=true&tlsCAFile=/" + secret, crm.CodeInvalid},
		{"plaintext beyond loopback", "mongodb://user:" + secret + "@db.example.com/crm", crm.CodeInvalid},
		{"plaintext to an address beyond loopback", "mongodb://user:" + secret + "@10.0.0.1:27017/crm", crm.CodeInvalid},
		{"plaintext to one of several", "mongodb://user:" + secret + "@localhost,10.0.0.1/crm", crm.CodeInvalid},
		{"certificates that nobody checks", "mongodb://user:" + secret + "@db.example.com/crm?tls=true&tlsInsecure=true", crm.CodeInvalid},
		{"nobody there", "mongodb://user:" + secret + "@127.0.0.1:1/crm", crm.CodeUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store, err := mongodb.Open(t.Context(), test.uri, mongodb.WithTimeout(200*time.Millisecond))
			if err == nil {
				_ = store.Close(t.Context())
				t.Fatal("it was opened")
			}
			wantCode(t, err, test.code)
			wantNoSecret(t, err)
		})
	}
}

func TestAllowPlaintextReachesBeyondLoopback(t *testing.T) {
	// Nothing answers at an address for documentation (RFC 5737), but it is tried.
	_, err := mongodb.Open(t.Context(), "mongodb://user:"+secret+"@192.0.2.1/crm",
		mongodb.AllowPlaintext(), mongodb.WithTimeout(200*time.Millisecond))
	wantCode(t, err, crm.CodeUnavailable)
	wantNoSecret(t, err)
}

func TestWrongPasswordIsUnavailable(t *testing.T) {
	server := mongod.Start(t, mongod.Locked())
	uri := strings.Replace(server.URI("crm"), mongod.User+":", mongod.User+":"+secret, 1)
	_, err := mongodb.Open(t.Context(), uri, mongodb.WithTimeout(2*time.Second))
	wantCode(t, err, crm.CodeUnavailable)
	wantNoSecret(t, err)
	if err != nil && !strings.Contains(err.Error(), "credentials") {
		t.Errorf("the error does not say that the credentials were refused: %v", err)
	}
}

func TestStandaloneServerIsUnsupported(t *testing.T) {
	server := mongod.Start(t, mongod.Standalone())
	_, err := mongodb.Open(t.Context(), server.URI("crm"))
	wantCode(t, err, crm.CodeUnsupported)
}

func TestPausedServerIsUnavailableInTime(t *testing.T) {
	const timeout = time.Second
	server := mongod.Start(t)
	store := opened(t, server.URI("crm"), mongodb.WithTimeout(timeout))
	people{customers: 20, orders: 2, lines: 1, others: 1}.fill(t, store)
	before := goleak.IgnoreCurrent()
	server.Pause(t)
	next := 100 // Each write has a record of its own: the server may hold a paused one's for a minute.
	calls := map[string]func(ctx context.Context) error{
		"Ping": store.Ping,
		"ByID": func(ctx context.Context) error {
			_, err := crm.Of[crm.Customer](store).ByID(ctx, ids(crm.KindCustomer, 0, 3), nil)
			return err
		},
		"ListBy": func(ctx context.Context) error {
			_, err := crm.Of[crm.Order](store).ListBy(ctx, []crm.Field{crm.FieldCustomer}, ids(crm.KindCustomer, 0, 3), crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt}})
			return err
		},
		"Write": func(ctx context.Context) error {
			next++
			_, err := crm.Of[crm.Customer](store).Write(ctx, []crm.Write[crm.Customer]{{Record: customer(next)}})
			return err
		},
		"Migrate": store.Migrate,
	}
	for name, call := range calls {
		start := time.Now()
		err := call(t.Context())
		if took := time.Since(start); took > timeout+time.Second {
			t.Errorf("%s of a paused server ended after %v, want at most %v", name, took, timeout+time.Second)
		}
		wantCode(t, err, crm.CodeUnavailable)
	}
	server.Resume(t)
	for name, call := range calls {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s after the pause: %v", name, err)
		}
	}
	// The driver's heartbeat has such a goroutine for as long as one of its reads lasts.
	heartbeat := goleak.IgnoreAnyFunction("go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology.(*contextDoneListener).Listen")
	if err := goleak.Find(before, heartbeat); err != nil {
		t.Errorf("goroutines were left by the pause: %v", err)
	}
}

func TestCanceledContextEndsACall(t *testing.T) {
	server := mongod.Start(t)
	store := opened(t, server.URI("crm"), mongodb.WithTimeout(20*time.Second))
	server.Pause(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := crm.Of[crm.Customer](store).List(ctx, crm.Query{Sort: crm.Sort{Field: crm.FieldName}, Page: crm.PageRequest{Limit: 1}})
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a canceled call ended with %v", err)
		}
	case <-time.After(2 * time.Second):
		t.Error("a canceled call went on")
	}
	server.Resume(t)
}

func TestLocalDialerStaysOnThisMachine(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.To4() == nil {
			continue
		}
		conn, err := mongodb.DialLocal(t.Context(), "tcp", net.JoinHostPort(network.IP.String(), port))
		if local := network.IP.IsLoopback(); local != (err == nil) {
			t.Errorf("an address of this machine, loopback %v, is dialed with error %v", local, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

func wantCode(t *testing.T, err error, code crm.Code) {
	t.Helper()
	if err == nil || crm.CodeOf(err) != code {
		t.Errorf("the error is %v, want code %s", err, code)
	}
}

func wantNoSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), secret) {
			t.Errorf("an error holds the password: %v", e)
		}
	}
}
