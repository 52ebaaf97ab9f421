package purchases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func TestNames(t *testing.T) {
	all := open(nil, live(shoptest.New("z", nil), shoptest.New("a", nil))...)
	if diff := cmp.Diff([]string{"store", "a", "z"}, all.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestCovered(t *testing.T) {
	at := clock.Add(-time.Hour)
	mode := func(name string, m purchases.Mode) purchases.Source {
		return purchases.Source{Shop: shoptest.Shared(shoptest.New(name, nil)), Mode: m}
	}
	shops := []purchases.Source{
		mode("z-synced", purchases.ModeSynced), mode("both", purchases.ModeBoth), mode("live", purchases.ModeLive),
		mode("never-synced", purchases.ModeSynced), mode("never-both", purchases.ModeBoth), mode("never-live", purchases.ModeLive),
	}
	var asked []string
	synced := func(_ context.Context, names []string) (map[string]time.Time, error) {
		asked = names
		return map[string]time.Time{"z-synced": at, "both": at, "live": at}, nil
	}
	options := purchases.Options{Clock: func() time.Time { return clock }, Synced: synced}
	got, err := purchases.New(nil, shops, options).Covered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []crm.SourceStatus{
		{Source: "both", State: crm.SourceStateOK, AsOf: &at},
		{Source: "live", State: crm.SourceStateStale, AsOf: &at},
		{Source: "never-both", State: crm.SourceStateIncomplete},
		{Source: "never-live", State: crm.SourceStateIncomplete},
		{Source: "never-synced", State: crm.SourceStateIncomplete},
		{Source: "store", State: crm.SourceStateOK, AsOf: &clock},
		{Source: "z-synced", State: crm.SourceStateOK, AsOf: &at},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("covered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"both", "live", "never-both", "never-live", "never-synced", "z-synced"}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}

	options.Synced = nil
	if got, err := purchases.New(nil, shops[:1], options).Covered(t.Context()); err != nil || states(got) != "store OK, z-synced INCOMPLETE" {
		t.Errorf("without syncs %s, error %v", states(got), err)
	}
	options.Synced = func(context.Context, []string) (map[string]time.Time, error) { return nil, errDown }
	if _, err := purchases.New(nil, shops, options).Covered(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	if got, err := purchases.New(nil, nil, options).Covered(t.Context()); err != nil || states(got) != "store OK" {
		t.Errorf("without shops %s, error %v", states(got), err)
	}
}
