package crm

import "time"

// NeedOrigin says how a need is known.
type NeedOrigin string

// The origins of needs.
const (
	NeedOriginStated NeedOrigin = "STATED"
	NeedOriginShown  NeedOrigin = "SHOWN"
)

// NeedStatus is what became of a need.
type NeedStatus string

// The statuses of needs.
const (
	NeedStatusOpen NeedStatus = "OPEN"
	NeedStatusMet  NeedStatus = "MET"
	NeedStatusGone NeedStatus = "GONE"
)

// NeedStrength is how much a customer wants something.
type NeedStrength string

// The strengths of needs, rising.
const (
	NeedStrengthWeak     NeedStrength = "WEAK"
	NeedStrengthModerate NeedStrength = "MODERATE"
	NeedStrengthStrong   NeedStrength = "STRONG"
)

// Need is something that a customer wants: they have said so, or shown it by what
// they did. Customers read what they have said themselves.
type Need struct {
	ID         ID
	CustomerID ID
	Origin     *NeedOrigin // nil if not known
	// Statement is the need in a sentence: the customer's own words if stated.
	Statement string
	// Category and ProductID are what it is for, as far as that is known.
	Category  *string
	ProductID ID
	Channel   *Channel // on which it became known
	// Evidence is what shows it, in staff's words; nil for none.
	Evidence *string
	Strength *NeedStrength // nil if not known
	Status   NeedStatus
	StatedAt time.Time
}

// Complete derives what follows from the rest, where it is missing.
func (n *Need) Complete() {
	setDefault(&n.Status, NeedStatusOpen)
}

// KindNeed is the kind of needs.
const KindNeed Kind = "need"

// SearchKindNeed is what search calls needs.
const SearchKindNeed SearchKind = "NEED"

// ChangeKindNeed is what the feed of changes calls needs.
const ChangeKindNeed ChangeKind = "NEED"

// TimelineKindNeed is of a need in the timeline of its customer.
const TimelineKindNeed TimelineKind = "NEED"

func needKind() *Description {
	return describe[Need](Description{
		Name: "needs", Search: SearchKindNeed, Change: ChangeKindNeed,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldOrigin, Class: ClassText},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldStatedAt, Class: ClassTime},
			{Field: FieldTokens, Class: ClassMany, From: []string{"statement", "category"}},
		},
		Derives: map[string][]string{
			"Need.kind":       {},
			"Need.customer":   {"customer"},
			"Need.product":    {"product"},
			"Need.occurredAt": {"statedAt"},
		},
		Rules: map[string]Rule{
			"Need.customer":  {Needed: true, Refers: KindCustomer, Exists: true},
			"Need.statement": {Needed: true},
			"Need.category":  {Most: MaxWord},
			"Need.product":   {Refers: KindProduct},
			"Need.statedAt":  {Needed: true},
		},
		SearchesIn: []string{"Need.statement", "Need.category"},
	})
}

// The fields that only needs are found by.
const (
	FieldOrigin   Field = "origin"
	FieldStatedAt Field = "stated_at"
)

// RecordKind is the kind of the type.
func (*Need) RecordKind() Kind { return KindNeed }

// RecordID is the id.
func (n *Need) RecordID() ID { return n.ID }

// Position returns the need's place in a list sorted by its time.
func (n *Need) Position(Field) Position { return Position{ID: n.ID, Time: n.StatedAt} }

func (*Need) isNode()          {}
func (*Need) isSearchResult()  {}
func (*Need) isTimelineEntry() {}

func (n *Need) begin(r *TimelineRecord) { n.ID, n.StatedAt = r.Ref, r.OccurredAt }

// Kind is always TimelineKindNeed.
func (*Need) Kind() TimelineKind { return TimelineKindNeed }

// OccurredAt is when the need was stated or shown.
func (n *Need) OccurredAt() time.Time { return n.StatedAt }

// TimelineRecords returns the need as an entry of its customer's timeline.
func (n *Need) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for _, customer := range accounts(n.CustomerID) {
		records = append(records, &TimelineRecord{
			ID: n.ID, Kind: n.Kind(), OccurredAt: n.StatedAt, CustomerID: customer, Ref: n.ID,
		})
	}
	return records
}

// Keys returns what needs are found by.
func (n *Need) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer: string(n.CustomerID), FieldOrigin: deref(n.Origin), FieldStatus: string(n.Status),
		},
		Time: map[Field]time.Time{FieldStatedAt: n.StatedAt},
		Many: map[Field][]string{FieldTokens: Tokens(nil, n.Statement, deref(n.Category))},
	}
}

// NeedFilter selects needs; every condition given must hold.
type NeedFilter struct {
	Status   []NeedStatus
	StatedAt *TimeRange
}

// Predicates returns the filter's conditions; nil selects every need.
func (f *NeedFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(in(FieldStatus, f.Status), within(FieldStatedAt, f.StatedAt))
}
