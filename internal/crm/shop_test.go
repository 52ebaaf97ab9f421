package crm_test

import (
	"errors"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func TestConcerns(t *testing.T) {
	down := &crm.Error{Code: crm.CodeUnavailable}
	odd := &crm.Error{Code: crm.CodeUnavailable, Err: crm.UnreadableKeys{"odd"}}
	tests := map[string]struct {
		err          error
		none, record bool // of a key that is named nowhere, and of that of the odd record
	}{
		"no error":               {nil, false, false},
		"the shop is down":       {down, true, true},
		"an odd record":          {odd, false, true},
		"odd records":            {errors.Join(odd, &crm.Error{Err: crm.UnreadableKeys{"another"}}), false, true},
		"nobody knows which one": {&crm.Error{Err: crm.ErrUnreadable}, true, true},
		"odd, and another fails": {errors.Join(odd, down), true, true},
	}
	for name, test := range tests {
		if none, record := crm.Concerns(test.err, "none"), crm.Concerns(test.err, "odd"); none != test.none || record != test.record {
			t.Errorf("%s: %t and %t, want %t and %t", name, none, record, test.none, test.record)
		}
	}
	if !errors.Is(odd, crm.ErrUnreadable) {
		t.Error("keys of odd records are not ErrUnreadable")
	}
}
