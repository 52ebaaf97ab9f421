package upstream_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
)

type sent struct {
	ID      int64       `json:"id"`
	Number  string      `json:"number"`
	Total   json.Number `json:"total"`
	Paid    bool        `json:"paid"`
	SKU     *string     `json:"sku"`
	At      time.Time   `json:"at"`
	Until   *time.Time  `json:"until"`
	Address struct {
		City string `json:"city"`
	} `json:"address"`
	Lines []struct {
		Name     string `json:"name"`
		Quantity int    `json:"quantity"`
	} `json:"lines"`
	Meta []json.RawMessage `json:"meta"`
}

// What stands for something is taken for it, whatever it is written as.
func TestRecordTakesWhatShopsSend(t *testing.T) {
	const plain = `{"id":2,"number":"2","total":1.50,"paid":true,"sku":"12345","at":"2024-01-01T00:00:00Z",
		"address":{"city":"7"},"lines":[{"name":"Pot","quantity":3},{"name":"Lid","quantity":1}],"meta":[]}`
	var want sent
	if err := json.Unmarshal([]byte(plain), &want); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		plain,
		`{"id":"2","number":2,"total":"1.50","paid":"yes","sku":12345,"at":"2024-01-01T00:00:00Z","until":"",
			"address":{"city":7},"lines":{"0":{"name":"Pot","quantity":"3"},"10":{"name":"Lid","quantity":1}},"meta":[]}`,
		`{"id":" 2 ","number":2,"total":1.50,"paid":1,"sku":12345,"at":"2024-01-01T00:00:00Z","until":false,
			"address":{"city":7},"lines":[{"name":"Pot","quantity":3},{"name":"Lid","quantity":1}],"meta":""}`,
	} {
		var got sent
		if err := upstream.Record([]byte(text), &got); err != nil {
			t.Errorf("%v of %s", err, text)
		}
		if got.Meta == nil {
			got.Meta = want.Meta
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	var nothing sent
	err := upstream.Record([]byte(`{"number":false,"total":"","paid":"","sku":false,"at":"","address":[],"lines":false,"meta":{}}`), &nothing)
	if nothing.Meta != nil && len(nothing.Meta) == 0 {
		nothing.Meta = nil
	}
	if diff := cmp.Diff(sent{}, nothing); err != nil || diff != "" {
		t.Errorf("%v, nothing (-want +got):\n%s", err, diff)
	}
}

// A member that makes no sense is named, without what it holds, and the others are there.
func TestRecordNamesTheOddMember(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":7,"number":"n","at":"xyz@example.test"}`:                         "at",
		`{"id":7,"number":"n","lines":[{"name":"Pot","quantity":"xyz"}]}`:       "lines",
		`{"id":7,"number":"n","lines":"xyz"}`:                                   "lines",
		`{"id":7,"number":"n","address":["xyz"]}`:                               "address",
		`{"id":7,"number":"n","total":"ten"}`:                                   "total",
		`{"id":7,"number":"n","paid":"perhaps"}`:                                "paid",
		`{"id":7,"number":"n","address":{"city":{"name":"xyz"}},"lines":"xyz"}`: "address",
	} {
		var got sent
		err := upstream.Record([]byte(text), &got)
		if err == nil || !strings.HasPrefix(err.Error(), want+" ") || strings.Contains(err.Error(), "xyz") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if got.ID != 7 || got.Number != "n" {
			t.Errorf("%s: %+v", text, got)
		}
	}
	for _, text := range []string{`null`, `[]`, `"xyz"`, `1`} {
		if err := upstream.Record([]byte(text), &sent{}); err == nil && text != "null" {
			t.Errorf("%s is a record", text)
		}
	}
}
