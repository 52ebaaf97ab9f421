package files_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// What a line with an API key must not do, to a store that has it.
func TestLinesOfAPIKeys(t *testing.T) {
	const id, hash = "key_01h455vb4pex5vsknk084sn02q", "00531067819624db277a551d24826fca867a04af295ef80ca15fbc02fa97c128"
	line := func(more string) string {
		return `{"apiKey": {"id": "` + id + `", "hash": "` + hash + `", "scopes": ["ORDERS_READ"], "createdAt": "2025-01-01T00:00:00Z"` + more + `}}` + "\n"
	}
	store := newStore(t)
	with := files.Options{APIKeys: true}
	if summary := loadAll(t, store, line(""), with); summary.Created != 1 {
		t.Fatalf("%+v", summary)
	}
	if summary := loadAll(t, store, line(`, "revokedAt": "2025-02-01T00:00:00Z", "lastUsedAt": "2025-01-02T00:00:00Z"`), with); summary.Updated != 1 {
		t.Errorf("revoked and used: %+v, want one updated", summary)
	}
	if summary := loadAll(t, store, line(`, "lastUsedAt": "2025-01-01T12:00:00Z"`), with); summary.Unchanged != 1 {
		t.Errorf("as it was before: %+v, want it unchanged", summary)
	}
	keys, err := store.APIKeys().List(t.Context())
	if err != nil || len(keys) != 1 || keys[0].RevokedAt == nil || keys[0].LastUsedAt.Day() != 2 {
		t.Errorf("the store has %+v, %v, want the key revoked and used on the 2nd", keys, err)
	}
	other := strings.Repeat("0", 64)
	tests := map[string]struct {
		line, field, reason string
		options             files.Options
	}{
		"not wanted":     {line(""), "", "--api-keys", files.Options{}},
		"another kind":   {line(""), "", "is no field here", files.Options{APIKeys: true, Kind: "customers"}},
		"other scopes":   {strings.Replace(line(""), "ORDERS", "TICKETS", 1), "", "keys do not change", with},
		"another expiry": {line(`, "expiresAt": "2030-01-01T00:00:00Z"`), "", "keys do not change", with},
		"another secret": {strings.Replace(line(""), hash, other, 1), "", "keys do not change", with},
		"another id":     {strings.Replace(line(""), "02q", "02r", 1), "", "keys do not change", with},
		"a short hash":   {strings.Replace(line(""), hash, "abc", 1), "", "SHA-256", with},
		"no id":          {`{"apiKey": {"hash": "` + other + `", "createdAt": "2025-01-01T00:00:00Z"}}`, "", "id must be", with},
		"no such member": {line(`, "secret": "x"`), "?", "is no field here", with},
		"another form":   {line(`, "rate": "5"`), "rate", "must be a number", with},
	}
	for name, test := range tests {
		summary, rejects := load(t, store, test.line, test.options)
		if summary.Rejected != 1 || len(rejects) != 1 || !strings.Contains(rejects[0].Reason, test.reason) || strings.Contains(rejects[0].Reason, hash) {
			t.Errorf("%s: %+v %+v, want it rejected with %q", name, summary, rejects, test.reason)
		}
		if name != "another kind" && rejects[0].Field != test.field {
			t.Errorf("%s: field %q, want %q", name, rejects[0].Field, test.field)
		}
	}
	after, err := store.APIKeys().List(t.Context())
	if diff := cmp.Diff([]*crm.APIKey(keys), after); diff != "" || err != nil {
		t.Errorf("a rejected line changed the keys (-before +after), %v:\n%s", err, diff)
	}
}
