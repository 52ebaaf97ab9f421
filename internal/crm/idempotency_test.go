package crm_test

import (
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// The same words give the same id, other words another, and nobody reads the words in
// it.
func TestIdempotencyID(t *testing.T) {
	const principal, operation, key = "emp_eve", "closeTicket", "secret-key"
	id := crm.IdempotencyID(principal, operation, key)
	if id.Kind() != crm.KindIdempotencyRecord || id != crm.IdempotencyID(principal, operation, key) {
		t.Errorf("the id is %s, then %s", id, crm.IdempotencyID(principal, operation, key))
	}
	for _, word := range []string{principal, operation, key, "eve", "secret"} {
		if strings.Contains(strings.ToLower(string(id)), strings.ToLower(word)) {
			t.Errorf("%s has the word %s", id, word)
		}
	}
	ids := map[crm.ID][3]string{id: {principal, operation, key}}
	for _, words := range [][3]string{
		{"emp_bob", operation, key},
		{principal, "openTicket", key},
		{principal, operation, "another-key"},
		{principal, operation, ""},
		{principal, "", operation + key},
		{principal, operation + "s", "ecret-key"},
		{principal + "c", "loseTicket", key},
		{operation, principal, key},
		{principal, key, operation},
	} {
		other := crm.IdempotencyID(words[0], words[1], words[2])
		if same, taken := ids[other]; taken {
			t.Errorf("%q and %q have the same id", words, same)
		}
		ids[other] = words
	}
}
