package files_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/files"
)

// What a report and a message say of a file holds nothing that only the file knows.
func TestReportsRepeatNoData(t *testing.T) {
	const secret = "ann.lee@example.com"
	for name, text := range map[string]string{
		"an unknown member":   `{"id":"` + string(ann) + `","` + secret + `":1}`,
		"one inside":          `{"id":"` + string(ann) + `","emails":[{"` + secret + `":1}]}`,
		"one without a value": `{"id":"` + string(ann) + `","` + secret + `":}`,
		"one said twice":      `{"id":"` + string(ann) + `","` + secret + `":1,"` + secret + `":2}`,
		"in an attribute":     `{"id":"` + string(ann) + `","customAttributes":{"a":{"` + secret + `":[}}}`,
		"an unknown envelope": `{"` + secret + `":{}}`,
	} {
		_, rejects := load(t, newStore(t), text, customers(noon))
		if len(rejects) != 1 || strings.Contains(strings.Join([]string{rejects[0].Field, rejects[0].Reason, rejects[0].Record}, " "), "ann") &&
			strings.Contains(rejects[0].Field+rejects[0].Reason, "lee") {
			t.Errorf("%s: %+v", name, rejects)
		}
	}
	_, err := files.Import(context.Background(), newStore(t), strings.NewReader("Ann,Lee,"+secret+"\nBo,Day,bo@example.com\n"),
		files.Options{Kind: "customers", Format: files.FormatCSV})
	if err == nil || strings.Contains(err.Error(), "Ann") || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "column 1 of the first line, the header,") {
		t.Errorf("a file without a header: %v", err)
	}
}

// A quote that is not closed takes rows with it: the report says which.
func TestLinesOfAnOpenQuote(t *testing.T) {
	const header = "source,externalId,title\n"
	for name, test := range map[string]struct{ text, want string }{
		"to the end":      {"shop,1,a\nshop,2,\"b\nshop,3,c\nshop,4,d\n", "lines 3 to "},
		"to another":      {"shop,1,a\nshop,2,\"b\nshop,3,c\nshop,4,\"d\"\n", "lines 3 to 5,"},
		"too many cells":  {"shop,1,a\nshop,2,\"b\nb\",c,d\n", "lines 3 to 4,"},
		"in a single row": {"shop,1,a\nshop,2,b\"c\n", "the row is not valid CSV"},
	} {
		var report bytes.Buffer
		_, err := files.Import(t.Context(), newStore(t), strings.NewReader(header+test.text), files.Options{
			Kind: "products", Format: files.FormatCSV, Rejects: files.NewRejects(&report),
		})
		if err != nil || !strings.Contains(report.String(), "\n3,") || !strings.Contains(report.String(), test.want) {
			t.Errorf("%s: %v, %s, want %q", name, err, report.String(), test.want)
		}
	}
}
