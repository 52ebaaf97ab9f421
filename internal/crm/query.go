package crm

import (
	"slices"
	"strings"
	"time"
)

// Field names a key that records are found, filtered or sorted by. Each kind's
// Keys method says which keys it has and where they come from.
type Field string

// The fields. FieldID is every record's id.
const (
	FieldID           Field = "id"
	FieldTokens       Field = "tokens"
	FieldCreatedAt    Field = "created_at"
	FieldUpdatedAt    Field = "updated_at"
	FieldName         Field = "name"
	FieldKind         Field = "kind"
	FieldStatus       Field = "status"
	FieldLifecycle    Field = "lifecycle_stage"
	FieldLoyalty      Field = "loyalty_class"
	FieldOwner        Field = "owner"
	FieldTag          Field = "tag"
	FieldSegment      Field = "segment"
	FieldEmail        Field = "email"
	FieldPhone        Field = "phone"
	FieldIdentity     Field = "identity"
	FieldOrganization Field = "organization"
	FieldCustomer     Field = "customer"
	FieldSource       Field = "source"
	FieldNumber       Field = "number"
	FieldFinancial    Field = "financial_status"
	FieldFulfillment  Field = "fulfillment_status"
	FieldPlacedAt     Field = "placed_at"
	FieldCanceled     Field = "canceled"
	FieldCurrency     Field = "currency"
	FieldGross        Field = "gross"
	FieldNet          Field = "net"
	FieldSKU          Field = "sku"
	FieldCategory     Field = "category"
	FieldRequester    Field = "requester"
	FieldAssignee     Field = "assignee"
	FieldQueue        Field = "queue"
	FieldOpen         Field = "open"
	FieldType         Field = "type"
	FieldPriority     Field = "priority"
	FieldSatisfaction Field = "satisfaction"
	FieldTicket       Field = "ticket"
	FieldVisibility   Field = "visibility"
	FieldChannel      Field = "channel"
	FieldOccurredAt   Field = "occurred_at"
	FieldThread       Field = "thread"
	FieldRank         Field = "rank"
	FieldRef          Field = "ref"
	FieldEntity       Field = "entity"
	FieldExpiresAt    Field = "expires_at"
)

// Keys are what a record is found by, computed here so that every store holds
// the same. An empty text and a nil number are absent; times are UTC, cut to
// the millisecond.
type Keys struct {
	// Text holds single values, compared as bytes.
	Text map[Field]string
	// Time holds instants.
	Time map[Field]time.Time
	// Number holds whole numbers: minor units, ranks.
	Number map[Field]int64
	// Many holds fields with any number of values; a predicate holds if it
	// holds for one of them.
	Many map[Field][]string
}

// Predicate is one condition on one field; exactly one of In, Prefix, Present,
// Absent and the range is set. All predicates of a query must hold.
type Predicate struct {
	Field Field
	// In: the field, which holds text, has one of these values.
	In []string
	// Prefix: the field, which holds text, starts with these bytes.
	Prefix string
	// Present: the field, which is of ClassText, has a value. Absent: it has none.
	Present, Absent bool
	// After and Before: the field's time lies strictly between them; nil is
	// unbounded.
	After, Before *time.Time
}

// Holds says whether a record with these keys fulfils the condition, as every
// store does.
func (p Predicate) Holds(keys Keys) bool {
	if p.After != nil || p.Before != nil {
		at, ok := keys.Time[p.Field]
		return ok && (p.After == nil || at.UnixMilli() > p.After.UnixMilli()) &&
			(p.Before == nil || at.UnixMilli() < p.Before.UnixMilli())
	}
	if p.Present || p.Absent {
		return (keys.Text[p.Field] != "") == p.Present
	}
	if holdsText(p, keys.Text[p.Field]) {
		return true
	}
	return slices.ContainsFunc(keys.Many[p.Field], func(text string) bool { return holdsText(p, text) })
}

func holdsText(p Predicate, text string) bool {
	switch {
	case text == "":
		return false
	case p.In != nil:
		return slices.Contains(p.In, text)
	default:
		return strings.HasPrefix(text, p.Prefix)
	}
}

// Sort is the order of a list: by a field that every record of the kind has (a
// time, a single text or a number), ties by id, both in the same direction.
// FieldID alone sorts by id.
type Sort struct {
	Field Field
	Desc  bool
}

// OrderDirection is the direction of a list.
type OrderDirection string

// The directions.
const (
	OrderDirectionAsc  OrderDirection = "ASC"
	OrderDirectionDesc OrderDirection = "DESC"
)

// Position is a place in a sorted list: just at the record with these keys.
// Which of Time, Text and Number counts is the sort field's matter.
type Position struct {
	Time   time.Time
	Text   string
	Number int64
	ID     ID
}

// PageRequest asks for the first Limit records between two positions, both
// excluded, or with Backward for the last ones. Records come in the list's
// order either way. Limit is at least 0; ports set no upper bound.
type PageRequest struct {
	Limit         int
	Backward      bool
	After, Before *Position
}

// Page is a stretch of a list.
type Page[T any] struct {
	// Items are never nil where a port gives the page.
	Items []*T
	// More says that further records follow in the direction asked for, before
	// the bound on that side.
	More bool
}

// Query asks for one page of a list.
type Query struct {
	Where []Predicate
	Sort  Sort
	Page  PageRequest
	// Members are those of the records that are wanted, nil for all. What a record's
	// place in the list is computed from comes with them.
	Members *Members
}

// TimeRange is the time strictly after one instant and strictly before another.
type TimeRange struct {
	After, Before *time.Time
}

// condition is one condition of a filter: nothing, a predicate or an error.
type condition func() (*Predicate, error)

// conditions returns the predicates of a filter's conditions, or the first error.
func conditions(list ...condition) ([]Predicate, error) {
	var where []Predicate
	for _, c := range list {
		switch p, err := c(); {
		case err != nil:
			return nil, err
		case p != nil:
			where = append(where, *p)
		}
	}
	return where, nil
}

// in is the condition that field is one of values. A nil list sets no
// condition; an empty one could match nothing and is Invalid.
func in[S ~string](field Field, values []S) condition {
	return func() (*Predicate, error) {
		switch {
		case values == nil:
			return nil, nil
		case len(values) == 0:
			return nil, Invalid("a filter's list must not be empty: leave the filter out to match everything")
		case len(values) > 100:
			return nil, Invalid("a filter's list must have at most 100 values")
		}
		in := make([]string, len(values))
		for i, v := range values {
			if len(v) > maxTextKey {
				return nil, Invalid("a filter's value must have at most 256 bytes")
			}
			in[i] = string(v)
		}
		return &Predicate{Field: field, In: in}, nil
	}
}

// maybe is in for a field that a record may have no value of. has is whether it has
// one, nil for either; values of records that have none are Invalid.
func maybe[S ~string](field Field, values []S, has *bool) condition {
	switch {
	case has == nil || *has && values != nil:
		return in(field, values)
	case values != nil:
		return func() (*Predicate, error) {
			return nil, Invalid("a filter must not ask for some values of a field and for records that have none")
		}
	}
	return func() (*Predicate, error) {
		return &Predicate{Field: field, Present: *has, Absent: !*has}, nil
	}
}

// within is the condition that field's time lies in r.
func within(field Field, r *TimeRange) condition {
	return func() (*Predicate, error) {
		switch {
		case r == nil || (r.After == nil && r.Before == nil):
			return nil, nil
		case r.After != nil && r.Before != nil && !r.After.Before(*r.Before):
			return nil, Invalid("a time range must have its after earlier than its before")
		}
		return &Predicate{Field: field, After: r.After, Before: r.Before}, nil
	}
}

// yes is the condition that a yes-or-no field is value.
func yes(field Field, value *bool) condition {
	return func() (*Predicate, error) {
		if value == nil {
			return nil, nil
		}
		return &Predicate{Field: field, In: []string{YesNo(*value)}}, nil
	}
}

// YesNo is the key of a yes-or-no field.
func YesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// WithText adds the condition that records match every term of text.
func WithText(where []Predicate, text *string) ([]Predicate, error) {
	if text == nil {
		return where, nil
	}
	terms, err := SearchTerms(*text)
	if err != nil {
		return nil, err
	}
	for _, term := range terms {
		where = append(where, Predicate{Field: FieldTokens, Prefix: term})
	}
	return where, nil
}
