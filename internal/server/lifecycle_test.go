package server_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/internal/server"
)

// An operation whose time is over is ended, whatever it has found by then.
func TestRequestTimeout(t *testing.T) {
	f := start(t, func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return &graphql.Response{Errors: nil, Data: []byte(`{"hello":null}`)}
	}, func(c *server.Config) { c.Limits.RequestTimeout = 20 * time.Millisecond })
	if got := f.do(t, post("{hello}")); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"code":"UNAVAILABLE"`) || strings.Contains(got.body, `"data"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// An operation whose time is over before it begins is answered with a code.
func TestTimeoutBeforeTheOperation(t *testing.T) {
	f := start(t, hello, func(c *server.Config) {
		c.Limits.RequestTimeout = time.Nanosecond
		c.Install = func(s *server.Executor) {
			s.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
				<-ctx.Done()
				return next(ctx)
			})
		}
	})
	if got := f.do(t, post("{hello}")); !strings.Contains(got.body, `"code":"UNAVAILABLE"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// A client that goes away ends the context of what is done for it.
func TestClientGoesAway(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	f := start(t, func(ctx context.Context) *graphql.Response {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return hello(ctx)
	}, func(c *server.Config) { c.Limits.RequestTimeout = time.Minute })
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL()+"/graphql", strings.NewReader(`{"query": "{hello}"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := f.client.Do(req); err == nil {
			_ = resp.Body.Close()
			t.Error("the request was answered")
		}
	}()
	<-started
	cancel()
	<-gone
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended with %v", err)
	}
}

// Requests under way are answered at shutdown; those that take too long are cut off.
func TestShutdown(t *testing.T) {
	t.Run("drains", func(t *testing.T) {
		started, release := make(chan struct{}), make(chan struct{})
		f := start(t, func(ctx context.Context) *graphql.Response {
			close(started)
			<-release
			return hello(ctx)
		}, nil)
		answered := make(chan answer, 1)
		go func() { answered <- f.do(t, post("{hello}")) }()
		<-started
		stopped := make(chan error, 1)
		go func() { stopped <- f.stop() }()
		for f.doAt(t, f.AdminURL(), request{method: "GET", path: "/readyz"}).status != http.StatusServiceUnavailable {
			if t.Context().Err() != nil {
				t.Fatal("never not ready")
			}
		}
		close(release)
		if got := <-answered; got.body != worldAnswer {
			t.Errorf("%d %s", got.status, got.body)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	t.Run("cuts off", func(t *testing.T) {
		started, ended := make(chan struct{}), make(chan struct{})
		f := start(t, func(ctx context.Context) *graphql.Response {
			close(started)
			<-ctx.Done()
			close(ended)
			return nil
		}, func(c *server.Config) {
			c.Limits.ShutdownTimeout = time.Millisecond
			c.Limits.RequestTimeout = time.Minute
		})
		failed := make(chan error, 1)
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL()+"/graphql?query={hello}", nil)
			req.Header.Set("Apollo-Require-Preflight", "true")
			resp, err := f.client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			failed <- err
		}()
		<-started
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		<-ended
		if err := <-failed; err == nil {
			t.Error("the request was answered")
		}
	})
}
