package shoptest

import "github.com/customer360/gateway/internal/crm"

// Shared is a shop for code that takes one whose answers are kept. It keeps none, so
// that it is the same under every scope.
func Shared(shop crm.Shop) crm.SharedShop { return shared{shop} }

type shared struct{ crm.Shop }

func (s shared) Under(string) crm.Shop { return s.Shop }
