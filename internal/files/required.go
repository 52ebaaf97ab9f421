package files

import "github.com/customer360/gateway/internal/record"

// required returns the first of the faults that is one.
func required(faults ...*fault) *fault {
	for _, why := range faults {
		if why != nil {
			return why
		}
	}
	return nil
}

func missing(field string, is bool) *fault {
	if !is {
		return nil
	}
	return &fault{field: field, reason: "must be given"}
}

// text says whether a text is there.
func text[S ~string](field string, value S) *fault { return missing(field, value == "") }

// when says whether an instant is there.
func when(field string, t record.Time) *fault { return missing(field, t.IsZero()) }

// amount says whether money is there.
func amount(field string, m record.Money) *fault { return missing(field, m.IsZero()) }
