package transfer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/mongodbtest"
	"github.com/customer360/gateway/internal/storetest"
	"github.com/customer360/gateway/internal/transfer"
)

// suite runs the tests with a MongoDB server beside them, where there is one.
type suite struct{ m *testing.M }

func (s suite) Run() int { return mongodbtest.Main(s.m) }

// The same files give the same outcomes and the same dump on both stores.
func TestStoresAgree(t *testing.T) {
	source := newStore(t)
	fill(t, source)
	full := dump(t, source)
	embedded, server := newStore(t), storetest.MongoDB(t, nil)
	for _, step := range []struct {
		name, text string
		options    transfer.Options
	}{
		{"full", full, transfer.Options{}},
		{"foreign", foreign, transfer.Options{}},
		{"again", foreign, transfer.Options{}},
		{"update", `{"id":"` + string(ann) + `","tags":["ü"],"emails":null}`, transfer.Options{Kind: transfer.KindCustomers}},
		{"histories numbered from 1", numbered("1") + numbered("2"), transfer.Options{Kind: transfer.KindCustomers}},
		{"reject", anOrder + `"customer":{"source":"shop","externalId":"nobody"}}`, transfer.Options{Kind: transfer.KindOrders}},
	} {
		want, wantRejects := load(t, embedded, step.text, step.options)
		got, gotRejects := load(t, server, step.text, step.options)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: summaries (-sqlite +mongodb):\n%s", step.name, diff)
		}
		if diff := cmp.Diff(wantRejects, gotRejects); diff != "" {
			t.Errorf("%s: rejects (-sqlite +mongodb):\n%s", step.name, diff)
		}
	}
	if diff := cmp.Diff(dump(t, embedded), dump(t, server)); diff != "" {
		t.Errorf("dumps (-sqlite +mongodb):\n%s", diff)
	}
}
