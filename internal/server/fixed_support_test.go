package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/ratelimit"
	"github.com/customer360/gateway/internal/server/requestid"
	"github.com/customer360/gateway/internal/telemetry"
)

// rs256 is an issuer as most companies have one: it signs with RSA.
type rs256 struct {
	key  *rsa.PrivateKey
	jwks []byte
}

func newRS256(t testing.TB) rs256 {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	jwks := fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"one","alg":"RS256","use":"sig","n":%q,"e":%q}]}`,
		base64.RawURLEncoding.EncodeToString(key.N.Bytes()), base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()))
	return rs256{key, []byte(jwks)}
}

func (i rs256) sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","kid":"one","typ":"JWT"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

// fixed is a server with every guard that the program has by default, whose execution
// takes no time: what is left of a request is what every one of them costs.
type fixed struct {
	url, token string
}

// fixedOptions leave out parts of it.
type fixedOptions struct {
	noLog, noAudit, noAuth, noRates bool
	data                            []byte
}

func startFixed(t testing.TB, o fixedOptions) fixed {
	t.Helper()
	if o.data == nil {
		o.data = []byte(`{"hello":"world"}`)
	}
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	lines := telemetry.NewLines(file, 100*time.Millisecond)
	t.Cleanup(func() { _ = lines.Close() })
	log, err := telemetry.NewLogger(lines, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	if o.noLog {
		log = slog.New(slog.DiscardHandler)
	}
	audit := access.NewAuditor(log, requestid.From)
	if o.noAudit {
		audit = nil
	}
	issuer := newRS256(t)
	tokens, err := oidc.New(oidc.Config{Issuers: []oidc.Issuer{{
		Name: "company", Issuer: "https://login.example.com", Audience: "gateway", StaticKeys: issuer.jwks,
		Principal: access.KindStaff, RolesClaim: "realm_access.roles", RoleMap: map[string]access.Role{"desk": access.RoleSupport},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tokens.Close)
	fast := ratelimit.PerSecond(1_000_000, 1_000_000)
	f := start(t, func(context.Context) *graphql.Response { return &graphql.Response{Data: o.data} }, func(c *server.Config) {
		c.Log, c.Audit = log, audit
		if !o.noAuth {
			c.Auth = tokens
		}
		if !o.noRates {
			c.Rates = server.Rates{
				Addresses: ratelimit.NewMemory(ratelimit.Options{}), Principals: ratelimit.NewMemory(ratelimit.Options{}),
				Address: fast, Requests: fast, Cost: ratelimit.PerMinute(100_000_000, 100_000_000),
			}
		}
		c.Planner, err = document.New(c.Schema.Schema(), document.DefaultLimits(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c.CORS = []server.CORSPolicy{{Origins: []string{"https://dashboard.example.com"}}}
		c.Limits = server.Limits{
			BodyBytes: 1 << 20, HeaderBytes: 32 << 10,
			RequestTimeout: 30 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, StallTimeout: 10 * time.Second,
			Answer: budget.Limits{Values: 1_000_000, Bytes: 16 << 20},
			Concurrency: server.Concurrency{
				Cost: 20_000, CostEach: 5_000, Queue: 1000, QueueEach: 100,
				AnswerBytes: 128 << 20, AnswerBytesEach: 16 << 20, RequestBytes: 32 << 20,
			},
		}
		c.Install = func(e *server.Executor) {
			e.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
				audit.Of("query").ReadPII(ctx, access.From(ctx), personal())
				return next(ctx)
			})
		}
	})
	now := time.Now()
	token := issuer.sign(t, map[string]any{
		"iss": "https://login.example.com", "aud": "gateway", "sub": "b3f1c1de-0c2f-4c37-9d1a-0c6f2d6f1a11", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"jti": "f3a1", "azp": "dashboard", "scope": "openid profile email", "email_verified": true, "name": "Sam Desk",
		"realm_access": map[string]any{"roles": []string{"offline_access", "uma_authorization", "desk"}},
	})
	return fixed{url: strings.TrimPrefix(f.URL(), "http://"), token: token}
}

func personal() []string {
	return []string{"Customer.displayName", "Customer.emails", "Customer.phones", "EmailAddress.address", "PhoneNumber.number"}
}

// fixedBody is a request as a client sends one, of a kilobyte.
func fixedBody(t testing.TB) string {
	t.Helper()
	var query strings.Builder
	query.WriteString("query Dashboard($name: String) {\n  hello(name: $name)\n")
	for i := range 9 {
		fmt.Fprintf(&query, "  # what the dashboard shows below its heading, in the box of that number, to whoever asks\n  alias%d: hello(name: $name)\n", i)
	}
	query.WriteString("}\n")
	body, err := json.Marshal(map[string]any{"operationName": "Dashboard", "variables": map[string]any{"name": "cus_0192f1c2"}, "query": query.String()})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// wire is a connection that sends the same request again and again, and allocates
// nothing for it.
type wire struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func dialFixed(t testing.TB, f fixed, body string, more ...string) *wire {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", f.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	lines := append([]string{
		"POST /graphql HTTP/1.1", "Host: " + f.url, "User-Agent: node", "Accept: application/graphql-response+json, application/json;q=0.9",
		"Content-Type: application/json", "Authorization: Bearer " + f.token, "Content-Length: " + strconv.Itoa(len(body)),
	}, more...)
	return &wire{conn: conn, reader: bufio.NewReaderSize(conn, 256<<10), request: []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)}
}

// ask sends the request and reads the answer, which must be a good one.
func (w *wire) ask() error {
	if _, err := w.conn.Write(w.request); err != nil {
		return err
	}
	length := 0
	for first := true; ; first = false {
		line, err := w.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("the answer is %q", line)
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			for _, c := range bytes.TrimSpace(value) {
				length = 10*length + int(c-'0')
			}
		}
	}
	_, err := w.reader.Discard(length)
	return err
}

// startBare serves a handler of net/http that has nothing to look after.
func startBare(t testing.TB) fixed {
	t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "26")
		_, _ = io.WriteString(w, `{"data":{"hello":"world"}}`)
	})}
	done := make(chan error, 1)
	go func() { done <- s.Serve(listener) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return fixed{url: listener.Addr().String()}
}
