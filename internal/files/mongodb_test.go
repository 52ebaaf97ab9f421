package files_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/files"
)

// suite runs the tests with a MongoDB server beside them, where there is one.
type suite struct{ m *testing.M }

func (s suite) Run() int { return mongod.Main(s.m) }

// The same files give the same outcomes and the same dump on both stores.
func TestStoresAgree(t *testing.T) {
	source := newStore(t)
	put(t, source, everything()...)
	full := dump(t, source)
	embedded, server := newStore(t), backends.MongoDB(t, nil)
	for _, step := range []struct {
		name, text string
		options    files.Options
	}{
		{"full", full, files.Options{}},
		{"foreign", foreign, files.Options{}},
		{"again", foreign, files.Options{}},
		{"update", `{"id":"` + string(ann) + `","tags":["ü"],"emails":null}`, files.Options{Kind: "customers"}},
		{"histories numbered from 1", numbered("1") + numbered("2"), files.Options{Kind: "customers"}},
		{"reject", anOrder + `"customer":{"source":"shop","externalId":"nobody"}}`, files.Options{Kind: "orders"}},
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
