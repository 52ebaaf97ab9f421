package record_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func TestMoneyJSON(t *testing.T) {
	tests := []struct {
		text string
		want record.Money
		back string
	}{
		{text: `{"amount":"13.99","currencyCode":"GBP"}`, want: record.Money{Minor: 1399, CurrencyCode: "GBP"}},
		{text: `{"amount":"-0.05","currencyCode":"EUR"}`, want: record.Money{Minor: -5, CurrencyCode: "EUR"}},
		{text: `{"amount":"1399","currencyCode":"JPY"}`, want: record.Money{Minor: 1399, CurrencyCode: "JPY"}},
		{text: `{"amount":"1.399","currencyCode":"KWD"}`, want: record.Money{Minor: 1399, CurrencyCode: "KWD"}},
		{
			text: `{"currencyCode": "USD", "amount": "7"}`, want: record.Money{Minor: 700, CurrencyCode: "USD"},
			back: `{"amount":"7.00","currencyCode":"USD"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			var got record.Money
			if err := json.Unmarshal([]byte(test.text), &got); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("read %+v, want %+v", got, test.want)
			}
			want := test.back
			if want == "" {
				want = test.text
			}
			if back, err := json.Marshal(got); err != nil || string(back) != want {
				t.Errorf("written %s (%v), want %s", back, err, want)
			}
		})
	}
}

func TestMoneyJSONRefused(t *testing.T) {
	for _, text := range []string{
		`{"amount":"13.999","currencyCode":"GBP"}`, `{"amount":"13,99","currencyCode":"GBP"}`,
		`{"amount":"013.99","currencyCode":"GBP"}`, `{"amount":"1.5","currencyCode":"JPY"}`,
		`{"amount":"1","currencyCode":"gbp"}`, `{"amount":"1"}`, `{"amount":1.5,"currencyCode":"GBP"}`, `"1.00 GBP"`,
		`{"amount":"--1.00","currencyCode":"GBP"}`, `{"amount":".00","currencyCode":"GBP"}`,
	} {
		var got record.Money
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s was read as %+v, want an error", text, got)
		}
	}
	if text, err := json.Marshal(record.Money{Minor: 1, CurrencyCode: `A","b":"`}); err == nil {
		t.Errorf("a forged currency code was written: %s", text)
	}
}

// The quick way of reading money reads what the general way reads.
func TestMoneyJSONAgreesWithParseMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"GBP", "EUR", "JPY", "KWD", "XXX", "gbp"}).Draw(t, "code")
		amount := rapid.StringMatching(`-{0,2}[0-9]{0,19}(\.[0-9]{0,4})?`).Draw(t, "amount")
		var got record.Money
		err := json.Unmarshal([]byte(`{"amount":"`+amount+`","currencyCode":"`+code+`"}`), &got)
		want, wantErr := crm.ParseMoney(amount, code)
		if (err == nil) != (wantErr == nil) || got != record.Money(want) {
			t.Fatalf("%s %s: read %+v (%v), ParseMoney gives %+v (%v)", amount, code, got, err, want, wantErr)
		}
	})
}

// The quick way of writing money writes what the domain does.
func TestMoneyJSONAgreesWithAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		money := record.Money{
			Minor:        rapid.Int64().Draw(t, "minor"),
			CurrencyCode: rapid.SampledFrom([]string{"GBP", "EUR", "JPY", "KWD"}).Draw(t, "code"),
		}
		text, err := json.Marshal(money)
		want := `{"amount":"` + string(crm.Money(money).Amount()) + `","currencyCode":"` + money.CurrencyCode + `"}`
		if err != nil || string(text) != want {
			t.Fatalf("written %s (%v), want %s", text, err, want)
		}
	})
}

func TestJSONIsCanonical(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{"b": 1.50, "a": [ 1e3, -0 ], "A": null}`, `{"A":null,"a":[1e3,-0],"b":1.50}`},
		{`  "<&\u00fc>" `, `"<&ü>"`},
		{`123456789012345678901234567890.10`, `123456789012345678901234567890.10`},
		{`null`, `null`},
	}
	for _, test := range tests {
		var got struct{ V record.JSON }
		if err := json.Unmarshal([]byte(`{"V":`+test.text+`}`), &got); err != nil {
			t.Fatal(err)
		}
		if string(got.V) != test.want {
			t.Errorf("%s is canonically %s, want %s", test.text, got.V, test.want)
		}
		again, err := crm.CanonicalJSON([]byte(test.text))
		if err != nil || string(again) != test.want {
			t.Errorf("Canonical(%s) = %s (%v), want %s", test.text, again, err, test.want)
		}
		if text, err := record.Marshal(got); err != nil || string(text) != `{"V":`+test.want+`}` {
			t.Errorf("written %s (%v), want the text itself", text, err)
		}
	}
}

func TestTimeForms(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	written := record.NewTeam(&crm.Team{CreatedAt: time.Date(2010, 12, 1, 10, 26, 0, 999_999, zone)})
	text, err := record.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"","createdAt":"2010-12-01T08:26:00.000Z"}`; string(text) != want {
		t.Errorf("written %s, want %s", text, want)
	}

	var read record.Team
	if err := json.Unmarshal([]byte(`{"createdAt":"2010-12-01T10:26:00.1239+02:00"}`), &read); err != nil {
		t.Fatal(err)
	}
	want := time.Date(2010, 12, 1, 8, 26, 0, 123_000_000, time.UTC)
	if diff := cmp.Diff(want, read.Domain().CreatedAt); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"createdAt":"1 December 2010"}`), &read); err == nil {
		t.Error("a date in words was read")
	}
	if err := read.CreatedAt.UnmarshalBSONValue(0x02, nil); err == nil {
		t.Error("a BSON string was read as an instant")
	}
}

// Minor units of a currency that had no digits once say how many are after the point;
// where that is not said they have none.
func TestBSONOfMoneyThatHadNoDigits(t *testing.T) {
	form := record.FormOf(crm.KindOrder)
	order := func(total crm.Money) *crm.Order {
		return &crm.Order{ID: "ord_a.1", Price: crm.PriceBreakdown{Total: total}}
	}
	stored := bson.Raw(form.AppendBSON(nil, order(crm.Money{Minor: 15052, CurrencyCode: "RSD"})))
	if got := stored.Lookup("price", "total", "digits").AsInt64(); got != 2 {
		t.Errorf("%d digits, want 2", got)
	}
	type money = bson.D
	of := func(members ...bson.E) money { return members }
	tests := map[string]struct {
		total money
		want  int64
		fails bool
	}{
		"as written":          {total: of(bson.E{Key: "minor", Value: int64(15052)}, bson.E{Key: "currencyCode", Value: "RSD"}, bson.E{Key: "digits", Value: int32(2)}), want: 15052},
		"of a version before": {total: of(bson.E{Key: "minor", Value: int64(151)}, bson.E{Key: "currencyCode", Value: "RSD"}), want: 15100},
		"members turned":      {total: of(bson.E{Key: "currencyCode", Value: "IQD"}, bson.E{Key: "minor", Value: int64(7)}), want: 7000},
		"of a later version":  {total: of(bson.E{Key: "minor", Value: int64(12340)}, bson.E{Key: "currencyCode", Value: "GBP"}, bson.E{Key: "digits", Value: int32(3)}), want: 1234},
		"not exact":           {total: of(bson.E{Key: "minor", Value: int64(12345)}, bson.E{Key: "currencyCode", Value: "GBP"}, bson.E{Key: "digits", Value: int32(3)}), fails: true},
		"too many digits":     {total: of(bson.E{Key: "minor", Value: int64(0)}, bson.E{Key: "currencyCode", Value: "GBP"}, bson.E{Key: "digits", Value: int32(1 << 30)}), fails: true},
		"too large":           {total: of(bson.E{Key: "minor", Value: int64(1) << 62}, bson.E{Key: "currencyCode", Value: "RSD"}), fails: true},
	}
	for name, test := range tests {
		document, err := bson.Marshal(bson.D{{Key: "_id", Value: "ord_a.1"}, {Key: "price", Value: bson.D{{Key: "total", Value: test.total}}}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := form.DecodeBSON(document, nil)
		if test.fails {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			continue
		}
		if err != nil || got.(*crm.Order).Price.Total.Minor != test.want {
			t.Errorf("%s: %+v, %v, want %d", name, got, err, test.want)
		}
	}
}

// Instants in BSON are datetimes, so that the server compares them as such, and
// money is what the server can add.
func TestBSONTypes(t *testing.T) {
	document, err := bson.Marshal(record.NewOrder(&crm.Order{
		ID: "ord_a.1", PlacedAt: time.Date(1960, 1, 1, 0, 0, 0, 1_500_000, time.UTC),
		Price: crm.PriceBreakdown{Total: crm.Money{Minor: 5, CurrencyCode: "GBP"}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	raw := bson.Raw(document)
	if got := raw.Lookup("placedAt").Time().UTC(); !got.Equal(time.Date(1960, 1, 1, 0, 0, 0, 1_000_000, time.UTC)) {
		t.Errorf("placedAt is %v", got)
	}
	if got := raw.Lookup("price", "total", "minor").AsInt64(); got != 5 {
		t.Errorf("price.total.minor is %d, want 5", got)
	}
	if got := raw.Lookup("_id").StringValue(); got != "ord_a.1" {
		t.Errorf("_id is %q", got)
	}
}

// The quick way of reading instants reads what time.Parse does, and nothing else.
func TestDecodedTimeAgrees(t *testing.T) {
	form := record.FormOf(crm.KindTeam)
	for _, text := range []string{
		"2024-02-29T08:03:00.007Z", "2023-02-29T08:03:00.007Z", "2023-02-30T08:03:00.007Z", "2023-12-31T23:59:59.999Z", "2023-04-31T00:00:00.000Z",
		"0000-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2023-13-01T00:00:00.000Z", "2023-00-01T00:00:00.000Z",
		"2023-01-00T00:00:00.000Z", "2023-01-01T24:00:00.000Z", "2023-01-01T00:60:00.000Z", "2023-01-01T00:00:60.000Z", "2023-01-01t00:00:00.000Z",
		"2023-01-01T00:00:00,000Z", "2023-01-01T00:00:00.0000", "2023-01-01T00:00+01:00XX", "2023-01-01T00:00:00-01:00", "2023-01-01T00:00:00.12345Z",
	} {
		text := `{"createdAt":"` + text + `"}`
		var want record.Team
		wantErr := json.Unmarshal([]byte(text), &want)
		got, err := form.DecodeJSON([]byte(text), nil)
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: error %v, want %v", text, err, wantErr)
		} else if diff := cmp.Diff(crm.Record(want.Domain()), got); err == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
