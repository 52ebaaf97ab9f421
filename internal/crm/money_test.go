package crm_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func TestExponent(t *testing.T) {
	tests := map[string]struct {
		digits int
		ok     bool
	}{
		"GBP": {2, true}, "EUR": {2, true}, "JPY": {0, true}, "ISK": {0, true}, "KWD": {3, true}, "BHD": {3, true},
		"gbp": {}, "": {}, "EURO": {}, "E1R": {}, "€": {},
	}
	for code, want := range tests {
		if digits, ok := crm.Exponent(code); digits != want.digits || ok != want.ok {
			t.Errorf("Exponent(%q) is %d, %v, want %d, %v", code, digits, ok, want.digits, want.ok)
		}
	}
}

func TestAmount(t *testing.T) {
	tests := []struct {
		money crm.Money
		want  crm.Decimal
	}{
		{crm.Money{Minor: 0, CurrencyCode: "GBP"}, "0.00"},
		{crm.Money{Minor: 5, CurrencyCode: "GBP"}, "0.05"},
		{crm.Money{Minor: -5, CurrencyCode: "GBP"}, "-0.05"},
		{crm.Money{Minor: 1399, CurrencyCode: "GBP"}, "13.99"},
		{crm.Money{Minor: 1399, CurrencyCode: "JPY"}, "1399"},
		{crm.Money{Minor: 1399, CurrencyCode: "KWD"}, "1.399"},
		{crm.Money{Minor: -100, CurrencyCode: "KWD"}, "-0.100"},
		{crm.Money{Minor: 15052, CurrencyCode: "RSD"}, "150.52"},
		{crm.Money{Minor: 1399, CurrencyCode: "DEM"}, "13.99"}, // ended
		{crm.Money{Minor: 1399, CurrencyCode: "CNH"}, "13.99"}, // none of ISO 4217: as it was taken once
		{crm.Money{Minor: math.MaxInt64, CurrencyCode: "KWD"}, "9223372036854775.807"},
		{crm.Money{Minor: math.MinInt64, CurrencyCode: "GBP"}, "-92233720368547758.08"},
		{crm.Money{Minor: math.MinInt64, CurrencyCode: "JPY"}, "-9223372036854775808"},
	}
	for _, test := range tests {
		if got := test.money.Amount(); got != test.want {
			t.Errorf("%+v is written %s, want %s", test.money, got, test.want)
		}
	}
}

func TestParseMoney(t *testing.T) {
	tests := []struct {
		amount, code string
		want         int64
	}{
		{"13.99", "GBP", 1399},
		{"13", "GBP", 1300},
		{"13.9", "GBP", 1390},
		{"13.990000", "GBP", 1399},
		{"-0.00", "GBP", 0},
		{"150.52", "RSD", 15052},
		{"151", "RSD", 15100},
		{"1.2345", "CLF", 12345},
		{"10.50", "VES", 1050},
		{"19.99", "HRK", 1999},
		{"1000", "ITL", 100000},
		{"1399.000", "JPY", 1399},
		{"1.399", "KWD", 1399},
		{"92233720368547758.07", "GBP", math.MaxInt64},
		{"-92233720368547758.08", "GBP", math.MinInt64},
	}
	for _, test := range tests {
		got, err := crm.ParseMoney(test.amount, test.code)
		if err != nil || got != (crm.Money{Minor: test.want, CurrencyCode: test.code}) {
			t.Errorf("ParseMoney(%q, %q) is %+v, %v, want %d", test.amount, test.code, got, err, test.want)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	amounts := []string{
		"", "-", ".", "1.", ".5", "+1", "01", "1e3", "1,000", "1 000", " 1", "1\n", "0x10", "١", "NaN", "Inf",
		"0.005", "13.9900001", "1.0000000", "92233720368547758.08", "1000000000000000000", `{"$gt": ""}`,
	}
	for _, amount := range amounts {
		if got, err := crm.ParseMoney(amount, "GBP"); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("ParseMoney(%q) is %+v, %v, want Invalid", amount, got, err)
		}
	}
	for _, code := range []string{"", "gbp", "GB", "POUND", "???", "XXX", "XTS", "XAU", "CNH", "EM ", "M D"} {
		if got, err := crm.ParseMoney("1", code); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("ParseMoney in %q is %+v, %v, want Invalid", code, got, err)
		}
	}
	if got, err := crm.ParseMoney("0.1", "JPY"); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a tenth of a yen is %+v, %v, want Invalid", got, err)
	}
}

func TestMoneyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := crm.Money{
			// What has at most 18 digits before the point in every currency.
			Minor:        rapid.Int64Range(-1e18+1, 1e18-1).Draw(t, "minor"),
			CurrencyCode: rapid.SampledFrom([]string{"GBP", "JPY", "KWD", "CLF"}).Draw(t, "currency"),
		}
		got, err := crm.ParseMoney(string(m.Amount()), m.CurrencyCode)
		if err != nil || got != m {
			t.Fatalf("%+v is written %s and read %+v, %v", m, m.Amount(), got, err)
		}
	})
}

func TestAddTwoCurrenciesPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("adding pounds and yen did not panic")
		}
	}()
	crm.Money{Minor: 1, CurrencyCode: "GBP"}.Add(crm.Money{Minor: 1, CurrencyCode: "JPY"})
}
