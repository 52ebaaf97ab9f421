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

// decimalMoney is money as JSON has it.
type decimalMoney struct {
	Amount       string `json:"amount"`
	CurrencyCode string `json:"currencyCode"`
}

// appendMoney writes money in JSON: {"amount": "13.99", "currencyCode": "GBP"}, the
// amount with the currency's own number of digits.
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

// readMoney reads amount and currency code.
func readMoney(text []byte) (crm.Money, error) {
	if money, ok := canonicalMoney(text); ok {
		return money, nil
	}
	var decimal decimalMoney
	if err := json.Unmarshal(text, &decimal); err != nil {
		return crm.Money{}, fmt.Errorf("read money: %w", err)
	}
	money, err := crm.ParseMoney(decimal.Amount, decimal.CurrencyCode)
	if err != nil {
		return crm.Money{}, fmt.Errorf("read money: %w", err)
	}
	return money, nil
}

// canonicalMoney reads what appendMoney writes for common currencies without
// decoding JSON twice: a list of orders has dozens of amounts. Everything else
// is left to the general way, which also says what is wrong.
func canonicalMoney(text []byte) (crm.Money, bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{"amount":"`))
	if !ok {
		return crm.Money{}, false
	}
	amount, rest, ok := bytes.Cut(rest, []byte(`","currencyCode":"`))
	if !ok || len(rest) != len(`GBP"}`) || string(rest[3:]) != `"}` {
		return crm.Money{}, false
	}
	code := commonCode(rest[:3])
	if code == "" {
		return crm.Money{}, false
	}
	minor, ok := hundredths(amount)
	return crm.Money{Minor: minor, CurrencyCode: code}, ok
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
