package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// Money is an amount in minor units of an ISO 4217 currency. In JSON it is
// {"amount": "13.99", "currencyCode": "GBP"}, the amount with the currency's own
// number of digits.
type Money struct {
	Minor        int64  `bson:"minor"`
	CurrencyCode string `bson:"currencyCode"`
}

// decimalMoney is money as JSON has it.
type decimalMoney struct {
	Amount       string `json:"amount"`
	CurrencyCode string `json:"currencyCode"`
}

// IsZero says whether no amount is given; 0 of a currency is one.
func (m Money) IsZero() bool { return m == Money{} }

// MarshalJSON returns amount and currency code.
func (m Money) MarshalJSON() ([]byte, error) { return appendMoney(make([]byte, 0, 48), crm.Money(m)) }

// appendMoney writes what MarshalJSON returns.
func appendMoney(text []byte, m crm.Money) ([]byte, error) {
	if strings.Trim(m.CurrencyCode, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, errors.New("write money: the currency code is none of ISO 4217")
	}
	text = append(text, `{"amount":"`...)
	if commonCode(m.CurrencyCode) != "" && m.Minor > math.MinInt64 {
		text = appendHundredths(text, m.Minor)
	} else {
		text = append(text, m.Amount()...)
	}
	text = append(text, `","currencyCode":"`...)
	text = append(text, m.CurrencyCode...)
	return append(text, `"}`...), nil
}

// UnmarshalJSON reads amount and currency code; null is no money.
func (m *Money) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	if money, ok := canonicalMoney(text); ok {
		*m = money
		return nil
	}
	var decimal decimalMoney
	if err := json.Unmarshal(text, &decimal); err != nil {
		return fmt.Errorf("read money: %w", err)
	}
	money, err := crm.ParseMoney(decimal.Amount, decimal.CurrencyCode)
	if err != nil {
		return fmt.Errorf("read money: %w", err)
	}
	*m = Money(money)
	return nil
}

// canonicalMoney reads what MarshalJSON writes for common currencies without
// decoding JSON twice: a list of orders has dozens of amounts. Everything else
// is left to the general way, which also says what is wrong.
func canonicalMoney(text []byte) (Money, bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{"amount":"`))
	if !ok {
		return Money{}, false
	}
	amount, rest, ok := bytes.Cut(rest, []byte(`","currencyCode":"`))
	if !ok || len(rest) != len(`GBP"}`) || string(rest[3:]) != `"}` {
		return Money{}, false
	}
	code := commonCode(rest[:3])
	if code == "" {
		return Money{}, false
	}
	minor, ok := hundredths(amount)
	return Money{Minor: minor, CurrencyCode: code}, ok
}

// commonCode returns code if it is one of the common currencies with two digits
// after the point, and "" for others: they are looked up, which takes longer.
func commonCode[S ~string | ~[]byte](code S) string {
	switch string(code) {
	case "EUR":
		return "EUR"
	case "GBP":
		return "GBP"
	case "USD":
		return "USD"
	case "CHF":
		return "CHF"
	case "CAD":
		return "CAD"
	case "AUD":
		return "AUD"
	}
	return ""
}

// appendHundredths writes minor with two digits after the point.
func appendHundredths(text []byte, minor int64) []byte {
	if minor < 0 {
		text = append(text, '-')
		minor = -minor
	}
	text = strconv.AppendInt(text, minor/100, 10)
	return append(text, '.', byte('0'+minor/10%10), byte('0'+minor%10))
}

// hundredths reads a decimal with exactly two digits after the point, at most
// 15 before it and no needless zeros in front.
func hundredths(amount []byte) (int64, bool) {
	digits, negative := bytes.CutPrefix(amount, []byte("-"))
	point := len(digits) - 3
	if point < 1 || point > 15 || digits[point] != '.' || (digits[0] == '0' && point > 1) {
		return 0, false
	}
	var minor int64
	for i, digit := range digits {
		if i == point {
			continue
		}
		if digit < '0' || digit > '9' {
			return 0, false
		}
		minor = minor*10 + int64(digit-'0')
	}
	if negative {
		minor = -minor
	}
	return minor, true
}

// newMoneyRef returns *m as it is written down; nil stays nil.
func newMoneyRef(m *crm.Money) *Money {
	if m == nil {
		return nil
	}
	written := Money(*m)
	return &written
}

// domainRef returns the amount; nil stays nil.
func (m *Money) domainRef() *crm.Money {
	if m == nil {
		return nil
	}
	amount := crm.Money(*m)
	return &amount
}
