package crm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

func TestStatistics(t *testing.T) {
	now := instant(59)
	sources := []crm.SourceStatus{{Source: crm.SourceStore, State: crm.SourceStateOK, AsOf: &now}}
	tests := []struct {
		name  string
		facts crm.CustomerFacts
		want  crm.CustomerStatistics
	}{
		{"nothing known", crm.CustomerFacts{}, crm.CustomerStatistics{
			GrossSpend: []crm.Money{}, NetSpend: []crm.Money{}, AverageOrderValue: []crm.Money{},
		}},
		{
			"two currencies, by code",
			crm.CustomerFacts{
				Orders: []crm.OrderFacts{
					{CurrencyCode: "JPY", Count: 1, Gross: 500, Net: 400, First: instant(2), Last: instant(2)},
					{CurrencyCode: "EUR", Count: 2, Gross: 301, Net: -1, First: instant(3), Last: instant(9)},
				},
				OpenTickets: 3, Ratings: 3, RatingSum: 10, LastContactAt: ptr(instant(7)),
			},
			crm.CustomerStatistics{
				OrderCount:        3,
				GrossSpend:        []crm.Money{{Minor: 301, CurrencyCode: "EUR"}, {Minor: 500, CurrencyCode: "JPY"}},
				NetSpend:          []crm.Money{{Minor: -1, CurrencyCode: "EUR"}, {Minor: 400, CurrencyCode: "JPY"}},
				AverageOrderValue: []crm.Money{{Minor: 151, CurrencyCode: "EUR"}, {Minor: 500, CurrencyCode: "JPY"}},
				FirstOrderAt:      ptr(instant(2)), LastOrderAt: ptr(instant(9)),
				OpenTicketCount: 3, LastContactAt: ptr(instant(7)), Satisfaction: ptr(10.0 / 3),
			},
		},
	}
	for _, test := range tests {
		test.want.Sources, test.want.ComputedAt = sources, now
		if diff := cmp.Diff(&test.want, test.facts.Statistics(now, sources)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestAverageIsRoundedHalfAwayFromZero(t *testing.T) {
	for _, test := range []struct {
		gross int64
		count int
		want  int64
	}{
		{0, 3, 0}, {1, 2, 1}, {1, 3, 0}, {2, 3, 1}, {-1, 2, -1}, {-1, 3, 0}, {-2, 3, -1}, {5, 10, 1}, {4, 10, 0}, {4e18, 1, 4e18},
	} {
		facts := crm.CustomerFacts{Orders: []crm.OrderFacts{{CurrencyCode: "GBP", Count: test.count, Gross: test.gross}}}
		if got := facts.Statistics(instant(0), nil).AverageOrderValue[0].Minor; got != test.want {
			t.Errorf("%d over %d orders is %d each, want %d", test.gross, test.count, got, test.want)
		}
	}
}

func TestOrderTotals(t *testing.T) {
	gbp := func(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }
	o := &crm.Order{Price: crm.PriceBreakdown{Total: gbp(1000)}}
	if o.TotalRefunded() != gbp(0) || o.NetTotal() != gbp(1000) {
		t.Errorf("without refunds %v are refunded and %v left", o.TotalRefunded(), o.NetTotal())
	}
	o.Refunds = []*crm.Refund{{Amount: gbp(300)}, {Amount: gbp(800)}}
	if o.TotalRefunded() != gbp(1100) || o.NetTotal() != gbp(-100) {
		t.Errorf("%v are refunded and %v left", o.TotalRefunded(), o.NetTotal())
	}
}

func TestPersonalizationWithheld(t *testing.T) {
	now := instant(10)
	personal := func(status crm.ConsentStatus, expires int) *crm.Consent {
		c := &crm.Consent{Purpose: crm.ConsentPurposePersonalization, Status: status}
		if expires > 0 {
			c.ExpiresAt = ptr(instant(expires))
		}
		return c
	}
	other := &crm.Consent{Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusDenied}
	granted := personal(crm.ConsentStatusGranted, 0)
	tests := []struct {
		name     string
		consents []*crm.Consent
		want     bool
	}{
		{"never asked", nil, false},
		{"another purpose denied", []*crm.Consent{other}, false},
		{"granted", []*crm.Consent{granted}, false},
		{"pending", []*crm.Consent{personal(crm.ConsentStatusPending, 0)}, false},
		{"denied", []*crm.Consent{personal(crm.ConsentStatusDenied, 0)}, true},
		{"withdrawn", []*crm.Consent{personal(crm.ConsentStatusWithdrawn, 0)}, true},
		{"expired", []*crm.Consent{personal(crm.ConsentStatusExpired, 0)}, true},
		{"granted until later", []*crm.Consent{personal(crm.ConsentStatusGranted, 11)}, false},
		{"granted until now", []*crm.Consent{personal(crm.ConsentStatusGranted, 10)}, true},
		{"granted until before", []*crm.Consent{personal(crm.ConsentStatusGranted, 9)}, true},
		{"granted on one channel, denied on another", []*crm.Consent{granted, other, personal(crm.ConsentStatusDenied, 0)}, true},
	}
	for _, test := range tests {
		if got := (&crm.Customer{Consents: test.consents}).PersonalizationWithheld(now); got != test.want {
			t.Errorf("%s: withheld is %v, want %v", test.name, got, test.want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	tests := []struct {
		customer crm.Customer
		want     string
	}{
		{crm.Customer{}, "(no name)"},
		{crm.Customer{GivenName: ptr(" ")}, "(no name)"},
		{crm.Customer{GivenName: ptr("Zoë")}, "Zoë"},
		{crm.Customer{GivenName: ptr("Zoë"), FamilyName: ptr("Müller")}, "Zoë Müller"},
		{crm.Customer{FamilyName: ptr("Müller"), OrganizationName: ptr("Tee GmbH")}, "Tee GmbH"},
		{crm.Customer{DisplayName: "Z.", GivenName: ptr("Zoë")}, "Z."},
	}
	for _, test := range tests {
		test.customer.Complete()
		if test.customer.DisplayName != test.want || test.customer.Status != crm.CustomerStatusActive {
			t.Errorf("%q is shown as %q, %s", test.want, test.customer.DisplayName, test.customer.Status)
		}
	}
}

func TestCodeOf(t *testing.T) {
	wrapped := &crm.Error{Code: crm.CodeUnavailable, Op: "load orders", Message: "the store is slow", Err: crm.Invalid("x")}
	if crm.CodeOf(wrapped) != crm.CodeUnavailable || crm.CodeOf(wrapped.Err) != crm.CodeInvalid {
		t.Errorf("codes are %s and %s", crm.CodeOf(wrapped), crm.CodeOf(wrapped.Err))
	}
	if want := "load orders: UNAVAILABLE: the store is slow: INVALID: x"; wrapped.Error() != want {
		t.Errorf("the error reads %q, want %q", wrapped, want)
	}
	if crm.CodeOf(fmt.Errorf("x: %w", context.DeadlineExceeded)) != crm.CodeUnavailable || crm.CodeOf(errors.New("x")) != crm.CodeInternal {
		t.Errorf("codes are %s and %s", crm.CodeOf(fmt.Errorf("x: %w", context.DeadlineExceeded)), crm.CodeOf(errors.New("x")))
	}
}
