package record_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// random draws a record of any kind.
func random(t *rapid.T) crm.Record {
	kinds := crm.Descriptions()
	kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")].Kind
	return recordtest.Random(kind, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
}

// mirrored is a record's BSON and JSON by way of its struct.
func mirrored(t rapid.TB, r crm.Record) (inBSON, inJSON []byte) {
	t.Helper()
	written := record.Mirrors[r.RecordKind()].Written(r)
	inBSON, err := bson.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	if inJSON, err = record.Marshal(written); err != nil {
		t.Fatal(err)
	}
	return inBSON, inJSON
}

func TestCodecsWriteTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		form := record.FormOf(r.RecordKind())
		inBSON, inJSON := mirrored(t, r)
		if got := form.AppendBSON([]byte("before"), r); string(got) != "before"+string(inBSON) {
			t.Fatalf("BSON is\n%s, want\n%s", bson.Raw(got[6:]), bson.Raw(inBSON))
		}
		if got, err := form.AppendJSON([]byte("before"), r); err != nil || string(got) != "before"+string(inJSON) {
			t.Fatalf("JSON is (%v)\n%s, want\n%s", err, got, inJSON)
		}
	})
}

func TestCodecsReadTheSameValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		form, mirror := record.FormOf(r.RecordKind()), record.Mirrors[r.RecordKind()]
		inBSON, inJSON := mirrored(t, r)

		empty := mirror.Empty()
		if err := bson.Unmarshal(inBSON, empty); err != nil {
			t.Fatal(err)
		}
		if got, err := form.DecodeBSON(inBSON, nil); err != nil || !reflect.DeepEqual(got, mirror.Domain(empty)) {
			t.Fatalf("of BSON (%v) (-want +got):\n%s", err, cmp.Diff(mirror.Domain(empty), got))
		}

		empty = mirror.Empty()
		mirrorErr := json.Unmarshal(inJSON, empty)
		got, err := form.DecodeJSON(inJSON, nil)
		if (err == nil) != (mirrorErr == nil) { // Money can be written that cannot be read.
			t.Fatalf("error %v, want %v", err, mirrorErr)
		}
		if err == nil && !reflect.DeepEqual(got, mirror.Domain(empty)) {
			t.Fatalf("of JSON (-want +got):\n%s", cmp.Diff(mirror.Domain(empty), got))
		}
	})
}

// Members that are not wanted are as if they were not in the document, also inside of
// parts.
func TestCodecsReadWhatIsWanted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		form := record.FormOf(r.RecordKind())
		inBSON, inJSON := mirrored(t, r)
		want := wanted(t, r.RecordKind())
		for format, read := range map[string]func(want *crm.Members) (crm.Record, error){
			"BSON": func(want *crm.Members) (crm.Record, error) { return form.DecodeBSON(inBSON, want) },
			"JSON": func(want *crm.Members) (crm.Record, error) { return form.DecodeJSON(inJSON, want) },
			"BSON of a reply": func(want *crm.Members) (crm.Record, error) {
				read := form.ReadBSON(want, 3)
				first, err := read(inBSON)
				for range 40 {
					if again, _ := read(inBSON); err == nil && !reflect.DeepEqual(again, first) {
						t.Fatalf("two records of a reply differ (-first +second):\n%s", cmp.Diff(first, again))
					}
				}
				return first, err
			},
		} {
			whole, wantErr := read(nil)
			got, err := read(want)
			if wantErr != nil { // What is wrong may be in what is not wanted.
				continue
			}
			if expected := crm.Keep(whole, want); err != nil || !reflect.DeepEqual(got, expected) {
				t.Fatalf("%q of %s (%v) (-want +got):\n%s", want.Paths(), format, err, cmp.Diff(expected, got))
			}
		}
	})
}

// wanted are some members of a kind, named by types and by paths.
func wanted(t *rapid.T, kind crm.Kind) *crm.Members {
	names := recordtest.MemberNames(kind)
	return crm.MustMembers(kind, rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, min(len(names), 12), rapid.ID).Draw(t, "wanted")...)
}

// Whatever bytes come, reading ends with a record or an error; what is cut short
// is an error.
func TestCodecsReadAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(t)
		form := record.FormOf(r.RecordKind())
		inBSON, inJSON := mirrored(t, r)
		want := wanted(t, r.RecordKind())
		cut := rapid.IntRange(0, len(inBSON)-1).Draw(t, "cut")
		if _, err := form.DecodeBSON(inBSON[:cut], want); err == nil {
			t.Fatalf("%d bytes of %d were read as BSON", cut, len(inBSON))
		}
		shortened := append([]byte{}, inBSON[:cut]...) // The length says that it is whole.
		if cut >= 4 {
			binary.LittleEndian.PutUint32(shortened, uint32(cut))
			_, _ = form.DecodeBSON(shortened, want)
		}
		cut = rapid.IntRange(0, len(inJSON)-1).Draw(t, "cutText")
		if _, err := form.DecodeJSON(inJSON[:cut], want); err == nil {
			t.Fatalf("%s was read as JSON", inJSON[:cut])
		}
		for _, changed := range [][]byte{inBSON, inJSON} {
			for range rapid.IntRange(1, 4).Draw(t, "changes") {
				changed[rapid.IntRange(0, len(changed)-1).Draw(t, "place")] = rapid.Byte().Draw(t, "byte")
			}
		}
		_, _ = form.DecodeBSON(inBSON, want)
		if _, err := form.DecodeJSON(inJSON, want); err == nil && !json.Valid(inJSON) {
			t.Fatalf("read as JSON, and is none: %s", inJSON)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, d := range crm.Descriptions() {
		for choice := range 5 {
			r := recordtest.Random(d.Kind, func(n int) int { return min(choice, n-1) })
			form := record.FormOf(d.Kind)
			f.Add(form.AppendBSON(nil, r), uint64(0))
			if text, err := form.AppendJSON(nil, r); err == nil {
				f.Add(text, uint64(6))
			}
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, want uint64) {
		for _, d := range crm.Descriptions() {
			form := record.FormOf(d.Kind)
			want := someOf(d.Kind, want)
			if r, err := form.DecodeBSON(doc, want); err == nil {
				if _, err := form.DecodeBSON(form.AppendBSON(nil, r), nil); err != nil {
					t.Error(err)
				}
			}
			if _, err := form.DecodeJSON(doc, want); err == nil && !json.Valid(doc) {
				t.Errorf("read as JSON, and is none: %s", doc)
			}
		}
	})
}

// someOf are the members of a kind whose bits are set, nil for none.
func someOf(kind crm.Kind, bits uint64) *crm.Members {
	var names []string
	for i, name := range record.FormOf(kind).MemberNames() {
		if bits&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	return crm.MustMembers(kind, names...)
}

func TestDecodeBSONNamesTheMember(t *testing.T) {
	tests := []struct {
		kind crm.Kind
		doc  bson.D
		want string // in the error; "" for none
	}{
		{crm.KindTeam, bson.D{{Key: "name", Value: 1}}, `"name"`},
		{crm.KindTeam, bson.D{{Key: "createdAt", Value: "2024"}}, `"createdAt"`},
		{crm.KindTeam, bson.D{{Key: "unknown", Value: bson.D{{Key: "name", Value: 1}}}, {Key: "name", Value: nil}}, ""},
		{crm.KindEmployee, bson.D{{Key: "active", Value: 1}}, `"active"`},
		{crm.KindCustomer, bson.D{{Key: "tags", Value: "vip"}}, `"tags"`},
		{crm.KindCustomer, bson.D{{Key: "version", Value: 1.5}}, `"version"`},
		{crm.KindCustomer, bson.D{{Key: "version", Value: 2.0}}, ""},
		{crm.KindCustomer, bson.D{{Key: "emails", Value: bson.A{bson.D{{Key: "primary", Value: "yes"}}}}}, `"primary"`},
		{crm.KindOrder, bson.D{{Key: "price", Value: bson.A{}}}, `"price"`},
		{crm.KindRecommendation, bson.D{{Key: "score", Value: "high"}}, `"score"`},
		{crm.KindRecommendation, bson.D{{Key: "score", Value: 1}}, ""},
	}
	for _, test := range tests {
		doc, err := bson.Marshal(test.doc)
		if err != nil {
			t.Fatal(err)
		}
		switch _, err := record.FormOf(test.kind).DecodeBSON(doc, nil); {
		case (err == nil) != (test.want == ""):
			t.Errorf("%v: error %v, want one about %s", test.doc, err, test.want)
		case err != nil && !strings.Contains(err.Error(), test.want):
			t.Errorf("%v: %v does not name %s", test.doc, err, test.want)
		}
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	for kind, texts := range map[crm.Kind][]string{
		crm.KindTeam: {
			``, `[]`, `{"name":1}`, `{"name":"a"`, `{"name":"a",}`, `{"name":"a"}{}`, `{,}`, `{"name" "a"}`, `{"name":"\x"}`,
			`{"unknown":[1,]}`, `{"unknown":01}`, `{"unknown":1.}`, `{"unknown":tru}`, `{"name":"a` + "\n" + `"}`, `{"createdAt":"yesterday"}`,
			`{"createdAt":"2024-02-30T00:00:00.000Z"}`, `{"createdAt":"2024-02-28T24:00:00.000Z"}`, strings.Repeat(`{"a":`, 20_000),
		},
		crm.KindCustomer:       {`{"version":1.0}`, `{"tags":{}}`, `{"tags":["a" "b"]}`, `{"emails":[1]}`, `{"version":99999999999999999999}`},
		crm.KindEmployee:       {`{"active":1}`},
		crm.KindOrder:          {`{"price":{"total":{"amount":"1"}}}`, `{"price":[]}`},
		crm.KindRecommendation: {`{"score":"1"}`, `{"score":1e999}`},
	} {
		for _, text := range texts {
			if r, err := record.FormOf(kind).DecodeJSON([]byte(text), nil); err == nil {
				t.Errorf("%.60s was read as %+v", text, r)
			}
		}
	}
}

// JSON that a person wrote: white space, escapes, other offsets, unknown members.
func TestDecodeJSONReadsOtherForms(t *testing.T) {
	text := ` { "unknown" : [ { "a" : [ 1e-5 , null , "\u00e4\\" ] } , { } , [ ] , true ] , "id" : "cus_1" ,
		"n\u0061me" : 1, "displayName":"\"\u00fc\ud834\udd1e\ud834", "createdAt" : "2024-02-29T10:00:00+02:00", "updatedAt":null,
		"tags": [ "a" , null ], "customAttributes":[{"name":"x","value": { "b" : 1.50, "a" : [ ] } }], "memberships":[null] } `
	got, err := record.FormOf(crm.KindCustomer).DecodeJSON([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var written record.Customer
	if err := json.Unmarshal([]byte(text), &written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written.Domain(), got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestAppendJSONRefuses(t *testing.T) {
	for _, r := range []crm.Record{
		&crm.Order{Price: crm.PriceBreakdown{Total: crm.Money{Minor: 1, CurrencyCode: "g\"p"}}},
		&crm.Recommendation{Score: math.NaN()},
		&crm.Customer{CustomAttributes: []crm.CustomAttribute{{Value: "{"}}},
	} {
		if text, err := record.FormOf(r.RecordKind()).AppendJSON(nil, r); err == nil || text != nil {
			t.Errorf("%T was written as %s", r, text)
		}
	}
}

// What is not wanted is stepped over, whatever it is; the same value where it is
// wanted is an error. JSON has to be JSON everywhere.
func TestUnwantedMembersAreNotLookedAt(t *testing.T) {
	form := record.FormOf(crm.KindCustomer)
	inBSON, err := bson.Marshal(bson.D{
		{Key: "tags", Value: 1}, {Key: "emails", Value: bson.A{"x"}}, {Key: "displayName", Value: "Ada"}, {Key: "updatedAt", Value: "never"},
	})
	if err != nil {
		t.Fatal(err)
	}
	inJSON := []byte(`{"tags":1,"emails":["x"],"displayName":"Ada","updatedAt":"never"}`)
	for format, decode := range map[string]func(*crm.Members) (crm.Record, error){
		"BSON": func(want *crm.Members) (crm.Record, error) { return form.DecodeBSON(inBSON, want) },
		"JSON": func(want *crm.Members) (crm.Record, error) { return form.DecodeJSON(inJSON, want) },
	} {
		for name, ok := range map[string]bool{"displayName": true, "language": true, "tags": false, "emails": false, "updatedAt": false} {
			want := crm.MustMembers(crm.KindCustomer, name)
			r, err := decode(want)
			if (err == nil) != ok {
				t.Errorf("%s of %s: %v", name, format, err)
			}
			if err == nil && (r.(*crm.Customer).DisplayName == "Ada") != (name == "displayName") {
				t.Errorf("%s of %s gives the name %q", name, format, r.(*crm.Customer).DisplayName)
			}
		}
	}
	name := crm.MustMembers(crm.KindCustomer, "displayName")
	if _, err := form.DecodeJSON([]byte(`{"tags":[01],"displayName":"Ada"}`), name); err == nil {
		t.Error("what is not wanted was read as JSON, and is none")
	}
}

// Quantities point at the order's lines, which are read with them.
func TestWantedQuantitiesHaveTheirLines(t *testing.T) {
	order := recordtest.FullOrder()
	form := record.FormOf(crm.KindOrder)
	inBSON, inJSON := mirrored(t, order)
	for _, name := range []string{"refunds", "returns", "shipments"} {
		want := crm.MustMembers(crm.KindOrder, name)
		ofBSON, err := form.DecodeBSON(inBSON, want)
		if err != nil {
			t.Fatal(err)
		}
		ofJSON, err := form.DecodeJSON(inJSON, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []crm.Record{ofBSON, ofJSON} {
			got := r.(*crm.Order)
			for _, r := range got.Refunds {
				if len(r.Lines) != 1 || r.Lines[0].Line != got.Lines[1] {
					t.Errorf("the refund is of %+v", r.Lines)
				}
			}
			if n := len(got.Refunds) + len(got.Returns) + len(got.Shipments); n != 1 || len(got.Lines) != 2 || got.Number != "" {
				t.Errorf("%s alone gives %+v", name, got)
			}
		}
	}
}

// TestNoInstantIsLeftOut: an optional instant that is the zero time is none, in both
// forms alike.
func TestNoInstantIsLeftOut(t *testing.T) {
	var zero time.Time
	with, without := recordtest.FullNextBestAction(), recordtest.FullNextBestAction()
	with.DueAt, without.DueAt = &zero, nil
	form := record.FormOf(crm.KindNextBestAction)
	a, _ := form.AppendJSON(nil, with)
	b, _ := form.AppendJSON(nil, without)
	if diff := cmp.Diff(string(b), string(a)); diff != "" {
		t.Errorf("JSON (-without +zero):\n%s", diff)
	}
	if diff := cmp.Diff(form.AppendBSON(nil, without), form.AppendBSON(nil, with)); diff != "" {
		t.Errorf("BSON (-without +zero):\n%s", diff)
	}
}
