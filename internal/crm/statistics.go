package crm

import (
	"slices"
	"strings"
	"time"
)

// CustomerFacts is what a source knows of one customer's orders, tickets and
// interactions: their own and those of the organization they are. Canceled orders
// do not count.
type CustomerFacts struct {
	// Orders has one entry per currency, in no particular order.
	Orders []OrderFacts
	// OpenTickets counts tickets where the customer is account or requester.
	OpenTickets int
	// Ratings counts the tickets with a satisfaction score, RatingSum adds the scores.
	Ratings, RatingSum int
	// LastContactAt is when the latest interaction occurred; nil for none.
	LastContactAt *time.Time
}

// OrderFacts sums up a customer's orders in one currency, in minor units.
type OrderFacts struct {
	CurrencyCode string
	Count        int
	Gross, Net   int64
	First, Last  time.Time
}

// CustomerStatistics is a customer in figures.
type CustomerStatistics struct {
	OrderCount int
	// GrossSpend, NetSpend (less refunds) and AverageOrderValue (gross by
	// count, rounded half away from zero) have one entry per currency, by code.
	GrossSpend, NetSpend, AverageOrderValue []Money
	FirstOrderAt, LastOrderAt               *time.Time
	OpenTicketCount                         int
	LastContactAt                           *time.Time
	// Satisfaction is the mean of all scores, 1 to 5; nil without any.
	Satisfaction *float64
	// Sources and ComputedAt say what the figures cover.
	Sources    []SourceStatus
	ComputedAt time.Time
}

// Statistics returns the figures for facts at a time; sources say what they cover.
func (f *CustomerFacts) Statistics(now time.Time, sources []SourceStatus) *CustomerStatistics {
	s := &CustomerStatistics{
		GrossSpend: []Money{}, NetSpend: []Money{}, AverageOrderValue: []Money{},
		OpenTicketCount: f.OpenTickets,
		LastContactAt:   f.LastContactAt,
		Sources:         sources,
		ComputedAt:      now,
	}
	orders := slices.SortedFunc(slices.Values(f.Orders), func(a, b OrderFacts) int {
		return strings.Compare(a.CurrencyCode, b.CurrencyCode)
	})
	for _, o := range orders {
		s.OrderCount += o.Count
		s.GrossSpend = append(s.GrossSpend, Money{o.Gross, o.CurrencyCode})
		s.NetSpend = append(s.NetSpend, Money{o.Net, o.CurrencyCode})
		s.AverageOrderValue = append(s.AverageOrderValue, Money{divide(o.Gross, int64(o.Count)), o.CurrencyCode})
		if s.FirstOrderAt == nil || o.First.Before(*s.FirstOrderAt) {
			s.FirstOrderAt = &o.First
		}
		if s.LastOrderAt == nil || o.Last.After(*s.LastOrderAt) {
			s.LastOrderAt = &o.Last
		}
	}
	if f.Ratings > 0 {
		mean := float64(f.RatingSum) / float64(f.Ratings)
		s.Satisfaction = &mean
	}
	return s
}

// divide returns a/b for b > 0, rounded half away from zero.
func divide(a, b int64) int64 {
	if a < 0 {
		return -divide(-a, b)
	}
	return (2*a + b) / (2 * b)
}

// SourceStore is the name of the company's own store among the sources.
const SourceStore = "store"

// SourceState says how far a source could be asked.
type SourceState string

// The source states.
const (
	SourceStateOK          SourceState = "OK"
	SourceStateStale       SourceState = "STALE"
	SourceStateIncomplete  SourceState = "INCOMPLETE"
	SourceStateTimeout     SourceState = "TIMEOUT"
	SourceStateUnavailable SourceState = "UNAVAILABLE"
	SourceStateDenied      SourceState = "DENIED"
)

// SourceStatus says what a source contributed to an answer, and as of when.
type SourceStatus struct {
	Source string
	State  SourceState
	AsOf   *time.Time
}
