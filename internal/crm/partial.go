package crm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PartialError says which keys of a call failed, and why. What the call gave
// besides it is right. errors.Is and errors.As look into every key's error, in
// the order of the keys.
type PartialError map[ID]error

// Error returns how many keys failed, and of what, each cause once.
func (e PartialError) Error() string {
	var causes []string
	for _, err := range e.Unwrap() {
		if text := err.Error(); !slices.Contains(causes, text) {
			causes = append(causes, text)
		}
	}
	return fmt.Sprintf("%d keys failed: %s", len(e), strings.Join(causes, "; "))
}

// Unwrap returns the keys' errors, in the order of the keys.
func (e PartialError) Unwrap() []error {
	errs := make([]error, 0, len(e))
	for _, id := range slices.Sorted(maps.Keys(e)) {
		errs = append(errs, e[id])
	}
	return errs
}

// OrNil returns the error if any key failed, else a nil error.
func (e PartialError) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
