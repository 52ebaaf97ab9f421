package crm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// A word with a digit is searched for as it is typed: it must be a token too.
func TestWordsWithDigitsAreFound(t *testing.T) {
	tokens := crm.Tokens(nil, "Box of A4-paper, 1,000 sheets")
	terms, err := crm.SearchTerms("a4-pap 1,000 sheet")
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range terms {
		if !slices.ContainsFunc(tokens, func(token string) bool { return strings.HasPrefix(token, term) }) {
			t.Errorf("no token of %q starts with %q", tokens, term)
		}
	}
}

// A refund in another currency than its order's is a source's mistake: it is
// not added, and nothing panics.
func TestRefundInAnotherCurrencyIsNotAdded(t *testing.T) {
	o := &crm.Order{
		Price:   crm.PriceBreakdown{Total: crm.Money{Minor: 1000, CurrencyCode: "GBP"}},
		Refunds: []*crm.Refund{{Amount: crm.Money{Minor: 100, CurrencyCode: "GBP"}}, {Amount: crm.Money{Minor: 7, CurrencyCode: "EUR"}}},
	}
	if got, want := o.NetTotal(), (crm.Money{Minor: 900, CurrencyCode: "GBP"}); got != want {
		t.Errorf("NetTotal = %v, want %v", got, want)
	}
}

// Email addresses are compared without regard to case and to how an accent is
// encoded; an accent itself makes another address.
func TestEmailKey(t *testing.T) {
	const composed, decomposed = "jos\u00e9@example.com", "jose\u0301@example.com"
	if a, b := crm.EmailKey(" JOS\u00c9@Example.com"), crm.EmailKey(decomposed); a != crm.EmailKey(composed) || b != a {
		t.Errorf("keys %q and %q; want that of %q", a, b, composed)
	}
	if crm.EmailKey(composed) == crm.EmailKey("jose@example.com") {
		t.Error("an address with an accent has the key of one without")
	}
}
