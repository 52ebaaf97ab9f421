package files_test

import (
	"context"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/files"
)

// Whatever a line holds, it is stored or rejected, without a panic and without
// stopping the import; and a second run of what was stored changes nothing.
func FuzzLine(f *testing.F) {
	for line := range strings.Lines(foreign) {
		f.Add(line, "")
	}
	for _, line := range []string{
		`{`, `{"id":`, `{"customer":{"customer":{}}}`, "\ufeff{}", `{"a":"\ud800\udc00"}`, `{"a":-0.0e+1}`, "{\"a\":\"\\",
		person + `"customAttributes":{"a":{"b":[1,null]}}}`, person + `"contactPreferences":{"doNotContact":["FAX"]}}`,
	} {
		f.Add(line, "customers")
	}
	f.Add(anOrder+aTotal+`"lines":[`+pot+`],"returns":[{"status":"RECEIVED","requestedAt":"2024-01-01T00:00:00Z","lines":[{"line":"1","quantity":1}]}]}`, "orders")
	store := newStore(f)
	loadAll(f, store, foreign, files.Options{})
	f.Fuzz(func(t *testing.T, text, name string) {
		kind, err := files.ParseKind(name)
		if err != nil {
			kind = ""
		}
		first, _ := load(t, store, text, files.Options{Kind: kind})
		if first.Rejected > 0 || strings.ContainsAny(text, "\n") {
			return
		}
		second, rejects := load(t, store, text, files.Options{Kind: kind})
		if second.Unchanged != first.Read {
			t.Errorf("first %+v, then %+v %+v: want all unchanged", first, second, rejects)
		}
	})
}

// Whatever a CSV file holds, the import ends with a summary or says that the
// file is wrong.
func FuzzCSV(f *testing.F) {
	f.Add(lineHeader+"shop,1,shop,c1,2024-01-01T00:00:00Z,A,Pot,2,1.50,GBP\nshop,1,,,,B,Lid,1,1,GBP\n", "orders")
	f.Add("externalIdentities[0].source,externalIdentities[0].externalId,tags[0],customAttributes.a\nshop,1,x,\"{\"\"b\"\":1}\"\n", "customers")
	f.Add("source,externalId,articles[].body\nd,1,\"a\nb\"\n", "tickets")
	store := newStore(f)
	f.Fuzz(func(t *testing.T, text, name string) {
		options := files.Options{Kind: files.Kind(name), Format: files.FormatCSV, Clock: clockAt(noon)}
		summary, err := files.Import(context.Background(), store, strings.NewReader(text), options)
		if err == nil && summary.Read != summary.Created+summary.Updated+summary.Unchanged+summary.Rejected {
			t.Errorf("summary %+v does not add up", summary)
		}
	})
}
