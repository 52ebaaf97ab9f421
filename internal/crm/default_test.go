package crm_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// TestDefaultsAreRules completes an empty record of every kind. What gets a word is
// what the gateway itself decides: where a record begins, and who may see it. What
// people are, say or do is nobody's word unless somebody has said it; docs/records.md
// has the reason for each of these.
func TestDefaultsAreRules(t *testing.T) {
	got := map[string]string{}
	for _, d := range crm.Shown() {
		r := d.New()
		crm.Complete(r)
		words(got, reflect.ValueOf(r).Elem())
	}
	want := map[string]string{
		"Customer.Kind": "PERSON", "Customer.Status": "ACTIVE",
		"Order.Status": "OPEN", "Order.FinancialStatus": "PENDING", "Order.FulfillmentStatus": "UNFULFILLED", "Order.ReturnStatus": "NONE",
		"Ticket.Status": "NEW", "Ticket.Priority": "NORMAL", "Article.Visibility": "INTERNAL",
		"Recommendation.Status": "ACTIVE", "NextBestAction.Status": "OPEN", "Need.Status": "OPEN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("words that nobody has said (-want +got):\n%s", diff)
	}
}

// words collects the words of enumerations in a record's own members.
func words(into map[string]string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				continue
			}
			f = f.Elem()
		}
		if f.Kind() == reflect.String && f.String() != "" && f.Type() != reflect.TypeFor[string]() {
			into[v.Type().Name()+"."+v.Type().Field(i).Name] = f.String()
		}
	}
}
