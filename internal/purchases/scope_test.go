package purchases_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func TestShopsAreAskedWithTimesThatTheyCanWrite(t *testing.T) {
	first, last := time.UnixMilli(0).UTC(), time.Date(9998, 12, 31, 23, 59, 59, 999e6, time.UTC)
	tests := []struct {
		name          string
		after, before time.Time // of the filter
		cursor        time.Time // where the page begins
		want          []crm.Stretch
	}{
		{"a cursor that somebody made up", time.Time{}, time.Time{}, time.UnixMilli(math.MaxInt64), []crm.Stretch{{Limit: 7}}},
		{"a cursor before all times", time.Time{}, time.Time{}, time.UnixMilli(math.MinInt64), []crm.Stretch{{Limit: 7, Latest: &first}}},
		{"year 10000", time.Time{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, []crm.Stretch{{Limit: 6}}},
		{"from year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, time.Time{}, []crm.Stretch{{Limit: 6, Earliest: &last}}},
		{"year -1", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, time.Time{}, []crm.Stretch{{Limit: 6}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, ann := newStore(t), customer("ann")
			put(t, crm.Of[crm.Customer](s.Store), ann)
			var asked []crm.Stretch
			shop := &recorder{Shop: shoptest.New("a", nil), stretches: &asked}
			q, filter := query(5), &crm.OrderFilter{PlacedAt: &crm.TimeRange{}}
			if !test.after.IsZero() {
				filter.PlacedAt.After = &test.after
			}
			if !test.before.IsZero() {
				filter.PlacedAt.Before = &test.before
			}
			if !test.cursor.IsZero() {
				q.Page.After, filter = &crm.Position{Time: test.cursor, ID: "ord_a.1"}, nil
			}
			if _, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, q, filter, nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, asked); diff != "" {
				t.Errorf("stretches (-want +got):\n%s", diff)
			}
		})
	}
}
