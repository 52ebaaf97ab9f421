package guard

import (
	"strconv"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// scoped is a guarded shop as it is asked under a scope. Its methods keep the
// port's contract with these additions: any number of keys may be asked for at
// once; what is handed out is the caller's own; and where the shop fails, an answer
// of before is given if there is one. ShopOrders and ShopOrder say so (Stale,
// AsOf), a product does not. Counts and carts are never older than
// Settings.CacheTTL.
type scoped struct {
	*Shop
	scope string
}

var _ crm.Shop = scoped{}

// Under returns the shop as it is asked under a scope: what was answered under one
// is never an answer under another. Everything else the scopes share.
func (s *Shop) Under(scope string) crm.Shop { return scoped{Shop: s, scope: scope} }

// identity joins words so that different words give different texts.
func identity(words ...string) string {
	var text strings.Builder
	for _, w := range words {
		text.WriteString(strconv.Itoa(len(w)))
		text.WriteByte(':')
		text.WriteString(w)
	}
	return text.String()
}
