// Package scalar reads and writes the graph's own scalars. Input that does not
// fit is a crm.Error with CodeInvalid that says what would be right and echoes
// nothing.
package scalar

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/internal/crm"
)

// dateTimeForm is RFC 3339 in UTC, always to the millisecond.
const dateTimeForm = "2006-01-02T15:04:05.000Z"

// MarshalDateTime writes an instant; the zero time is null.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return quoted(t.UTC().Format(dateTimeForm))
}

// dateTimeInput is what RFC 3339 permits of what time.Parse takes, which is also 1:50,
// a comma for the point and an offset of 24 hours.
var dateTimeInput = regexp.MustCompile(`^.{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,15})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// UnmarshalDateTime reads an instant in RFC 3339 with any offset, cut to the
// millisecond.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, _ := v.(string)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !dateTimeInput.MatchString(text) {
		return time.Time{}, crm.Invalid("a DateTime must be RFC 3339 with an offset, such as 2011-12-09T12:50:00Z")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// MarshalDate writes a day.
func MarshalDate(d crm.Date) graphql.Marshaler { return quoted(string(d)) }

// UnmarshalDate reads a day, YYYY-MM-DD.
func UnmarshalDate(v any) (crm.Date, error) {
	text, _ := v.(string)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", crm.Invalid("a Date must be a day such as 2011-12-09")
	}
	return crm.Date(text), nil
}

// MarshalDecimal writes a decimal number as a string.
func MarshalDecimal(d crm.Decimal) graphql.Marshaler { return quoted(string(d)) }

var decimalForm = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,6})?$`)

// UnmarshalDecimal reads a decimal number from a string.
func UnmarshalDecimal(v any) (crm.Decimal, error) {
	text, _ := v.(string)
	if !decimalForm.MatchString(text) {
		return "", crm.Invalid("a Decimal must be a string such as \"13.99\"")
	}
	return crm.Decimal(text), nil
}

// MarshalCurrencyCode writes an ISO 4217 code.
func MarshalCurrencyCode(code string) graphql.Marshaler { return quoted(code) }

// UnmarshalCurrencyCode reads an ISO 4217 code.
func UnmarshalCurrencyCode(v any) (string, error) {
	code, _ := v.(string)
	if _, ok := crm.Exponent(code); !ok {
		return "", crm.Invalid("a CurrencyCode must be one of ISO 4217 in capitals, such as EUR")
	}
	return code, nil
}

// MarshalJSON writes a JSON value as it is.
func MarshalJSON(v crm.JSON) graphql.Marshaler {
	if v == "" {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, string(v)) })
}

// UnmarshalJSON reads any JSON value.
func UnmarshalJSON(v any) (crm.JSON, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", crm.Invalid("a JSON value must be representable as JSON")
	}
	return crm.JSON(text), nil
}

// quoted writes a string that needs no escapes beyond Go's own.
func quoted(text string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(text)) })
}

// Checks returns what checks input for each scalar: what reads it. The error's text
// says what would be right.
func Checks() map[string]func(value any) error {
	return map[string]func(value any) error{
		"DateTime":     check(UnmarshalDateTime),
		"Date":         check(UnmarshalDate),
		"Decimal":      check(UnmarshalDecimal),
		"CurrencyCode": check(UnmarshalCurrencyCode),
		"JSON":         check(UnmarshalJSON),
	}
}

func check[T any](read func(any) (T, error)) func(value any) error {
	return func(value any) error {
		_, err := read(value)
		var known *crm.Error
		if errors.As(err, &known) {
			return errors.New(known.Message)
		}
		return err
	}
}
