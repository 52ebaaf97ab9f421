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

type silentRecords[T any] struct{ crm.Records[T] }

func (silentRecords[T]) ByID(ctx context.Context, _ []crm.ID) (map[crm.ID]*T, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentRecords[T]) List(ctx context.Context, _ crm.Query) (crm.Page[T], error) {
	<-ctx.Done()
	return crm.Page[T]{}, ctx.Err()
}

func (silentRecords[T]) Count(ctx context.Context, _ []crm.Predicate) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (silentRecords[T]) ListBy(ctx context.Context, _ []crm.Field, _ []crm.ID, _ crm.Query) (map[crm.ID]crm.Page[T], error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentRecords[T]) CountBy(ctx context.Context, _ []crm.Field, _ []crm.ID, _ []crm.Predicate) (map[crm.ID]int, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silentRecords[T]) Write(ctx context.Context, _ []crm.Write[T]) ([]error, error) {
	return nil, ctx.Err()
}

func (silent) Teams() crm.Records[crm.Team]             { return silentRecords[crm.Team]{} }
func (silent) Employees() crm.Records[crm.Employee]     { return silentRecords[crm.Employee]{} }
func (silent) PartnerApps() crm.Records[crm.PartnerApp] { return silentRecords[crm.PartnerApp]{} }
func (silent) Customers() crm.Records[crm.Customer]     { return silentRecords[crm.Customer]{} }
func (silent) Products() crm.Records[crm.Product]       { return silentRecords[crm.Product]{} }
func (silent) Orders() crm.Records[crm.Order]           { return silentRecords[crm.Order]{} }
func (silent) Tickets() crm.Records[crm.Ticket]         { return silentRecords[crm.Ticket]{} }
func (silent) Articles() crm.Records[crm.Article]       { return silentRecords[crm.Article]{} }
func (silent) Interactions() crm.Records[crm.Interaction] {
	return silentRecords[crm.Interaction]{}
}

func (silent) Recommendations() crm.Records[crm.Recommendation] {
	return silentRecords[crm.Recommendation]{}
}

func (silent) NextBestActions() crm.Records[crm.NextBestAction] {
	return silentRecords[crm.NextBestAction]{}
}

func (silent) Timeline() crm.Reader[crm.TimelineRecord] { return silentRecords[crm.TimelineRecord]{} }

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
		case "Migrate", "Close":
		case "Facts", "Ping":
			reads++
			ends(t, name, method)
		default:
			records := method.Call(nil)[0].Elem()
			for j := range records.NumMethod() {
				if read := records.Type().Method(j).Name; read != "Write" {
					reads++
					ends(t, name+"."+read, records.Method(j))
				}
			}
		}
	}
	// Twelve kinds, what is known of customers, a sign of life, checkpoints, and keys.
	if want := 12*5 + 2 + 4 + 5; reads != want {
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
	if _, err := deadline.Store(silent{}, 0).Teams().Write(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
