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
		only         bool // whether nothing is wrong but odd records
	}{
		"no error":               {nil, false, false, false},
		"the shop is down":       {down, true, true, false},
		"an odd record":          {odd, false, true, true},
		"odd records":            {errors.Join(odd, &crm.Error{Err: crm.UnreadableKeys{"another"}}), false, true, true},
		"nobody knows which one": {&crm.Error{Err: crm.ErrUnreadable}, true, true, true},
		"odd, and another fails": {errors.Join(odd, down), true, true, false},
		"joined twice":           {errors.Join(errors.Join(down, odd), odd), true, true, false},
		"odd, and why":           {&crm.Error{Err: errors.Join(crm.UnreadableKeys{"odd"}, errors.New("why"))}, false, true, true},
	}
	for name, test := range tests {
		if none, record := crm.Concerns(test.err, "none"), crm.Concerns(test.err, "odd"); none != test.none || record != test.record {
			t.Errorf("%s: %t and %t, want %t and %t", name, none, record, test.none, test.record)
		}
		if only := crm.OnlyUnreadable(test.err); only != test.only {
			t.Errorf("%s: only unreadable is %t, want %t", name, only, test.only)
		}
	}
	if !errors.Is(odd, crm.ErrUnreadable) {
		t.Error("keys of odd records are not ErrUnreadable")
	}
}
