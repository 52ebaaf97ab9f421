package vendure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// TestOrderStates has every state of Vendure's default process, and one of a
// shop's own, with the payments and parcels that go with it.
func TestOrderStates(t *testing.T) {
	paid := []payment{{State: "Settled", Amount: 1000}}
	all := []fulfillment{{ID: "1", State: "Shipped", Lines: []lineQuantity{{"l", 2}}}}
	for _, test := range []struct {
		state    string
		payments []payment
		parcels  []fulfillment
		want     [3]string
	}{
		{"PaymentAuthorized", []payment{{State: "Authorized", Amount: 1000}}, nil, [3]string{"OPEN", "AUTHORIZED", "UNFULFILLED"}},
		{"PaymentSettled", paid, nil, [3]string{"OPEN", "PAID", "UNFULFILLED"}},
		{"PartiallyShipped", paid, nil, [3]string{"OPEN", "PAID", "PARTIALLY_FULFILLED"}},
		{"Shipped", paid, all, [3]string{"OPEN", "PAID", "FULFILLED"}},
		{"PartiallyDelivered", paid, nil, [3]string{"OPEN", "PAID", "PARTIALLY_FULFILLED"}},
		{"Delivered", paid, all, [3]string{"COMPLETED", "PAID", "DELIVERED"}},
		{"Modifying", paid, all, [3]string{"OPEN", "PAID", "FULFILLED"}},
		{"ArrangingAdditionalPayment", []payment{{State: "Settled", Amount: 600}}, nil, [3]string{"OPEN", "PARTIALLY_PAID", "UNFULFILLED"}},
		{"ArrangingPayment", []payment{{State: "Declined", Amount: 1000}}, nil, [3]string{"OPEN", "PENDING", "UNFULFILLED"}},
		{"Cancelled", []payment{{State: "Authorized", Amount: 1000}}, nil, [3]string{"CANCELED", "VOIDED", "UNFULFILLED"}},
		{"Cancelled", []payment{{State: "Settled", Amount: 1000, Refunds: []refund{{State: "Settled", Total: 1000}}}}, nil, [3]string{"CANCELED", "REFUNDED", "UNFULFILLED"}},
		{"Delivered", []payment{{State: "Settled", Amount: 1000, Refunds: []refund{{State: "Settled", Total: 1}, {State: "Failed", Total: 999}}}}, nil, [3]string{"COMPLETED", "PARTIALLY_REFUNDED", "DELIVERED"}},
		{"AwaitingPickup", paid, []fulfillment{{ID: "1", State: "Delivered", Lines: []lineQuantity{{"l", 1}}}}, [3]string{"OPEN", "PAID", "PARTIALLY_FULFILLED"}},
	} {
		got, err := (&Shop{source: "v"}).order(order{
			ID: "1", State: test.state, CurrencyCode: "EUR", TotalWithTax: 1000, Payments: test.payments, Fulfillments: test.parcels,
			Lines: []line{{ID: "l", Quantity: 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		statuses := [3]string{string(got.Status), string(got.FinancialStatus), string(got.FulfillmentStatus)}
		if diff := cmp.Diff(test.want, statuses); diff != "" || *got.SourceStatus != test.state {
			t.Errorf("%s (-want +got):\n%s", test.state, diff)
		}
		if (got.CanceledAt != nil) != (test.state == "Cancelled") {
			t.Errorf("%s: canceled at %v", test.state, got.CanceledAt)
		}
	}
}

func TestWords(t *testing.T) {
	for state, want := range map[string]crm.PaymentStatus{
		"Created": crm.PaymentStatusPending, "Authorized": crm.PaymentStatusAuthorized, "Settled": crm.PaymentStatusCaptured,
		"Declined": crm.PaymentStatusFailed, "Error": crm.PaymentStatusFailed, "Cancelled": crm.PaymentStatusVoided,
		"Validating": crm.PaymentStatusPending,
	} {
		if got := paymentStatus(state); got != want {
			t.Errorf("a payment in %s is %s, want %s", state, got, want)
		}
	}
	for word, want := range map[string]crm.Availability{
		"IN_STOCK": crm.AvailabilityInStock, "LOW_STOCK": crm.AvailabilityInStock, "OUT_OF_STOCK": crm.AvailabilityOutOfStock,
		"17": crm.AvailabilityUnknown,
	} {
		if got := availability(word); got != want {
			t.Errorf("stock %s is %s, want %s", word, got, want)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, test := range []struct {
		code   string
		amount int64
		want   crm.Decimal
	}{
		{"USD", 1399, "13.99"},
		{"USD", -1, "-0.01"},
		{"JPY", 139900, "1399"},
		{"JPY", 139950, "1400"},
		{"JPY", -139950, "-1400"},
		{"JPY", 139949, "1399"},
		{"KWD", 1399, "13.990"},
	} {
		p, err := newPurse(test.code)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.money(test.amount).Amount(); got != test.want {
			t.Errorf("%d hundredths of %s are %s, want %s", test.amount, test.code, got, test.want)
		}
	}
}

// TestPrices: totals and lines add up, with discounts on the line and on the
// order, a surcharge and a discount on shipping.
func TestPrices(t *testing.T) {
	got, err := (&Shop{source: "v"}).order(order{
		ID: "1", State: "PaymentSettled", CurrencyCode: "EUR",
		Lines: []line{
			{ID: "1", Quantity: 3, UnitPrice: 1000, LinePrice: 3000, ProratedLinePrice: 2500, ProratedLinePriceWithTax: 3000},
			{ID: "2", Quantity: 0, OrderPlacedQuantity: 4, UnitPrice: 500},
		},
		Surcharges: []surcharge{{ID: "9", Description: "Gift wrap", Price: 100, PriceWithTax: 120}},
		SubTotal:   2600, Shipping: 400, Total: 3000, TotalWithTax: 3600,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := got.Price
	if p.Subtotal.Minor-p.Discount.Minor+p.Shipping.Minor+p.Tax.Minor != p.Total.Minor || p.Discount.Minor != 500 || p.Total.Minor != 3600 {
		t.Errorf("prices do not add up: %+v", p)
	}
	sum := int64(0)
	for _, l := range got.Lines {
		if l.Total.Minor != 0 && l.UnitPrice.Minor*int64(l.Quantity)-l.Discount.Minor+l.Tax.Minor != l.Total.Minor {
			t.Errorf("line %s does not add up: %+v", l.ID, l)
		}
		sum += l.Total.Minor
	}
	if sum != 3120 || len(got.Lines) != 3 || got.Lines[1].Quantity != 4 || got.Lines[2].Title != "Gift wrap" {
		t.Errorf("lines: %+v, sum %d", got.Lines, sum)
	}
}

// A price with a fraction of a yen is not known as money; 10 yen are.
func TestPriceFinerThanItsCurrency(t *testing.T) {
	for code, want := range map[string]map[int64]bool{
		"JPY": {1050: false, 1000: true, -1001: false}, "EUR": {1050: true, 1: true}, "IQD": {1: true},
	} {
		digits, _ := crm.Exponent(code)
		for amount, exact := range want {
			if got := (purse{code, digits}).finer(amount); got == exact {
				t.Errorf("%d hundredths in %s: finer is %t", amount, code, got)
			}
		}
	}
}

func TestText(t *testing.T) {
	if got := upstream.Plain("<p>Salt &amp; <b>pepper</b></p>"); got != "Salt &  pepper" {
		t.Errorf("a description: %q", got)
	}
	if (&Shop{source: "v"}).productID("with space") != "" || (&Shop{source: "v"}).productID("7") != "prd_v.7" {
		t.Error("a product's id")
	}
	c := shopCustomer(customer{ID: "1", PhoneNumber: "+44 1632 960123", Addresses: []address{{}, {StreetLine1: "1 Test St", Company: "Co"}}})
	if c.Phone != "+44 1632 960123" || !c.Guest || c.EmailVerified || len(c.Addresses) != 1 || c.Company != "Co" {
		t.Errorf("a guest: %+v", c)
	}
	if c := shopCustomer(customer{PhoneNumber: "020 7946 0000", User: &user{Verified: true}}); c.Phone != "020 7946 0000" || c.Guest || !c.EmailVerified {
		t.Errorf("an account: %+v", c)
	}
}
