package crm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

func TestNotes(t *testing.T) {
	now := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	customer, order := crm.DerivedID(crm.KindCustomer, "desk", "1"), crm.DerivedID(crm.KindOrder, "shop", "1")
	for _, test := range []struct {
		name            string
		customer, order crm.ID
		wrong           string // the member
		entries         int
	}{
		{"of a customer", customer, "", "", 1},
		{"of an order", "", order, "", 0},
		{"of both", customer, order, "", 1},
		{"of nothing", "", "", "customer", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := &crm.Note{
				ID: crm.DerivedID(crm.KindNote, "desk", "n"), CustomerID: test.customer, OrderID: test.order, Text: "Call after five.",
				CreatedAt: now, UpdatedAt: now,
			}
			field := ""
			if wrong := new(crm.Error); errors.As(crm.Check(n), &wrong) {
				field = wrong.Field
			}
			if field != test.wrong {
				t.Errorf("wrong is %q, want %q", field, test.wrong)
			}
			if got := len(crm.TimelineOf(n)); got != test.entries {
				t.Errorf("%d entries of timelines, want %d", got, test.entries)
			}
		})
	}
}
