package shopify_test

import (
	"fmt"
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
			byID, err := shop.OrdersByID(t.Context(), []string{"10300", "10201", "10102", "404"})
			if len(byID) != 2 || crm.Concerns(err, "404") || !crm.Concerns(err, "10201") || crm.CodeOf(err) != crm.CodeUnavailable {
				t.Errorf("OrdersByID: %d, %v", len(byID), err)
			}
		})
	}
}

// Of three checkouts one is odd, by what it says or by its form, of itself or of its lines:
// the others are there, and it is told.
func TestAnOddCheckoutCostsItselfAlone(t *testing.T) {
	const head = `{"id": "gid://shopify/AbandonedCheckout/%[1]d", "completedAt": null, "createdAt": "2026-06-27T12:00:00Z", "updatedAt": "2026-06-27T13:00:00Z",
		"abandonedCheckoutUrl": "https://shop.example.test/%[1]d", "customer": {"id": "gid://shopify/Customer/1", "defaultEmailAddress": {"emailAddress": "a@example.test"}},
		"totalPriceSet": {"shopMoney": {"amount": "5.00", "currencyCode": "USD"}}}`
	const lines = `{"__typename": "AbandonedCheckout", "id": "gid://shopify/AbandonedCheckout/%d", "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": []}}`
	for name, c := range map[string]struct{ from, to, reason string }{
		"its currency":          {`"currencyCode": "USD"`, `"currencyCode": "USDC"`, "an amount is no decimal number of a currency of ISO 4217"},
		"its form":              {`"completedAt": null`, `"completedAt": {}`, "the record is not of the documented form"},
		"the form of its lines": {`"nodes": []`, `"nodes": "none"`, "the record is not of the documented form"},
	} {
		t.Run(name, func(t *testing.T) {
			all := func(form string) string {
				var list []string
				for id := 1; id <= 3; id++ {
					text := fmt.Sprintf(form, id)
					if id == 2 {
						text = strings.Replace(text, c.from, c.to, 1)
					}
					list = append(list, text)
				}
				return "[" + strings.Join(list, ",") + "]"
			}
			shop, _ := fake(t, func(q asked, w http.ResponseWriter) {
				switch q.Operation {
				case "AbandonedCheckouts":
					say(w, "%s", `{"data": {"abandonedCheckouts": {"pageInfo": {"hasNextPage": false}, "nodes": `+all(head)+`}}}`)
				case "CheckoutLines":
					say(w, "%s", `{"data": {"nodes": `+all(lines)+`}}`)
				default:
					t.Errorf("asked %s", q.Operation)
				}
			})
			who := crm.Shopper{CustomerID: "cus_1", Emails: []string{"a@example.test"}}
			found, err := shop.CartsOf(t.Context(), []crm.Shopper{who})
			want := crm.Unreadable{ExternalID: "2", Reason: c.reason}
			if got := found[who.CustomerID]; err != nil || len(got.Items) != 2 || len(got.Unreadable) != 1 || got.Unreadable[0] != want {
				t.Errorf("%+v, %v", got, err)
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
