package files_test

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

const (
	person   = `{"externalIdentities":[{"source":"shop","externalId":"9"}],`
	anOrder  = `{"source":"shop","externalId":"9","placedAt":"2024-01-01T00:00:00Z",`
	aTotal   = `"price":{"total":{"amount":"1.00","currencyCode":"GBP"}},`
	pot      = `{"title":"Pot","quantity":1,"unitPrice":{"amount":"1.00","currencyCode":"GBP"}}`
	anAction = `{"source":"ml","externalId":"1","customer":{"source":"shop","externalId":"c1"},"title":"x","reason":"x","model":"x","modelVersion":"1",`
)

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func many(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"a` + strconv.Itoa(i) + `":1`)
	}
	return b.String()
}

func TestRejectedRows(t *testing.T) {
	tests := []struct {
		name          string
		kind          files.Kind
		row           string
		field, reason string // reason: what it must contain
	}{
		// Lines that are no records.
		{"broken", "customers", `{"kind":`, "", "ends too early"},
		{"no object", "customers", `[]`, "", "must be a JSON object, not a list"},
		{"trailing", "customers", `{} {}`, "", "nothing after it"},
		{"not UTF-8", "customers", "{\"tier\":\"\xff\"}", "", "UTF-8"},
		{"repeated name", "customers", person + `"tier":"a","tier":"b"}`, "tier", "only once"},
		{"repeated name by an escape", "customers", person + `"ti\u0065r":"a","tier":"b"}`, "tier", "only once"},
		{"half a surrogate", "customers", person + `"tier":"\ud800"}`, "", "invalid surrogate pair in a text (byte"},
		{"unknown escape", "customers", person + `"tier":"a\x"}`, "", "invalid escape sequence in a text (byte"},
		{"control character", "customers", person + "\"tier\":\"a\tb\"}", "", "expecting non-control character"},
		{"comma at the end", "customers", person + `"tier":"a",}`, "", "not valid JSON"},
		{"too long", "customers", person + `"tier":"` + strings.Repeat("x", files.MaxLine) + `"}`, "", "a line must have at most 8 MiB and 64 KiB"},
		{"number form", "customers", person + `"version":01}`, "", "not valid JSON"},
		{"deeper than can be read", "customers", person + `"customAttributes":{"a":` + deep(20_000) + `}}`, "", "exceeded max depth"},

		{
			"a history that repeats itself", "customers", person + `"changes":[{"id":"1","occurredAt":"2024-01-01T00:00:00Z"},` +
				`{"id":"1","occurredAt":"2024-01-02T00:00:00Z"}]}`, "changes[1].id", "only once",
		},

		// Names and types.
		{"unknown", "customers", person + `"tagz":[]}`, "?", "did you mean tags?"},
		{"case matters", "customers", person + `"Tier":"x"}`, "?", "did you mean tier?"},
		{"unknown inside", "customers", person + `"emails":[{"addrss":"a@example.com"}]}`, "emails[0].?", "did you mean address?"},
		{"type", "customers", person + `"emails":[{"address":"a@example.com","primary":"yes"}]}`, "emails[0].primary", "true or false, not text"},
		{"null in a list", "customers", person + `"tags":["a",null]}`, "tags[1]", "must not be null"},
		{"object for text", "customers", person + `"tier":{"$gt":""}}`, "tier", "must be text, not an object"},
		{"text length", "customers", person + `"tier":"` + strings.Repeat("x", crm.MaxText+1) + `"}`, "tier", "at most 100000 characters"},
		{"number length", "customers", person + `"version":` + strings.Repeat("1", 101) + `}`, "version", "at most 18 digits"},
		{"NUL", "orders", anOrder + aTotal + `"lines":[` + pot + `,{"title":"a\u0000","quantity":1}]}`, "lines[1].title", "NUL"},
		{"NUL in an envelope", "", `{"order":` + anOrder + aTotal + `"lines":[{"title":"a\u0000","quantity":1}]}}`, "lines[0].title", "NUL"},
		{"NUL in a list", "customers", person + `"tags":["a","\u0000"]}`, "tags[1]", "NUL"},
		{"NUL in a word", "customers", person + `"status":"ACTIVE\u0000"}`, "status", "one of ACTIVE"},
		{"NUL in an amount", "orders", anOrder + `"price":{"total":{"amount":"1\u0000","currencyCode":"GBP"}}}`, "price.total", "decimal number"},
		{"NUL in a reference", "orders", anOrder + aTotal + `"customer":{"source":"shop","externalId":"c1\u0000"}}`, "customer", "in the store or in the file"},
		{"NUL in an order's id", "orders", `{"source":"shop","externalId":"9\u0000"}`, "externalId", "without spaces"},
		{"NUL in an identity", "customers", `{"externalIdentities":[{"source":"shop","externalId":"9\u0000"}]}`, "externalIdentities[0].externalId", "NUL"},
		{"NUL in an article", "tickets", `{"source":"d","externalId":"9","subject":"x","articles":[{"body":"\u0000"}]}`, "articles[0].body", "NUL"},
		{"NUL in a name", "customers", person + `"tier\u0000":"a"}`, "?", "did you mean tier?"},
		{"NUL in an attribute", "customers", person + `"customAttributes":{"a":[{"b":"\u0000"}]}}`, "customAttributes[0].value[0]", "NUL"},
		{"NUL in an attribute's name", "customers", person + `"customAttributes":{"\u0000":1}}`, "customAttributes[0].name", "NUL"},
		{"repeated name in an envelope", "", `{"customer":` + person + `"emails":[{"address":"a","address":"b"}]}}`, "emails[0].address", "only once"},
		{"repeated name in a reference", "orders", `{"customer":{"source":"shop","source":"shop"}}`, "customer.source", "only once"},
		{"repeated name in the depth", "customers", `{"customAttributes":` + strings.Repeat(`{"a":`, 9000) + `{"b":1,"b":1}`, "customAttributes" + strings.Repeat(".?", 15), "only once"},

		// Attributes.
		{"depth of lists", "customers", person + `"customAttributes":{"a":` + deep(13) + `}}`, "customAttributes[0].value" + strings.Repeat("[0]", 12), "12 deep"},
		{"depth of objects", "", `{"customer":` + person + `"customAttributes":{"a":` + strings.Repeat(`{"a":`, 9000) + `1` + strings.Repeat(`}`, 9000) + `}}}`, "customAttributes[0].value", "12 deep"},
		{"depth elsewhere", "customers", person + `"tier":` + deep(9000) + `}`, "tier", "must be text, not a list"},
		{"digits", "customers", person + `"customAttributes":{"a":[` + strings.Repeat("1", 101) + `]}}`, "customAttributes[0].value[0]", "at most 100 digits"},
		{"attribute $", "customers", person + `"customAttributes":{"$set":1}}`, "customAttributes[0].name", "must not have $, . or NUL"},
		{"attribute .", "customers", person + `"customAttributes":[{"name":"a.b","value":1}]}`, "customAttributes[0].name", "must not have $"},
		{"attribute inside", "customers", person + `"customAttributes":{"a":[{"b":{"c$":1}}]}}`, "customAttributes[0].value[0]", "must not have $"},
		{"attribute twice", "customers", person + `"customAttributes":[{"name":"a","value":1},{"name":"a","value":2}]}`, "customAttributes[1].name", "only once"},
		{"attributes", "customers", person + `"customAttributes":{` + many(1001) + `}}`, "customAttributes[1000].value", "at most 1000 custom attributes"},
		{"attribute length", "customers", person + `"customAttributes":{"` + strings.Repeat("x", 129) + `":1}}`, "customAttributes[0].name", "128 bytes"},
		{"attributes inside", "customers", person + `"customAttributes":{"a":[` + strings.Repeat(`{"b":1},`, 1000) + `0]}}`, "customAttributes[0].value[999]", "at most 1000 custom attributes"},

		// Formats.
		{"enum", "customers", person + `"status":"SLEEPING"}`, "status", "one of ACTIVE, BLOCKED, MERGED, ERASED"},
		{"email", "customers", person + `"emails":[{"address":"a b@example.com"}]}`, "emails[0].address", "name@example.com"},
		{"phone", "customers", person + `"phones":[{"number":"none"}]}`, "phones[0].number", "E.164"},
		{"language", "customers", person + `"language":"english!"}`, "language", "BCP 47"},
		{"time zone", "customers", person + `"timeZone":"Mars/Olympus"}`, "timeZone", "IANA"},
		{"date", "customers", person + `"birthday":"1981-02-29"}`, "birthday", "YYYY-MM-DD"},
		{"instant", "customers", person + `"createdAt":"2024-01-01"}`, "createdAt", "RFC 3339"},
		{"group", "customers", person + `"customerGroup":"aliens"}`, "customerGroup", "one of household, small business"},
		{"source", "customers", `{"externalIdentities":[{"source":"My Shop","externalId":"1"}]}`, "externalIdentities[0].source", "a-z, 0-9 and -"},
		{"script", "products", `{"source":"shop","externalId":"9","title":"x","imageUrl":"javascript:alert(1)"}`, "imageUrl", "https://"},
		{"tracking", "orders", anOrder + aTotal + `"shipments":[{"trackingUrl":"data:text/html,x"}]}`, "shipments[0].trackingUrl", "https://"},
		{"score", "next-best-actions", anAction + `"score":1.5}`, "score", "from 0 to 1"},

		// Ids and references.
		{"no id", "orders", `{"placedAt":"2024-01-01T00:00:00Z"}`, "id", "source and externalId"},
		{"no identity", "customers", `{"tier":"x"}`, "id", "externalIdentities"},
		{"id of another kind", "customers", `{"id":"ord_shop.1"}`, "id", "cus_"},
		{"id and source", "orders", `{"id":"ord_shop.9","source":"web","placedAt":"2024-01-01T00:00:00Z",` + aTotal[:len(aTotal)-1] + `}`, "source", "what the id says"},
		{"space in an order's id", "orders", `{"source":"shop","externalId":"a b"}`, "externalId", "without spaces"},
		{"reference kind", "customers", person + `"owner":"cus_01h455vb4pex5vsknk084sn02q"}`, "owner", "emp_"},
		{"reference form", "orders", anOrder + `"customer":{"source":"shop","id":"1"}}`, "customer.id", "source, externalId"},
		{"an actor's empty id", "interactions", `{"source":"p","externalId":"1","participants":[{"actor":{"id":""}}]}`, "participants[0].actor.id", "must be an id"},
		{"actor", "interactions", `{"source":"p","externalId":"1","channel":"PHONE","direction":"INBOUND","occurredAt":"2024-01-01T00:00:00Z","participants":[{"actor":{"id":"ord_shop.1"}}]}`, "participants[0].actor.id", "employee"},
		{"unknown customer", "orders", anOrder + aTotal + `"customer":{"source":"shop","externalId":"nobody"}}`, "customer", "in the store or in the file"},
		{"unknown ticket", "articles", `{"source":"d","externalId":"1","ticket":{"source":"d","externalId":"0"},"body":"x"}`, "ticket", "in the store or in the file"},
		{"person as organization", "orders", anOrder + aTotal + `"organization":{"source":"shop","externalId":"c1"}}`, "organization", "must be an organization"},
		{"person with parent", "customers", person + `"parent":{"source":"erp","externalId":"o1"}}`, "parent", "only an organization"},
		{"another's identity", "customers", `{"externalIdentities":[{"source":"shop","externalId":"9"},{"source":"shop","externalId":"c1"}]}`, "externalIdentities", "another customer's"},

		// What must be there.
		{"placedAt", "orders", `{"source":"shop","externalId":"9"}`, "placedAt", "must be given"},
		{"total", "orders", anOrder + `"price":{"tax":{"amount":"1.00","currencyCode":"GBP"}}}`, "price.total", "must be given"},
		{"currencies", "orders", anOrder + aTotal + `"payments":[{"method":"card","status":"PAID","amount":{"amount":"1.00","currencyCode":"EUR"},"occurredAt":"2024-01-01T00:00:00Z"}]}`, "payments[0].status", "CAPTURED"},
		{"two currencies", "orders", anOrder + aTotal + `"refunds":[{"amount":{"amount":"1.00","currencyCode":"EUR"},"occurredAt":"2024-01-01T00:00:00Z"}]}`, "refunds[0].amount", "currency of price.total"},
		{"amount", "orders", anOrder + `"price":{"total":{"amount":"1.005","currencyCode":"GBP"}}}`, "price.total", "at most 2 digits"},
		{"currency", "orders", anOrder + `"price":{"total":{"amount":"1.00","currencyCode":"ZZZ"}}}`, "price.total", "ISO 4217"},
		{"amount too large", "orders", anOrder + `"price":{"total":{"amount":"1000000000000.01","currencyCode":"GBP"}}}`, "price.total", "minor units"},
		{"line too dear", "orders", anOrder + `"lines":[{"title":"x","quantity":1000000000,"unitPrice":{"amount":"1000.01","currencyCode":"GBP"}}]}`, "lines[0].quantity", "minor units"},
		{"quantity", "orders", anOrder + `"lines":[{"title":"x","quantity":-1,"unitPrice":{"amount":"1","currencyCode":"GBP"}}]}`, "lines[0].quantity", "from 0"},
		{"no quantity", "orders", anOrder + `"lines":[{"title":"x","unitPrice":{"amount":"1","currencyCode":"GBP"}}]}`, "lines[0].quantity", "must be given"},
		{"line of a refund", "orders", anOrder + `"lines":[` + pot + `],"refunds":[{"amount":{"amount":"1.00","currencyCode":"GBP"},"occurredAt":"2024-01-01T00:00:00Z","lines":[{"line":"2","quantity":1}]}]}`, "refunds[0].lines[0].line", "one of the order's lines"},
		{"two primaries", "customers", person + `"emails":[{"address":"a@example.com","primary":true},{"address":"b@example.com","primary":true}]}`, "emails", "only one"},
		{"ticket in its article", "tickets", `{"source":"d","externalId":"9","subject":"x","articles":[{"body":"x","ticket":"tkt_01h455vb4pex5vsknk084sn02q"}]}`, "articles[0].ticket", "left out"},
		{"article inside", "tickets", `{"source":"d","externalId":"9","subject":"x","articles":[{"body":"x","visibility":"SECRET"}]}`, "articles[0].visibility", "PUBLIC, INTERNAL"},
		{"envelope of another kind", "orders", `{"product":{"source":"shop","externalId":"9","title":"x"}}`, "product", "must be order"},
		{"no kind", "", `{"source":"shop","externalId":"9","title":"x"}`, "", "what it holds"},
	}
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	before := dump(t, store)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			good := `{"team":{"source":"hr","externalId":"t1","name":"Care"}}`
			if test.kind != "" {
				good = ""
			}
			summary, rejects := load(t, store, good+"\n"+test.row+"\n"+good, files.Options{Kind: test.kind})
			if summary.Rejected != 1 || len(rejects) != 1 {
				t.Fatalf("summary %+v, rejects %+v, want one", summary, rejects)
			}
			r := rejects[0]
			if r.Line != "2" || r.Field != test.field || !strings.Contains(r.Reason, test.reason) {
				t.Errorf("rejected %+v,\nwant line 2, field %q, reason with %q", r, test.field, test.reason)
			}
			if len(r.Reason) > 400 || len(r.Field) > 400 {
				t.Errorf("the report echoes too much: %+v", r)
			}
		})
	}
	if diff := cmp.Diff(before, dump(t, store)); diff != "" {
		t.Errorf("rejected rows changed the store (-before +after):\n%s", diff)
	}
}

func TestReportIsDefused(t *testing.T) {
	store := newStore(t)
	rows := `{"=cmd|calc":1,"externalIdentities":[{"source":"shop","externalId":"1"}]}
{"id":"@SUM(A1)"}
{"id":"\tx"}
{"source":"+1"}
`
	var report bytes.Buffer
	rejects := files.NewRejects(&report)
	_, err := files.Import(context.Background(), store, strings.NewReader(rows), files.Options{
		Kind: "customers", Rejects: rejects, Name: "-2+3.ndjson",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `line,field,reason,record,file
1,?,"is no field here; the fields are `
	if got := report.String(); !strings.HasPrefix(got, want) {
		t.Errorf("report\n%s\nwant it to begin with\n%s", got, want)
	}
	for line := range strings.Lines(report.String()) {
		for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if cell = strings.Trim(cell, `"`); cell != "" && strings.ContainsRune("=+-@\t", rune(cell[0])) {
				t.Errorf("cell %q would run", cell)
			}
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	store := newStore(t)
	for name, test := range map[string]struct {
		options files.Options
		text    string
		want    string
	}{
		"kind":          {files.Options{Kind: "people"}, "", "must be one of articles, customers"},
		"format":        {files.Options{Format: "xml"}, "", "ndjson or csv"},
		"CSV kind":      {files.Options{Format: files.FormatCSV}, "id\n", "needs a kind"},
		"no header":     {files.Options{Format: files.FormatCSV, Kind: "customers"}, "", "header"},
		"column":        {files.Options{Format: files.FormatCSV, Kind: "customers"}, "givenName,emails[0].addrss\n", `column 2 of the first line, the header, is no field; did you mean emails[0].address?`},
		"index":         {files.Options{Format: files.FormatCSV, Kind: "customers"}, "email[3].address\n", `did you mean emails[0].address?`},
		"whole object":  {files.Options{Format: files.FormatCSV, Kind: "customers"}, "emails\n", `is no field`},
		"not UTF-8":     {files.Options{Format: files.FormatCSV, Kind: "customers"}, "id,customAttributes.gr\xf6\xdfe\ncus_1,7\n", "column 2 must have a name in valid UTF-8"},
		"column twice":  {files.Options{Format: files.FormatCSV, Kind: "customers"}, "tier,tier\n", "only once"},
		"two ways":      {files.Options{Format: files.FormatCSV, Kind: "orders"}, "customer,customer.source\n", "leave one out"},
		"mixed indexes": {files.Options{Format: files.FormatCSV, Kind: "orders"}, "lines[].sku,lines[0].title\n", "must not be mixed"},
		"endless quote": {files.Options{Format: files.FormatCSV, Kind: "orders"}, "id\n\"" + strings.Repeat("x\n", files.MaxLine), "the rest of the file was not read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := files.Import(context.Background(), store, strings.NewReader(test.text), test.options)
			if crm.CodeOf(err) != crm.CodeInvalid || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want INVALID with %q", err, test.want)
			}
		})
	}
}

// What the reports say of the longest line is what it is.
func TestLongestLine(t *testing.T) {
	if files.MaxLine != 8<<20+64<<10 {
		t.Errorf("a line may have %d bytes, which is not 8 MiB and 64 KiB", files.MaxLine)
	}
}

// A row that is as deep as JSON may be, and deeper once it is a record, costs itself
// alone.
func TestDeepRowsCostThemselves(t *testing.T) {
	const good = `{"externalIdentities":[{"source":"shop","externalId":"8"}]}`
	for _, n := range []int{13, 9_990, 9_996, 9_997, 9_998, 9_999, 10_000} {
		row := person + `"customAttributes":{"a":` + deep(n) + `}}` + "\n" + good
		if summary, rejects := load(t, newStore(t), row, files.Options{Kind: "customers"}); summary.Created != 1 || len(rejects) != 1 {
			t.Errorf("%d deep: %+v", n, summary)
		}
		table := "externalIdentities[0].source,externalIdentities[0].externalId,customAttributes.a\nshop,9," + deep(n) + "\nshop,8,\n"
		summary, rejects := load(t, newStore(t), table, asCSV("customers"))
		if summary.Created != 1 || len(rejects) != 1 {
			t.Errorf("%d deep in a cell: %+v", n, summary)
		}
	}
}
