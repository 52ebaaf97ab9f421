package crm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// found is a record with the keys that stores sort it by.
type found interface {
	crm.Positioned
	Keys() crm.Keys
}

// A record's position is where its keys put it, for every field that a list in
// the graph is sorted by.
func TestPositionsAreThoseOfKeys(t *testing.T) {
	set := fixture.Records()
	check(t, set.Customers, crm.FieldUpdatedAt, crm.FieldCreatedAt, crm.FieldName)
	check(t, set.Products, crm.FieldName, crm.FieldUpdatedAt)
	check(t, set.Orders, crm.FieldPlacedAt, crm.FieldUpdatedAt)
	check(t, set.Tickets, crm.FieldCreatedAt, crm.FieldUpdatedAt)
	check(t, set.Articles, crm.FieldCreatedAt)
	check(t, set.Interactions, crm.FieldOccurredAt)
	check(t, set.Recommendations, crm.FieldRank)
	check(t, set.NextBestActions, crm.FieldRank)
	for _, c := range set.Customers {
		check(t, c.TimelineRecords(), crm.FieldOccurredAt)
	}
}

func check[T found](t *testing.T, records []T, fields ...crm.Field) {
	t.Helper()
	for _, r := range records {
		keys := r.Keys()
		for _, field := range fields {
			got := r.Position(field)
			want := crm.Position{Time: keys.Time[field], Text: keys.Text[field], Number: keys.Number[field], ID: got.ID}
			if diff := cmp.Diff(want, got); diff != "" || got.ID == "" {
				t.Errorf("%T by %s (-keys +position):\n%s", r, field, diff)
			}
		}
	}
}

// Every order that a caller can ask for sorts by a key that records have.
func TestSorts(t *testing.T) {
	tests := []struct {
		got, want crm.Sort
	}{
		{(*crm.CustomerOrder)(nil).Sort(), crm.Sort{Field: crm.FieldUpdatedAt, Desc: true}},
		{(&crm.CustomerOrder{Field: crm.CustomerOrderFieldName, Direction: crm.OrderDirectionAsc}).Sort(), crm.Sort{Field: crm.FieldName}},
		{(&crm.CustomerOrder{Field: crm.CustomerOrderFieldCreatedAt, Direction: crm.OrderDirectionDesc}).Sort(), crm.Sort{Field: crm.FieldCreatedAt, Desc: true}},
		{(&crm.CustomerOrder{Field: crm.CustomerOrderFieldUpdatedAt, Direction: crm.OrderDirectionAsc}).Sort(), crm.Sort{Field: crm.FieldUpdatedAt}},
		{(*crm.OrderOrder)(nil).Sort(), crm.Sort{Field: crm.FieldPlacedAt, Desc: true}},
		{(&crm.OrderOrder{Field: crm.OrderOrderFieldUpdatedAt, Direction: crm.OrderDirectionDesc}).Sort(), crm.Sort{Field: crm.FieldUpdatedAt, Desc: true}},
		{(&crm.OrderOrder{Field: crm.OrderOrderFieldPlacedAt, Direction: crm.OrderDirectionAsc}).Sort(), crm.Sort{Field: crm.FieldPlacedAt}},
		{(*crm.ProductOrder)(nil).Sort(), crm.Sort{Field: crm.FieldName}},
		{(&crm.ProductOrder{Field: crm.ProductOrderFieldUpdatedAt, Direction: crm.OrderDirectionDesc}).Sort(), crm.Sort{Field: crm.FieldUpdatedAt, Desc: true}},
		{(*crm.TicketOrder)(nil).Sort(), crm.Sort{Field: crm.FieldCreatedAt, Desc: true}},
		{(&crm.TicketOrder{Field: crm.TicketOrderFieldUpdatedAt, Direction: crm.OrderDirectionAsc}).Sort(), crm.Sort{Field: crm.FieldUpdatedAt}},
	}
	for i, test := range tests {
		if test.got != test.want {
			t.Errorf("sort %d is %+v, want %+v", i, test.got, test.want)
		}
	}
}
