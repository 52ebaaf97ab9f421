package roundtrip_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/shopsync"
	"github.com/customer360/gateway/internal/shopsync/webhooks"
)

// source is the shop of the tests.
const source = "shop"

// epoch is what a writer puts for a time that nobody gave: the syncs' own choice,
// and here also the clock of imports.
func epoch() time.Time { return time.Unix(0, 0).UTC() }

// noCurrency is a code that stands for one that is none, in a record that has still to
// be written as JSON; ISO 4217 keeps it for tests.
const noCurrency = "XTS"

// lineOf is a record as a line of a file, in its envelope. Texts that JSON or
// internal/record would not write get there nevertheless.
func lineOf(t tester, r crm.Record) string {
	t.Helper()
	r = copied(reflect.ValueOf(r)).Interface().(crm.Record)
	var codes []string
	for _, p := range placesOf(r) {
		m, ok := p.value.Addr().Interface().(*crm.Money)
		if !ok || *m == (crm.Money{}) {
			continue
		}
		if _, known := crm.Exponent(m.CurrencyCode); !known {
			codes = append(codes, m.CurrencyCode)
			m.CurrencyCode = noCurrency
		}
	}
	text, err := record.FormOf(r.RecordKind()).AppendJSON(nil, r)
	if err != nil {
		t.Fatalf("write a line: %v", err)
	}
	name := []rune(reflect.TypeOf(r).Elem().Name())
	name[0] = unicode.ToLower(name[0])
	line := `{"` + string(name) + `":` + strings.ReplaceAll(string(text), broken, brokenByte) + "}"
	for _, code := range codes {
		line = strings.Replace(line, strconv.Quote(noCurrency), strconv.Quote(code), 1)
	}
	return line
}

// importLines imports lines and returns why it refused some of them, by their
// place. All the others must be counted as stored.
func importLines(t tester, store crm.Store, lines []string) map[int]string {
	t.Helper()
	var report bytes.Buffer
	summary, err := files.Import(t.Context(), store, strings.NewReader(strings.Join(lines, "\n")), files.Options{
		Clock: epoch, Rejects: files.NewRejects(&report),
	})
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	rows, err := csv.NewReader(&report).ReadAll()
	if err != nil {
		t.Fatalf("read the report of rejected rows: %v", err)
	}
	refused := map[int]string{}
	for _, row := range rows[1:] {
		line, err := strconv.Atoi(row[0])
		if err != nil || line < 1 || line > len(lines) || row[2] == "" {
			t.Fatalf("the report has a row without a line or a reason: %q", row)
		}
		if _, twice := refused[line-1]; twice {
			t.Errorf("line %d was refused twice", line)
		}
		refused[line-1] = row[1] + ": " + row[2]
	}
	if summary.Rejected != len(refused) || summary.Read != len(lines) || summary.Created+summary.Updated+summary.Unchanged+summary.Rejected != len(lines) {
		t.Errorf("of %d lines %+v, and %d are in the report", len(lines), summary, len(refused))
	}
	return refused
}

// shop is a shop whose records are lists.
type shop struct {
	crm.Shop  // what no writer calls
	customers []*crm.ShopCustomer
	products  []*crm.Product
	orders    []*crm.ShopOrder
}

func (s *shop) Source() string                 { return source }
func (s *shop) Capabilities() crm.Capabilities { return crm.Capabilities{} }

// handedOut is a record as a shop's answer has it: a copy, with bytes that are not
// UTF-8 where the record has them.
func handedOut[T any](record *T) *T {
	v := copied(reflect.ValueOf(record))
	mend(v)
	return v.Interface().(*T)
}

// page is the part of a list behind a mark.
func page[T any](list []*T, from crm.Mark, limit int) (c crm.ShopChanges[T], err error) {
	at := 0
	if from.Cursor != "" {
		if at, err = strconv.Atoi(from.Cursor); err != nil {
			return c, err
		}
	}
	end := min(at+limit, len(list))
	for _, item := range list[at:end] {
		c.Items = append(c.Items, handedOut(item))
	}
	c.More = end < len(list)
	c.Next = crm.Mark{Time: epoch().Add(time.Duration(end) * time.Second), Cursor: strconv.Itoa(end)}
	return c, nil
}

func (s *shop) CustomerChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	return page(s.customers, from, limit)
}

func (s *shop) ProductChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	return page(s.products, from, limit)
}

func (s *shop) OrderChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	return page(s.orders, from, limit)
}

func (s *shop) OrdersByID(_ context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	found := map[string]*crm.ShopOrder{}
	for _, id := range ids {
		for _, o := range s.orders {
			if o.Order.ExternalID == id {
				found[id] = handedOut(o)
			}
		}
	}
	return found, nil
}

// refusals are what a sync has told the log of records that it could not store,
// or not as they were, by the shop's own ids: field and reason, as a report of
// rejected rows has them.
func refusals(t tester, log *bytes.Buffer) map[string]string {
	t.Helper()
	told := map[string]string{}
	decoder := json.NewDecoder(log)
	for decoder.More() {
		var entry struct{ Msg, Kind, ExternalID, Reason string }
		if err := decoder.Decode(&entry); err != nil {
			t.Fatalf("read the log: %v", err)
		}
		if entry.Msg == "unmatched" || entry.Msg == "rejected" {
			key := entry.Kind + " " + entry.ExternalID
			if told[key] != "" { // Of nobody, and refused.
				key += " again"
			}
			told[key] = faultIn(entry.Reason)
		}
	}
	return told
}

// faultIn finds the field in the reason that a sync gives.
func faultIn(reason string) string {
	if reason == "the shop's id is missing or too long" {
		return "externalIdentities[0].externalId: " + reason // The shop does not know our name of it.
	}
	if fault, ok := strings.CutPrefix(reason, "the store does not take the record: "); ok {
		return strings.Replace(fault, " ", ": ", 1)
	}
	return ": " + reason
}

func logTo(log *bytes.Buffer) shopsync.Options {
	return shopsync.Options{Clock: epoch, Log: slog.New(slog.NewJSONHandler(log, nil)), Full: true}
}

// syncShop syncs a shop to its end and returns what was refused.
func syncShop(t tester, store crm.Store, s *shop) map[string]string {
	t.Helper()
	var log bytes.Buffer
	reports, err := shopsync.Run(t.Context(), store, []crm.Shop{s}, logTo(&log))
	if err != nil || len(reports) != 1 || reports[0].Err != nil {
		t.Fatalf("sync: %v, %+v", err, reports)
	}
	told := refusals(t, &log)
	if counted := reports[0].Unmatched + reports[0].Rejected; counted != len(told) {
		t.Errorf("the sync counts %d unmatched and rejected records and names %d", counted, len(told))
	}
	return told
}

// announce lets a shop send webhooks about all its orders, one for every few of
// them, and returns what was refused.
func announce(t tester, store crm.Store, s *shop) map[string]string {
	t.Helper()
	var log bytes.Buffer
	handler := http.NewServeMux()
	handler.Handle("/webhooks/{source}", webhooks.New(webhooks.Config{
		Sources: map[string]crm.Webhook{source: func(_ crm.WebhookHeader, body []byte, _ time.Time) (crm.ShopEvent, error) {
			ids := strings.Split(string(body), "\n")
			return crm.ShopEvent{Delivery: ids[0], OrderIDs: ids[1:]}, nil
		}},
		Deliveries: store.Checkpoints(), Updater: shopsync.NewUpdater(store, []crm.Shop{s}, logTo(&log)), Timeout: time.Minute,
	}))
	const atOnce = 7
	for orders := s.orders; len(orders) > 0; orders = orders[min(atOnce, len(orders)):] {
		ids := []string{strconv.Itoa(len(orders))} // the delivery's number
		for _, o := range orders[:min(atOnce, len(orders))] {
			ids = append(ids, o.Order.ExternalID)
		}
		request := httptest.NewRequest(http.MethodPost, "/webhooks/"+source, strings.NewReader(strings.Join(ids, "\n")))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request.WithContext(t.Context()))
		if answer.Code != http.StatusOK {
			t.Fatalf("a webhook about %d orders is answered %d %s", len(ids)-1, answer.Code, answer.Body)
		}
	}
	return refusals(t, &log)
}

// mend puts bytes that are not UTF-8 into all texts that should have them.
func mend(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			mend(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			mend(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			mend(v.Field(i))
		}
	case reflect.String:
		if strings.Contains(v.String(), broken) {
			v.SetString(strings.ReplaceAll(v.String(), broken, brokenByte))
		}
	default:
	}
}
