package demo_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

func TestLoad(t *testing.T) {
	ctx, store := t.Context(), emptyStore(t)
	wantState(t, store, demo.StateEmpty)
	if err := demo.Load(ctx, store); err != nil {
		t.Fatal(err)
	}
	wantState(t, store, demo.StateLoaded)

	d := generate(t)
	want, got := map[crm.Kind]int{}, map[crm.Kind]int{}
	for _, r := range d.Records() {
		want[r.RecordKind()]++
	}
	for _, kind := range crm.Kinds() {
		n, err := store.Count(t.Context(), kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got[kind] = n; n == 0 && crm.Describe(kind).Internal {
			delete(got, kind)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records in the store (-generated +stored): the demo has some of each kind, made in a stage of its own\n%s", diff)
	}

	// A second load is refused and changes nothing.
	if err := demo.Load(ctx, store); crm.CodeOf(err) != crm.CodeConflict {
		t.Errorf("second load: %v, want %s", err, crm.CodeConflict)
	}
	wantState(t, store, demo.StateLoaded)
}

func TestCheckTellsOthersApart(t *testing.T) {
	store := emptyStore(t)
	stranger := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "test", "1"), DisplayName: "Somebody Else", Version: 1, CreatedAt: demo.Now(), UpdatedAt: demo.Now()}
	stranger.Complete()
	problems, err := crm.Of[crm.Customer](store).Write(t.Context(), []crm.Write[crm.Customer]{{Record: stranger}})
	if err != nil || problems[0] != nil {
		t.Fatal(err, problems)
	}
	wantState(t, store, demo.StateOther)
}

// TestLoadStops: a load that is interrupted ends with its goroutines and leaves
// a store that is not taken for the demo.
func TestLoadStops(t *testing.T) {
	store := emptyStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := demo.Load(ctx, interrupting{store, cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted load: %v, want %v", err, context.Canceled)
	}
	wantState(t, store, demo.StateOther)
}

// interrupting is a store that cancels when it comes to orders.
type interrupting struct {
	crm.Store
	cancel context.CancelFunc
}

func (s interrupting) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	if len(changes) > 0 && changes[0].Records[0].Kind() == crm.KindOrder {
		s.cancel()
		return nil, ctx.Err()
	}
	return s.Store.Commit(ctx, changes)
}

func wantState(t *testing.T, store crm.Store, want demo.State) {
	t.Helper()
	if got, err := demo.Check(t.Context(), store); err != nil || got != want {
		t.Errorf("the store is in state %d (%v), want %d", got, err, want)
	}
}
