package record_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// trip takes a domain value to its record and back through JSON, through BSON
// and as it is.
type trip struct {
	name   string
	domain any
	way    func(t *testing.T, through func(t *testing.T, record, empty any)) any
}

func newTrip[D, R any](name string, domain *D, write func(*D) *R, read func(*R) *D) trip {
	return trip{name, domain, func(t *testing.T, through func(t *testing.T, record, empty any)) any {
		decoded := new(R)
		through(t, write(domain), decoded)
		return read(decoded)
	}}
}

func trips() []trip {
	return []trip{
		newTrip("team", recordtest.FullTeam(), record.NewTeam, (*record.Team).Domain),
		newTrip("employee", recordtest.FullEmployee(), record.NewEmployee, (*record.Employee).Domain),
		newTrip("partnerApp", recordtest.FullPartnerApp(), record.NewPartnerApp, (*record.PartnerApp).Domain),
		newTrip("customer", recordtest.FullCustomer(), record.NewCustomer, (*record.Customer).Domain),
		newTrip("product", recordtest.FullProduct(), record.NewProduct, (*record.Product).Domain),
		newTrip("order", recordtest.FullOrder(), record.NewOrder, (*record.Order).Domain),
		newTrip("ticket", recordtest.FullTicket(), record.NewTicket, (*record.Ticket).Domain),
		newTrip("article", recordtest.FullArticle(), record.NewArticle, (*record.Article).Domain),
		newTrip("interaction", recordtest.FullInteraction(), record.NewInteraction, (*record.Interaction).Domain),
		newTrip("recommendation", recordtest.FullRecommendation(), record.NewRecommendation, (*record.Recommendation).Domain),
		newTrip("nextBestAction", recordtest.FullNextBestAction(), record.NewNextBestAction, (*record.NextBestAction).Domain),
		newTrip("timeline", recordtest.FullTimelineRecord(), record.NewTimelineRecord, (*record.TimelineRecord).Domain),
	}
}

func throughJSON(t *testing.T, written, empty any) {
	t.Helper()
	text, err := record.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	again, err := record.Marshal(written)
	if err != nil || string(again) != string(text) {
		t.Fatalf("encoding is not deterministic:\n%s\n%s", text, again)
	}
	if err := json.Unmarshal(text, empty); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func throughBSON(t *testing.T, written, empty any) {
	t.Helper()
	document, err := bson.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	if err := bson.Unmarshal(document, empty); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, kind := range trips() {
		for form, through := range map[string]func(t *testing.T, written, empty any){"json": throughJSON, "bson": throughBSON} {
			t.Run(kind.name+"/"+form, func(t *testing.T) {
				got := kind.way(t, through)
				if diff := cmp.Diff(kind.domain, got); diff != "" {
					t.Errorf("after the round trip (-want +got):\n%s", diff)
				}
				if !reflect.DeepEqual(kind.domain, got) {
					t.Error("after the round trip the value is equal but not identical")
				}
			})
		}
	}
}

// Lists that are empty come back empty, not nil, so that they are [] in the graph.
func TestEmptyListsAreNotNil(t *testing.T) {
	empty := []trip{
		newTrip("customer", &crm.Customer{
			Consents: []*crm.Consent{{}}, ContactPreferences: &crm.ContactPreferences{},
			Changes: []crm.ProfileChange{{}}, CustomAttributes: []crm.CustomAttribute{{Value: "null"}},
		}, record.NewCustomer, (*record.Customer).Domain),
		newTrip("product", &crm.Product{Variants: []crm.Variant{{}}}, record.NewProduct, (*record.Product).Domain),
		newTrip("order", &crm.Order{
			Refunds: []*crm.Refund{{}}, Returns: []*crm.Return{{}}, Shipments: []*crm.Shipment{{}},
		}, record.NewOrder, (*record.Order).Domain),
		newTrip("ticket", &crm.Ticket{}, record.NewTicket, (*record.Ticket).Domain),
		newTrip("interaction", &crm.Interaction{}, record.NewInteraction, (*record.Interaction).Domain),
		newTrip("recommendation", &crm.Recommendation{}, record.NewRecommendation, (*record.Recommendation).Domain),
		newTrip("timeline", &crm.TimelineRecord{Change: &crm.ProfileChange{}}, record.NewTimelineRecord, (*record.TimelineRecord).Domain),
	}
	for _, kind := range empty {
		for form, through := range map[string]func(t *testing.T, written, empty any){"json": throughJSON, "bson": throughBSON} {
			t.Run(kind.name+"/"+form, func(t *testing.T) {
				visit(reflect.ValueOf(kind.way(t, through)), kind.name, func(path string, v reflect.Value) {
					if v.Kind() == reflect.Slice && v.IsNil() {
						t.Errorf("%s is nil, want an empty list", path)
					}
				})
			})
		}
	}
}

func TestFullValuesHaveNoZeroField(t *testing.T) {
	for _, kind := range trips() {
		visit(reflect.ValueOf(kind.domain), kind.name, func(path string, v reflect.Value) {
			if v.IsZero() && !strings.HasSuffix(path, ".ProductTitle") { // It is not stored.
				t.Errorf("%s is zero: set it in recordtest, and carry it in internal/record", path)
			}
		})
	}
}

// visit calls f for every field and element below v.
func visit(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	f(path, v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			visit(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	default:
	}
}

// The names are the same in JSON and in BSON.
func TestNames(t *testing.T) {
	for _, kind := range []any{
		record.Team{},
		record.Employee{},
		record.PartnerApp{},
		record.Customer{},
		record.Product{},
		record.Order{},
		record.Ticket{},
		record.Article{},
		record.Interaction{},
		record.Recommendation{},
		record.NextBestAction{},
		record.TimelineRecord{},
		record.Consent{},
		record.OrderLine{},
		record.PriceBreakdown{},
	} {
		structure := reflect.TypeOf(kind)
		for i := range structure.NumField() {
			field := structure.Field(i)
			inJSON, inBSON := name(field.Tag.Get("json")), name(field.Tag.Get("bson"))
			if field.Name == "ID" && inJSON == "id" && (inBSON == "_id" || inBSON == "id") {
				continue
			}
			if inJSON == "" || inJSON != inBSON {
				t.Errorf("%s.%s is %q in JSON and %q in BSON", structure.Name(), field.Name, inJSON, inBSON)
			}
		}
	}
}

func name(tag string) string {
	for i, c := range tag {
		if c == ',' {
			return tag[:i]
		}
	}
	return tag
}

func TestQuantitiesKeepUnknownLines(t *testing.T) {
	written := record.NewOrder(recordtest.FullOrder())
	written.Refunds[0].Lines = append(written.Refunds[0].Lines, record.LineQuantity{Line: "gone", Quantity: 1})
	order := written.Domain()
	want := []crm.LineQuantity{{Line: order.Lines[1], Quantity: 1}, {Line: &crm.OrderLine{ID: "gone"}, Quantity: 1}}
	if diff := cmp.Diff(want, order.Refunds[0].Lines); diff != "" {
		t.Errorf("quantities (-want +got):\n%s", diff)
	}
	if order.Refunds[0].Lines[0].Line != order.Lines[1] {
		t.Error("the refund's line is a copy, want the order's own")
	}
}
