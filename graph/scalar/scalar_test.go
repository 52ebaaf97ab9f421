package scalar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/test/sdl"
)

// TestChecks holds which input fits each of the graph's own scalars.
func TestChecks(t *testing.T) {
	for name, values := range map[string]struct{ right, wrong []any }{
		"DateTime": {
			right: []any{
				"2011-12-09T12:50:00Z", "2011-12-09T12:50:00.123456789+05:30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999-00:00", "2024-02-29T00:00:00Z",
			},
			wrong: []any{
				"", "2011-01-01", "2011-12-09T12:50:00", "2011-12-09 12:50:00Z", "2011-12-09T12:50Z", "2011-12-09T1:50:00Z", "2011-12-09T12:50:00,5Z",
				"2011-12-09T12:50:00.Z", "2011-12-09T12:50:00+0100", "2011-12-09T12:50:00+24:00", "2011-02-29T00:00:00Z", "2011-12-09T24:00:00Z",
				"2011-12-09T23:59:60Z", "12011-12-09T12:50:00Z", " 2011-12-09T12:50:00Z", "2011-12-09T12:50:00Z\n", "now",
				"2011-12-09T12:50:00." + strings.Repeat("0", 30) + "Z", json.Number("1323435000"), int64(1323435000), 1.5, true,
				[]any{"2011-12-09T12:50:00Z"},
				map[string]any{},
				map[string]any{"$gt": ""},
			},
		},
		"Date": {
			right: []any{"1985-04-12", "2024-02-29", "0001-01-01"},
			wrong: []any{"", "1985-4-12", "1985-04-31", "1985-04-12T00:00:00Z", "12.04.1985", "19850412", json.Number("19850412"), true, []any{"1985-04-12"}},
		},
		"Decimal": {
			right: []any{"13.99", "-0.50", "1399", "0", "999999999999999999.999999"},
			wrong: []any{"", "1e3", "1,000.00", "+1", ".5", "1.", "1.0000000", "NaN", "13.99\n", "٣", json.Number("13.99"), 13.99, int64(13), []any{"1"}},
		},
		"CurrencyCode": {
			right: []any{"EUR", "JPY", "KWD"},
			wrong: []any{"", "eur", "EURO", "ZZZ", "EUR ", json.Number("978"), true, []any{"EUR"}},
		},
		"JSON": {
			right: []any{"", "a", json.Number("1e3"), int64(1), 1.5, true, []any{nil, "a"}, map[string]any{"a": []any{}}},
			wrong: nil,
		},
	} {
		check := scalar.Checks()[name]
		for _, value := range values.right {
			if err := check(value); err != nil {
				t.Errorf("%s does not take %#v: %v", name, value, err)
			}
		}
		for _, value := range values.wrong {
			err := check(value)
			if err == nil {
				t.Errorf("%s takes %#v", name, value)
				continue
			}
			if text := err.Error(); !strings.HasPrefix(text, "a "+name+" must be ") {
				t.Errorf("%s: the error %q does not say what would be right", name, text)
			}
		}
	}
}

// TestEveryScalarIsChecked compares the checks with the schema.
func TestEveryScalarIsChecked(t *testing.T) {
	checks := scalar.Checks()
	for name, def := range sdl.Load(t).Types {
		if def.Kind == ast.Scalar && !def.BuiltIn && checks[name] == nil {
			t.Errorf("nothing checks %s", name)
		}
		delete(checks, name)
	}
	for name := range checks {
		t.Errorf("%s is checked and is no scalar of the schema", name)
	}
}
