package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// shopper returns the address of a customer that every shop's seed makes.
func shopper(i int) string { return fmt.Sprintf("shopper%04d@example.test", i) }

// shoppers is how many customers have orders in every source.
const shoppers = 20

// sale is an order as its shop tells of it, read without the gateway.
type sale struct {
	ID       string
	Amount   string
	Currency string
	at       time.Time
}

// realShop is a shop that runs beside the tests.
type realShop struct {
	name, kind, url, credentials string // credentials is a file's path
	// sales lists every order by its buyer's address, through the shop's own API.
	sales func(t *testing.T, url, credentials string) map[string][]sale
}

// realShops returns the shops that the environment names. With REQUIRE_SHOPS a
// missing one is a failure.
func realShops(t *testing.T) []realShop {
	t.Helper()
	all := []realShop{
		{name: "medusa", kind: "medusa", sales: medusaSales},
		{name: "shopify", kind: "shopify", sales: shopifySales},
		{name: "vendure-eu", kind: "vendure", sales: vendureSales},
	}
	for i := range all {
		variable := strings.ToUpper(all[i].kind)
		all[i].url, all[i].credentials = os.Getenv(variable+"_URL"), os.Getenv(variable+"_CREDENTIALS")
		if all[i].url != "" && all[i].credentials != "" {
			// Vendure's keys cost 250 ms a request, a session nothing.
			if session := all[i].credentials + "-bearer"; all[i].kind == "vendure" {
				if _, err := os.Stat(session); err == nil {
					all[i].credentials = session
				}
			}
			continue
		}
		if os.Getenv("REQUIRE_SHOPS") != "" {
			t.Fatalf("REQUIRE_SHOPS is set, and %s_URL or %s_CREDENTIALS is not", variable, variable)
		}
		t.Skipf("the test of real shops did not run: %s_URL and %s_CREDENTIALS name none; `make shops` starts them", variable, variable)
	}
	return all
}

// asked sends a request with a shop's own credentials and decodes the answer.
func asked(t *testing.T, method, url, header, value, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %.300s", url, resp.StatusCode, content)
	}
	var whole struct{ Errors json.RawMessage }
	if err := json.Unmarshal(content, &whole); err != nil || whole.Errors != nil { // GraphQL's, with 200.
		t.Fatalf("%s answers %.300s", url, content)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v: %.300s", err, content)
	}
}

// exact returns an amount in major units with its currency's digits; halves of the
// last are rounded away from zero, as shops reckon taxes to more digits.
func exact(t *testing.T, amount, currency string) string {
	t.Helper()
	digits, known := crm.Exponent(currency)
	number, ok := new(big.Rat).SetString(amount)
	if !ok || !known {
		t.Fatalf("%q is no amount of %q", amount, currency)
	}
	return number.FloatString(digits)
}

func vendureSales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	var answer struct {
		Data struct {
			Orders struct {
				Items []struct {
					ID, CurrencyCode string
					OrderPlacedAt    time.Time
					TotalWithTax     int64
					Customer         struct{ EmailAddress string }
				}
			}
		}
	}
	header := "vendure-api-key"
	if strings.HasPrefix(credentials, "Bearer ") {
		header = "Authorization"
	}
	asked(t, http.MethodPost, url+"/admin-api", header, credentials, `{"query": "{ orders(options: {take: 1000, filter: {active: {eq: false}}}) { items { id currencyCode orderPlacedAt totalWithTax customer { emailAddress } } } }"}`, &answer)
	sales := map[string][]sale{}
	for _, o := range answer.Data.Orders.Items {
		total := crm.Money{Minor: o.TotalWithTax, CurrencyCode: o.CurrencyCode}
		sales[o.Customer.EmailAddress] = append(sales[o.Customer.EmailAddress], sale{
			"ord_vendure-eu." + o.ID, string(total.Amount()), o.CurrencyCode, o.OrderPlacedAt,
		})
	}
	return sales
}

func medusaSales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	var answer struct {
		Orders []struct {
			ID, Email    string
			CurrencyCode string    `json:"currency_code"`
			CreatedAt    time.Time `json:"created_at"`
			// What was bought: Medusa's own total shrinks with what is returned.
			Summary struct {
				Original json.Number `json:"original_order_total"`
			}
		}
	}
	value := "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials+":"))
	if strings.HasPrefix(credentials, "Bearer ") {
		value = credentials
	}
	asked(t, http.MethodGet, url+"/admin/orders?limit=1000&fields=id,email,summary.*,currency_code,created_at", "Authorization", value, "", &answer)
	sales := map[string][]sale{}
	for _, o := range answer.Orders {
		currency := strings.ToUpper(o.CurrencyCode)
		sales[o.Email] = append(sales[o.Email], sale{"ord_medusa." + o.ID, exact(t, o.Summary.Original.String(), currency), currency, o.CreatedAt})
	}
	return sales
}

func shopifySales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	sales := map[string][]sale{}
	after := "null"
	for {
		var answer struct {
			Data struct {
				Orders struct {
					Nodes []struct {
						ID, Email     string
						ProcessedAt   time.Time
						TotalPriceSet struct {
							ShopMoney struct{ Amount, CurrencyCode string }
						}
					}
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		query := fmt.Sprintf(`{ orders(first: 100, after: %s) { nodes { id email processedAt totalPriceSet { shopMoney { amount currencyCode } } } pageInfo { hasNextPage endCursor } } }`, after)
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		asked(t, http.MethodPost, url+"/admin/api/2026-07/graphql.json", "X-Shopify-Access-Token", credentials, string(body), &answer)
		for _, o := range answer.Data.Orders.Nodes {
			money := o.TotalPriceSet.ShopMoney
			sales[o.Email] = append(sales[o.Email], sale{
				"ord_shopify." + o.ID[strings.LastIndexByte(o.ID, '/')+1:], exact(t, money.Amount, money.CurrencyCode), money.CurrencyCode, o.ProcessedAt,
			})
		}
		if !answer.Data.Orders.PageInfo.HasNextPage {
			return sales
		}
		after = strconv.Quote(answer.Data.Orders.PageInfo.EndCursor)
	}
}
