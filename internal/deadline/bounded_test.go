package deadline_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/deadline"
)

// silent is a store whose reads never answer; they end when their context does.
type silent struct{ crm.Store }

func (silent) ByID(ctx context.Context, _ crm.Kind, _ []crm.ID, _ *crm.Members) ([]crm.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) List(ctx context.Context, _ crm.Kind, _ crm.Query) (crm.RecordPage, error) {
	<-ctx.Done()
	return crm.RecordPage{}, ctx.Err()
}

func (silent) Count(ctx context.Context, _ crm.Kind, _ []crm.Predicate) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (silent) ListBy(ctx context.Context, _ crm.Kind, _ []crm.Field, _ []crm.ID, _ crm.Query) (map[crm.ID]crm.RecordPage, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) CountBy(ctx context.Context, _ crm.Kind, _ []crm.Field, _ []crm.ID, _ []crm.Predicate) (map[crm.ID]int, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) Log(ctx context.Context, _ int64, _ int) ([]crm.LogEntry, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	<-ctx.Done()
	return crm.LogEntry{}, ctx.Err()
}

func (silent) Latest(ctx context.Context, _ crm.Kind, _ []crm.ID, _ *crm.Members) ([]crm.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) Commit(ctx context.Context, _ []crm.Changes) ([]error, error) { return nil, ctx.Err() }

// silentCheckpoints never answers either.
type silentCheckpoints struct{}

func (silentCheckpoints) Get(ctx context.Context, _ []string) (map[string]crm.Checkpoint, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentCheckpoints) Set(ctx context.Context, _ string, _ []byte, _ int) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silentCheckpoints) Once(ctx context.Context, _ string, _ time.Time) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

func (silentCheckpoints) Forget(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silent) Checkpoints() crm.Checkpoints { return silentCheckpoints{} }

// silentAPIKeys never answer either.
type silentAPIKeys struct{}

func (silentAPIKeys) Add(ctx context.Context, _ *crm.APIKey) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silentAPIKeys) ByHash(ctx context.Context, _ string) (*crm.APIKey, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentAPIKeys) List(ctx context.Context) ([]*crm.APIKey, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentAPIKeys) Revoke(ctx context.Context, _ string, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silentAPIKeys) Touch(ctx context.Context, _ string, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silent) APIKeys() crm.APIKeys { return silentAPIKeys{} }

func (silent) Facts(ctx context.Context, _ []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) Ping(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Every read of the port and every call of its checkpoints and API keys, found by
// reflection, ends as UNAVAILABLE although its own context has no deadline.
func TestEveryReadEnds(t *testing.T) {
	store := reflect.ValueOf(deadline.Store(silent{}, time.Millisecond))
	reads := 0
	for i := range store.NumMethod() {
		name, method := store.Type().Method(i).Name, store.Method(i)
		switch name {
		case "Migrate", "Close", "Commit":
		case "Checkpoints", "APIKeys":
			port := method.Call(nil)[0].Elem()
			for j := range port.NumMethod() {
				reads++
				ends(t, name+"."+port.Type().Method(j).Name, port.Method(j))
			}
		default:
			reads++
			ends(t, name, method)
		}
	}
	// Records, the log, what is known of customers, a sign of life, checkpoints, keys.
	if want := 5 + 5 + 4 + 5; reads != want {
		t.Errorf("%d reads, want %d", reads, want)
	}
}

func ends(t *testing.T, name string, read reflect.Value) {
	t.Helper()
	arguments := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := 1; i < read.Type().NumIn(); i++ {
		arguments = append(arguments, reflect.Zero(read.Type().In(i)))
	}
	results := read.Call(arguments)
	err, _ := results[len(results)-1].Interface().(error)
	if got := crm.CodeOf(err); got != crm.CodeUnavailable {
		t.Errorf("%s: %v, want UNAVAILABLE", name, err)
	}
}

// A write has the time of its context.
func TestWritesAreNotBounded(t *testing.T) {
	if _, err := deadline.Store(silent{}, 0).Commit(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
