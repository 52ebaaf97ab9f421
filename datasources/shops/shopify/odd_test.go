package shopify_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Of three orders one is odd, by what it says or by its form: the others are there,
// live and in a walk, and it is told.
func TestAnOddOrderCostsItselfAlone(t *testing.T) {
	for name, c := range map[string]struct{ from, to string }{
		"its currency":        {`"currencyCode": "USD"`, `"currencyCode": "USDC"`},
		"fractions of a cent": {`"totalPrice": "10.0"`, `"totalPrice": "10.005"`},
		"its form":            {`"test": false`, `"test": {}`},
		"when it was placed":  {`"processedAt": "`, `"processedAt": "soon `},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, orders: rows(3, 2, 1), others: []stored{}, email: "a@example.test"}
			odd := func(text string) string {
				at := strings.Index(text, `"id": "gid://shopify/Order/10201"`)
				if at < 0 {
					return text
				}
				return text[:at] + strings.Replace(text[at:], c.from, c.to, 1)
			}
			shop, _ := fake(t, func(q asked, w http.ResponseWriter) {
				recorded := &strings.Builder{}
				switch q.Operation {
				case "ChangedOrders", "OrderHeads":
					var nodes []string
					for _, o := range s.orders {
						nodes = append(nodes, s.head(o))
					}
					list := "[" + strings.Join(nodes, ",") + "]"
					if q.Operation == "ChangedOrders" {
						list = `{"orders": {"pageInfo": {"hasNextPage": false}, "nodes": ` + list + `}}`
					} else {
						list = `{"nodes": ` + list + `}`
					}
					recorded.WriteString(`{"data": ` + list + `}`)
				default:
					s.answer(q, into{w, recorded})
				}
				say(w, "%s", odd(recorded.String()))
			})
			found, err := shop.OrdersOf(t.Context(), []crm.Shopper{shopper(1, "a@example.test")}, crm.Stretch{Limit: 10})
			for _, got := range found {
				if err != nil || len(got.Items) != 2 || len(got.Unreadable) != 1 || got.Unreadable[0].ExternalID != "10201" || got.Unreadable[0].Reason == "" {
					t.Errorf("OrdersOf: %+v, %v", got, err)
				}
			}
			page, err := shop.OrderChanges(t.Context(), crm.Mark{}, 10)
			if err != nil || len(page.Items) != 2 || len(page.Unreadable) != 1 || page.Unreadable[0].ExternalID != "10201" {
				t.Errorf("OrderChanges: %d, %v, %v", len(page.Items), page.Unreadable, err)
			}
			byID, err := shop.OrdersByID(t.Context(), []string{"10300", "10201", "10102"})
			if len(byID) != 2 || crm.CodeOf(err) != crm.CodeUnavailable {
				t.Errorf("OrdersByID: %d, %v", len(byID), err)
			}
		})
	}
}

// into keeps what is answered.
type into struct {
	http.ResponseWriter
	text *strings.Builder
}

func (i into) Write(text []byte) (int, error) { return i.text.Write(text) }
