package page_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

func TestCursorsHaveTimesThatCanBeWritten(t *testing.T) {
	list := page.NewList("orders", crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, nil)
	at := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	order := &crm.Order{ID: "ord_a.1", PlacedAt: at}
	own := *page.New(list, crm.PageRequest{}, crm.Page[crm.Order]{Items: []*crm.Order{order}}, nil).PageInfo().EndCursor
	text, err := base64.RawURLEncoding.DecodeString(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, millis := range []int64{0, at.UnixMilli(), -62167219200000, 253402300799999} {
		forged := strings.Replace(string(text), fmt.Sprint(at.UnixMilli()), fmt.Sprint(millis), 1)
		cursor := base64.RawURLEncoding.EncodeToString([]byte(forged))
		request, err := page.Args{After: &cursor}.Request(list)
		if err != nil || request.After.Time.UnixMilli() != millis {
			t.Errorf("%d: %v, %v", millis, request.After, err)
		}
	}
	for _, millis := range []int64{math.MinInt64, -62167219200001, 253402300800000, math.MaxInt64} {
		forged := strings.Replace(string(text), fmt.Sprint(at.UnixMilli()), fmt.Sprint(millis), 1)
		cursor := base64.RawURLEncoding.EncodeToString([]byte(forged))
		if _, err := (page.Args{After: &cursor}).Request(list); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%d: %v, want Invalid", millis, err)
		}
	}
}
