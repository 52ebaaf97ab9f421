package crm_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

func ptr[T any](v T) *T { return &v }

func instant(minute int) time.Time { return time.Date(2026, 5, 1, 12, minute, 0, 0, time.UTC) }

// filter is what all filters have in common.
type filter interface {
	Predicates() ([]crm.Predicate, error)
}

func TestFilterPredicates(t *testing.T) {
	after, before := ptr(instant(1)), ptr(instant(2))
	span := &crm.TimeRange{After: after, Before: before}
	tests := []struct {
		name   string
		filter filter
		want   []crm.Predicate
	}{
		{"no customer filter", (*crm.CustomerFilter)(nil), nil},
		{"no order filter", (*crm.OrderFilter)(nil), nil},
		{"no product filter", (*crm.ProductFilter)(nil), nil},
		{"no ticket filter", (*crm.TicketFilter)(nil), nil},
		{"no article filter", (*crm.ArticleFilter)(nil), nil},
		{"no interaction filter", (*crm.InteractionFilter)(nil), nil},
		{"no recommendation filter", (*crm.RecommendationFilter)(nil), nil},
		{"no timeline filter", (*crm.TimelineFilter)(nil), nil},
		{"an empty filter", &crm.CustomerFilter{UpdatedAt: &crm.TimeRange{}}, nil},
		{
			"customers", &crm.CustomerFilter{
				Kind: []crm.CustomerKind{"PERSON"}, OwnerID: []crm.ID{"emp_1"}, Tag: []string{"VIP", `{"$gt": ""}`}, CreatedAt: span,
			},
			[]crm.Predicate{
				{Field: crm.FieldKind, In: []string{"PERSON"}},
				{Field: crm.FieldOwner, In: []string{"emp_1"}},
				{Field: crm.FieldTag, In: []string{"VIP", `{"$gt": ""}`}},
				{Field: crm.FieldCreatedAt, After: after, Before: before},
			},
		},
		{
			"orders", &crm.OrderFilter{Source: []string{"shop"}, Number: ptr(" A-1 "), PlacedAt: &crm.TimeRange{Before: before}},
			[]crm.Predicate{
				{Field: crm.FieldSource, In: []string{"shop"}},
				{Field: crm.FieldNumber, In: []string{"a-1"}},
				{Field: crm.FieldPlacedAt, Before: before},
			},
		},
		{
			"products", &crm.ProductFilter{Category: []string{"Tee & Kaffee"}, SKU: []crm.SKURef{{Source: "shop", SKU: "M-1"}}},
			[]crm.Predicate{{Field: crm.FieldCategory, In: []string{"tee & kaffee"}}, {Field: crm.FieldSKU, In: []string{"shop:M-1"}}},
		},
		{
			"tickets", &crm.TicketFilter{Open: ptr(true), Status: []crm.TicketStatus{"NEW", "CLOSED"}, QueueID: []crm.ID{"team_1"}},
			[]crm.Predicate{
				{Field: crm.FieldOpen, In: []string{"yes"}},
				{Field: crm.FieldStatus, In: []string{"NEW", "CLOSED"}},
				{Field: crm.FieldQueue, In: []string{"team_1"}},
			},
		},
		{
			"what is there and what is not", &crm.TicketFilter{HasType: ptr(false), HasAssignee: ptr(true)},
			[]crm.Predicate{{Field: crm.FieldType, Absent: true}, {Field: crm.FieldAssignee, Present: true}},
		},
		{
			"a value is there", &crm.CustomerFilter{LoyaltyClass: []crm.LoyaltyClass{"LOYAL"}, HasLoyaltyClass: ptr(true)},
			[]crm.Predicate{{Field: crm.FieldLoyalty, In: []string{"LOYAL"}}},
		},
		{
			"articles", &crm.ArticleFilter{Visibility: []crm.Visibility{"PUBLIC"}},
			[]crm.Predicate{{Field: crm.FieldVisibility, In: []string{"PUBLIC"}}},
		},
		{
			"timeline", &crm.TimelineFilter{Kind: []crm.TimelineKind{"ORDER_PAID", "INTERACTION"}, OccurredAt: &crm.TimeRange{After: after}},
			[]crm.Predicate{{Field: crm.FieldKind, In: []string{"ORDER_PAID", "INTERACTION"}}, {Field: crm.FieldOccurredAt, After: after}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.filter.Predicates()
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestFilterRefuses(t *testing.T) {
	tests := map[string]filter{
		"an empty list":                &crm.CustomerFilter{Tag: []string{}},
		"an empty category list":       &crm.ProductFilter{Category: []string{}},
		"an empty SKU list":            &crm.ProductFilter{SKU: []crm.SKURef{}},
		"a long list":                  &crm.CustomerFilter{Segment: make([]string, 101)},
		"a range that ends at once":    &crm.OrderFilter{PlacedAt: &crm.TimeRange{After: ptr(instant(1)), Before: ptr(instant(1))}},
		"a range the wrong way round":  &crm.OrderFilter{UpdatedAt: &crm.TimeRange{After: ptr(instant(2)), Before: ptr(instant(1))}},
		"open and closed":              &crm.TicketFilter{Open: ptr(true), Status: []crm.TicketStatus{"CLOSED", "MERGED"}},
		"not open and new":             &crm.TicketFilter{Open: ptr(false), Status: []crm.TicketStatus{"NEW"}},
		"a value of nothing":           &crm.TicketFilter{AssigneeID: []crm.ID{"emp_1"}, HasAssignee: ptr(false)},
		"an empty list of nothing":     &crm.TicketFilter{Channel: []crm.Channel{}, HasChannel: ptr(false)},
		"a second condition is broken": &crm.InteractionFilter{Channel: []crm.Channel{"WEB"}, ThreadID: []string{}},
	}
	for name, f := range tests {
		if got, err := f.Predicates(); crm.CodeOf(err) != crm.CodeInvalid || got != nil {
			t.Errorf("%s: %+v, %v, want Invalid", name, got, err)
		}
	}
	if _, err := (&crm.CustomerFilter{Tag: make([]string, 100)}).Predicates(); err != nil {
		t.Errorf("100 values: %v", err)
	}
}

// A field added to a filter must become a predicate.
func TestEveryFilterFieldCounts(t *testing.T) {
	for _, f := range []filter{
		&crm.CustomerFilter{}, &crm.OrderFilter{}, &crm.ProductFilter{}, &crm.TicketFilter{}, &crm.ArticleFilter{},
		&crm.InteractionFilter{}, &crm.RecommendationFilter{}, &crm.TimelineFilter{}, &crm.NoteFilter{}, &crm.NeedFilter{},
	} {
		v := reflect.ValueOf(f).Elem()
		for i := range v.NumField() {
			field := v.Field(i)
			switch x := field.Addr().Interface().(type) {
			case **crm.TimeRange:
				*x = &crm.TimeRange{After: ptr(instant(1))}
			case **string:
				*x = ptr("x")
			case **bool:
				*x = ptr(true)
			default:
				field.Set(reflect.MakeSlice(field.Type(), 1, 1))
			}
			if got, err := f.Predicates(); len(got) != 1 || err != nil {
				t.Errorf("%T.%s alone gives %+v, %v, want one predicate", f, v.Type().Field(i).Name, got, err)
			}
			field.SetZero()
		}
	}
}

// Whatever records may be without can be asked for: a filter by a word of an enumeration
// that may be null, or by a reference, also says whether it is there.
func TestFiltersOfWhatMayBeAbsent(t *testing.T) {
	for filter, record := range map[any]any{
		&crm.CustomerFilter{}: &crm.Customer{}, &crm.OrderFilter{}: &crm.Order{}, &crm.ProductFilter{}: &crm.Product{},
		&crm.TicketFilter{}: &crm.Ticket{}, &crm.ArticleFilter{}: &crm.Article{}, &crm.NoteFilter{}: &crm.Note{}, &crm.NeedFilter{}: &crm.Need{},
		&crm.InteractionFilter{}: &crm.Interaction{}, &crm.RecommendationFilter{}: &crm.Recommendation{},
	} {
		of, in := reflect.TypeOf(filter).Elem(), reflect.TypeOf(record).Elem()
		for i := range of.NumField() {
			list := of.Field(i)
			member, there := in.FieldByName(list.Name)
			word := there && list.Type.Kind() == reflect.Slice && member.Type == reflect.PointerTo(list.Type.Elem()) && list.Type.Elem() != reflect.TypeFor[string]()
			reference := there && list.Type == reflect.TypeFor[[]crm.ID]()
			has, asked := of.FieldByName("Has" + strings.TrimSuffix(list.Name, "ID"))
			if want := word || reference; asked != want || asked && has.Type != reflect.TypeFor[*bool]() {
				t.Errorf("%s.%s: whether it is there can be asked: %t, want %t", of.Name(), list.Name, asked, want)
			}
		}
	}
}

func TestIdentifierPredicate(t *testing.T) {
	shop := &crm.ExternalIdentityRef{Source: "shop", ExternalID: "A:7"}
	tests := []struct {
		identifier crm.CustomerIdentifier
		want       crm.Predicate
	}{
		{crm.CustomerIdentifier{Email: ptr(" Zoe@Example.COM ")}, crm.Predicate{Field: crm.FieldEmail, In: []string{"zoe@example.com"}}},
		{crm.CustomerIdentifier{Phone: ptr("+44 (1632) 960-123")}, crm.Predicate{Field: crm.FieldPhone, In: []string{"+441632960123"}}},
		{crm.CustomerIdentifier{ExternalIdentity: shop}, crm.Predicate{Field: crm.FieldIdentity, In: []string{"shop:A:7"}}},
	}
	for _, test := range tests {
		got, err := test.identifier.Predicate()
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	for name, identifier := range map[string]crm.CustomerIdentifier{
		"none":  {},
		"two":   {Email: ptr("a@b.c"), Phone: ptr("+1")},
		"three": {Email: ptr("a@b.c"), Phone: ptr("+1"), ExternalIdentity: shop},
	} {
		if got, err := identifier.Predicate(); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s: %+v, %v, want Invalid", name, got, err)
		}
	}
}

func TestWithText(t *testing.T) {
	where := []crm.Predicate{{Field: crm.FieldStatus, In: []string{"OPEN"}}}
	got, err := crm.WithText(where, ptr("Zoë mü"))
	want := append(where, crm.Predicate{Field: crm.FieldTokens, Prefix: "zoe"}, crm.Predicate{Field: crm.FieldTokens, Prefix: "mu"})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := crm.WithText(where, nil); len(got) != 1 || err != nil {
		t.Errorf("without text: %+v, %v", got, err)
	}
	if _, err := crm.WithText(where, ptr("%")); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("without a word: %v, want Invalid", err)
	}
}
