package crm

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// TimelineKind is what a timeline entry tells.
type TimelineKind string

// The timeline kinds.
const (
	TimelineKindOrderPlaced    TimelineKind = "ORDER_PLACED"
	TimelineKindOrderPaid      TimelineKind = "ORDER_PAID"
	TimelineKindOrderShipped   TimelineKind = "ORDER_SHIPPED"
	TimelineKindOrderDelivered TimelineKind = "ORDER_DELIVERED"
	TimelineKindOrderReturned  TimelineKind = "ORDER_RETURNED"
	TimelineKindOrderRefunded  TimelineKind = "ORDER_REFUNDED"
	TimelineKindOrderCanceled  TimelineKind = "ORDER_CANCELED"
	TimelineKindTicketOpened   TimelineKind = "TICKET_OPENED"
	TimelineKindTicketAnswered TimelineKind = "TICKET_ANSWERED"
	TimelineKindTicketResolved TimelineKind = "TICKET_RESOLVED"
	TimelineKindTicketClosed   TimelineKind = "TICKET_CLOSED"
	TimelineKindInteraction    TimelineKind = "INTERACTION"
	TimelineKindConsentChanged TimelineKind = "CONSENT_CHANGED"
	TimelineKindProfileChanged TimelineKind = "PROFILE_CHANGED"
)

// TimelineEntry is one thing in a customer's history: *OrderEvent, *TicketEvent,
// *ConsentChange, *ProfileChange, or a record that is an entry as a whole.
type TimelineEntry interface{ isTimelineEntry() }

func (*OrderEvent) isTimelineEntry()    {}
func (*TicketEvent) isTimelineEntry()   {}
func (*ConsentChange) isTimelineEntry() {}
func (*ProfileChange) isTimelineEntry() {}

// OrderEvent is something that happened to an order. Its ID is the same wherever the
// order is read from and in whatever timeline the event stands.
type OrderEvent struct {
	ID         string
	Kind       TimelineKind
	OccurredAt time.Time
	OrderID    ID
}

// TicketEvent is something that happened to a ticket. Its ID is the same in whatever
// timeline the event stands.
type TicketEvent struct {
	ID         string
	Kind       TimelineKind
	OccurredAt time.Time
	TicketID   ID
}

// Kind is always TimelineKindConsentChanged.
func (*ConsentChange) Kind() TimelineKind { return TimelineKindConsentChanged }

// Kind is always TimelineKindProfileChanged.
func (*ProfileChange) Kind() TimelineKind { return TimelineKindProfileChanged }

// TimelineRecord is an entry as stores keep it. Ref is the record it was
// derived from: writing that replaces all its entries. The customers are those
// in whose timeline it stands.
type TimelineRecord struct {
	ID         ID // unique among entries; no Kind
	Kind       TimelineKind
	OccurredAt time.Time
	CustomerID ID
	Ref        ID // the record
	// Consent is set for CONSENT_CHANGED, Change for PROFILE_CHANGED.
	Consent *ConsentChange
	Change  *ProfileChange
}

// Entry returns what the graph shows for the record. If that is the record of Ref
// itself (Description.Entry), such as an interaction, it has nothing but its id and
// its time, which is all that the timeline keeps of it; nil for a Ref of no such kind.
func (r *TimelineRecord) Entry() TimelineEntry {
	switch {
	case r.Consent != nil:
		return r.Consent
	case r.Change != nil:
		return r.Change
	case r.Ref.Kind() == KindOrder:
		return r.orderEvent()
	case r.Ref.Kind() == KindTicket:
		return &TicketEvent{ID: ticketEventID(r.Ref, r.Kind), Kind: r.Kind, OccurredAt: r.OccurredAt, TicketID: r.Ref}
	}
	d := Describe(r.Ref.Kind())
	if d == nil || !d.Entry {
		return nil
	}
	entry := d.New().(recordEntry)
	entry.begin(r)
	return entry
}

// recordEntry is a record that is a timeline entry itself.
type recordEntry interface {
	TimelineEntry
	// begin gives an empty record its id and its time.
	begin(r *TimelineRecord)
}

// KindTimeline is the kind of timeline entries, which come with other records; their
// ids have no prefix.
const KindTimeline Kind = "timeline"

func timelineKind() *Description {
	return describe[TimelineRecord](Description{
		Name: "timeline", Derived: true, Shard: FieldCustomer,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText},
			{Field: FieldKind, Class: ClassText},
			{Field: FieldRef, Class: ClassText},
			{Field: FieldOccurredAt, Class: ClassTime},
		},
		Derives: map[string][]string{
			"ConsentChange.kind":  {},
			"ConsentChange.actor": {"ConsentChange.actor", "ActorRef.id", "ActorRef.system"},
			"ProfileChange.kind":  {},
			"ProfileChange.actor": {"ProfileChange.actor", "ActorRef.id", "ActorRef.system"},
		},
	})
}

// RecordKind is the kind of the type.
func (*TimelineRecord) RecordKind() Kind { return KindTimeline }

// RecordID is the id.
func (r *TimelineRecord) RecordID() ID { return r.ID }

// Position returns the entry's place in a list sorted by its time.
func (r *TimelineRecord) Position(Field) Position { return Position{ID: r.ID, Time: r.OccurredAt} }

// Keys returns what timeline entries are found by.
func (r *TimelineRecord) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer: string(r.CustomerID), FieldKind: string(r.Kind), FieldRef: string(r.Ref),
		},
		Time: map[Field]time.Time{FieldOccurredAt: r.OccurredAt},
	}
}

// accounts returns the ids that are set, each once.
func accounts(ids ...ID) []ID {
	set := []ID{}
	for _, id := range ids {
		if id != "" && !slices.Contains(set, id) {
			set = append(set, id)
		}
	}
	return set
}

// nth is the id of the event if it is the nth of its kind and time. It must not say at
// which place of the order's lists the event is: a shop may put a refund before the
// others, and a client's cache would take one for the other. Of events of one kind and
// time, clients see no difference.
func (e *OrderEvent) nth(n int) string {
	id := string(e.OrderID) + "/" + string(e.Kind)
	if e.Kind != TimelineKindOrderPlaced && e.Kind != TimelineKindOrderCanceled { // There is one at most.
		id += "/" + strconv.FormatInt(e.OccurredAt.UnixMilli(), 10)
	}
	if n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// orderEvent returns the event that the entry tells of. The ids of entries that an
// earlier version has stored are other ones: such an event is the first of its time.
func (r *TimelineRecord) orderEvent() *OrderEvent {
	e := &OrderEvent{Kind: r.Kind, OccurredAt: r.OccurredAt, OrderID: r.Ref}
	e.ID = e.nth(1)
	if rest, ok := strings.CutPrefix(string(r.ID), e.ID+"-"); ok {
		digits, _, _ := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(digits); err == nil {
			e.ID = e.nth(n)
		}
	}
	return e
}

// ticketEventID is the id of an event of a ticket, of which there is one of each kind.
func ticketEventID(ticket ID, kind TimelineKind) string { return string(ticket) + "/" + string(kind) }

// entryID tells an event's entries in several timelines apart.
func entryID(event string, account int) ID {
	if account == 0 {
		return ID(event)
	}
	return ID(event + "/" + strconv.Itoa(account+1))
}

// sortByTime sorts by time, ties by id.
func sortByTime[T any](list []T, key func(T) (time.Time, string)) {
	slices.SortFunc(list, func(a, b T) int {
		at, aid := key(a)
		bt, bid := key(b)
		if c := at.Compare(bt); c != 0 {
			return c
		}
		return strings.Compare(aid, bid)
	})
}

// TimelineFilter selects timeline entries; every condition given must hold.
type TimelineFilter struct {
	Kind       []TimelineKind
	OccurredAt *TimeRange
}

// Predicates returns the filter's conditions; nil selects every entry.
func (f *TimelineFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(in(FieldKind, f.Kind), within(FieldOccurredAt, f.OccurredAt))
}
