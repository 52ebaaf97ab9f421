package requestid_test

import (
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/server/requestid"
)

func TestValid(t *testing.T) {
	for id, want := range map[string]bool{
		"":                      false,
		"a":                     true,
		"Az-09":                 true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"a b":                   false,
		"a\nb":                  false,
		"a_b":                   false,
		"é":                     false,
		"<script>":              false,
	} {
		if got := requestid.Valid(id); got != want {
			t.Errorf("Valid(%q) = %v, want %v", id, got, want)
		}
	}
}

func TestContext(t *testing.T) {
	ctx := t.Context()
	if got := requestid.From(ctx); got != "" {
		t.Errorf("outside a request: %q, want none", got)
	}
	id := requestid.New()
	if !requestid.Valid(id) {
		t.Errorf("New gives %q, which is not valid", id)
	}
	if got := requestid.From(requestid.With(ctx, id)); got != id {
		t.Errorf("From = %q, want %q", got, id)
	}
}
