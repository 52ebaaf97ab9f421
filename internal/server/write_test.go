package server_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/internal/server"
)

// The cost is written as encoding/json has it.
func TestCostIsJSON(t *testing.T) {
	for _, actual := range []int{0, 1, 123456} {
		for _, maximum := range []int64{0, 1, 1 << 50} {
			if written, want := server.Cost(7, actual, maximum, maximum/60); written != want {
				t.Errorf("got  %s\nwant %s", written, want)
			}
		}
	}
}

// An answer has errors, data and extensions in this order, and none that is not there.
func TestEncode(t *testing.T) {
	failures := gqlerror.List{{Message: "no"}}
	masked := func() map[string]any { return map[string]any{"masked": []string{"A.b"}} }
	for _, test := range []struct {
		response graphql.Response
		cost     bool
		want     string
	}{
		{graphql.Response{}, false, `{}`},
		{graphql.Response{}, true, `{"extensions":{"cost":{"requestedQueryCost":3}}}`},
		{graphql.Response{Data: []byte(`{"a":1}`)}, false, `{"data":{"a":1}}`},
		{graphql.Response{Data: []byte(`{"a":1}`)}, true, `{"data":{"a":1},"extensions":{"cost":{"requestedQueryCost":3}}}`},
		{graphql.Response{Data: []byte(`null`), Errors: failures}, false, `{"errors":[{"message":"no"}],"data":null}`},
		{graphql.Response{Errors: failures}, false, `{"errors":[{"message":"no"}]}`},
		{graphql.Response{Errors: failures}, true, `{"errors":[{"message":"no"}],"extensions":{"cost":{"requestedQueryCost":3}}}`},
		{graphql.Response{Data: []byte(`{}`), Extensions: masked()}, true, `{"data":{},"extensions":{"cost":{"requestedQueryCost":3},"masked":["A.b"]}}`},
		{graphql.Response{Extensions: masked()}, false, `{"extensions":{"masked":["A.b"]}}`},
	} {
		if got, err := server.Encode(&test.response, test.cost); got != test.want || err != nil {
			t.Errorf("got  %s\nwant %s (%v)", got, test.want, err)
		}
	}
}

// What is remembered of headers is bounded, and so is what a header may be for it.
func TestMemoIsBounded(t *testing.T) {
	headers := []string{strings.Repeat("x", 257), strings.Repeat("x", 257)}
	for i := range 1000 {
		headers = append(headers, strconv.Itoa(i), strconv.Itoa(i))
	}
	if known, read := server.Remembered(headers); known != 256 || read != 1002 {
		t.Errorf("%d are known and %d were read, want 256 and 1002", known, read)
	}
}
