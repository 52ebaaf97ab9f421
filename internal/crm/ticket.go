package crm

import (
	"fmt"
	"time"
)

// TicketType is what a ticket is about.
type TicketType string

// The ticket types.
const (
	TicketTypeQuestion       TicketType = "QUESTION"
	TicketTypeProblem        TicketType = "PROBLEM"
	TicketTypeComplaint      TicketType = "COMPLAINT"
	TicketTypeSuggestion     TicketType = "SUGGESTION"
	TicketTypeReturn         TicketType = "RETURN"
	TicketTypeServiceRequest TicketType = "SERVICE_REQUEST"
)

// TicketPriority is how soon a ticket must be seen to.
type TicketPriority string

// The ticket priorities, rising.
const (
	TicketPriorityLow    TicketPriority = "LOW"
	TicketPriorityNormal TicketPriority = "NORMAL"
	TicketPriorityHigh   TicketPriority = "HIGH"
	TicketPriorityUrgent TicketPriority = "URGENT"
)

// TicketStatus is where a ticket stands.
type TicketStatus string

// The ticket statuses.
const (
	TicketStatusNew               TicketStatus = "NEW"
	TicketStatusOpen              TicketStatus = "OPEN"
	TicketStatusPendingCustomer   TicketStatus = "PENDING_CUSTOMER"
	TicketStatusPendingThirdParty TicketStatus = "PENDING_THIRD_PARTY"
	TicketStatusResolved          TicketStatus = "RESOLVED"
	TicketStatusClosed            TicketStatus = "CLOSED"
	TicketStatusMerged            TicketStatus = "MERGED"
)

// Open says whether somebody still has to act.
func (s TicketStatus) Open() bool {
	switch s {
	case TicketStatusResolved, TicketStatusClosed, TicketStatusMerged:
		return false
	case TicketStatusNew, TicketStatusOpen, TicketStatusPendingCustomer, TicketStatusPendingThirdParty:
	}
	return true
}

// Ticket is a customer's request to the company and what became of it.
type Ticket struct {
	ID              ID
	Number          string
	Source          *string // the system it came from; nil for this one
	ExternalID      *string
	Subject         string
	Type            *TicketType // nil if not known
	Channel         *Channel    // nil if not known
	Priority        TicketPriority
	Status          TicketStatus
	Category        *string
	QueueID         ID // Team; "" for none
	AssigneeID      ID // Employee; "" for none
	CustomerID      ID // the account; "" for none
	RequesterID     ID // the person who asked, a customer too; "" for none
	Subjects        []*TicketSubject
	SLA             *TicketSLA
	FirstResponseAt *time.Time
	ResolvedAt      *time.Time
	ClosedAt        *time.Time
	ReopenCount     int
	Satisfaction    *Satisfaction
	// Version counts the writes, from 1.
	Version              int
	CreatedAt, UpdatedAt time.Time
}

// TicketSubject is something a ticket is about; any of its ids may be "".
type TicketSubject struct {
	OrderID   ID
	LineID    string // of the order's lines
	ProductID ID
}

// TicketSLA is what was promised for a ticket.
type TicketSLA struct {
	FirstResponse, NextResponse, Resolution *SLATarget
}

// SLATarget is one promise: when it is due, since when it is broken, since when
// its clock stands still.
type SLATarget struct {
	DueAt, BreachedAt, PausedAt *time.Time
}

// Satisfaction is the customer's verdict.
type Satisfaction struct {
	Score   int // 1 (bad) to 5 (good)
	Comment *string
	RatedAt time.Time
}

// Complete derives what follows from the rest, where it is missing.
func (t *Ticket) Complete() {
	setDefault(&t.Priority, TicketPriorityNormal)
	setDefault(&t.Status, TicketStatusNew)
	setDefault(&t.Number, deref(t.ExternalID))
	setDefault(&t.RequesterID, t.CustomerID)
}

// check returns what is wrong with a ticket whose members are right by themselves.
func (t *Ticket) check() *Error {
	if t.RequesterID == "" && t.CustomerID != "" {
		return mustBeGiven("requester")
	}
	for i, s := range t.Subjects {
		if *s == (TicketSubject{}) {
			return Wrong(fmt.Sprintf("subjects[%d]", i), "must name an order, a line of it or a product")
		}
	}
	return nil
}

// Events are what happened to the ticket, oldest first, as its data tells.
func (t *Ticket) Events() []*TicketEvent {
	events := []*TicketEvent{}
	add := func(kind TimelineKind, at *time.Time) {
		if at != nil {
			events = append(events, &TicketEvent{
				ID: ticketEventID(t.ID, kind), Kind: kind, OccurredAt: *at, TicketID: t.ID,
			})
		}
	}
	add(TimelineKindTicketOpened, &t.CreatedAt)
	add(TimelineKindTicketAnswered, t.FirstResponseAt)
	add(TimelineKindTicketResolved, t.ResolvedAt)
	add(TimelineKindTicketClosed, t.ClosedAt)
	sortByTime(events, func(e *TicketEvent) (time.Time, string) { return e.OccurredAt, e.ID })
	return events
}

// KindTicket is the kind of tickets.
const KindTicket Kind = "tkt"

func ticketKind() *Description {
	return describe[Ticket](Description{
		Search:     SearchKindTicket,
		SearchesIn: []string{"Ticket.number", "Ticket.subject"},
		Name:       "tickets", Change: ChangeKindTicket,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldRequester, Class: ClassText, Parent: KindCustomer},
			{Field: FieldNumber, Class: ClassText},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldOpen, Class: ClassText, From: []string{"status"}},
			{Field: FieldType, Class: ClassText},
			{Field: FieldPriority, Class: ClassText},
			{Field: FieldChannel, Class: ClassText},
			{Field: FieldAssignee, Class: ClassText},
			{Field: FieldQueue, Class: ClassText},
			{Field: FieldCreatedAt, Class: ClassTime},
			{Field: FieldUpdatedAt, Class: ClassTime},
			{Field: FieldSatisfaction, Class: ClassNumber, From: []string{"satisfaction.score"}},
			{Field: FieldTokens, Class: ClassMany, From: []string{"number", "subject"}},
		},
		Derives: map[string][]string{
			"Ticket.queue":          {"queue"},
			"Ticket.assignee":       {"assignee"},
			"Ticket.customer":       {"customer"},
			"Ticket.requester":      {"requester"},
			"Ticket.articles":       {},
			"Ticket.events":         {"createdAt", "firstResponseAt", "resolvedAt", "closedAt"},
			"TicketSubject.order":   {"TicketSubject.order"},
			"TicketSubject.line":    {"TicketSubject.order", "TicketSubject.line"},
			"TicketSubject.product": {"TicketSubject.product"},
		},
		Rules: map[string]Rule{
			"Ticket.number":         {Needed: true, Most: MaxWord},
			"Ticket.source":         {Most: MaxWord, check: checkSource},
			"Ticket.externalId":     {Most: MaxExternalID, check: checkExternalID},
			"Ticket.category":       {Most: MaxWord},
			"Ticket.customer":       {Refers: KindCustomer, Exists: true},
			"Ticket.requester":      {Refers: KindCustomer, Exists: true},
			"Ticket.queue":          {Refers: KindTeam},
			"Ticket.assignee":       {Refers: KindEmployee},
			"Ticket.version":        {Low: 1, High: MaxNumber},
			"Ticket.createdAt":      {Needed: true},
			"Ticket.updatedAt":      {Needed: true},
			"TicketSubject.order":   {Refers: KindOrder},
			"TicketSubject.line":    {Most: MaxWord},
			"TicketSubject.product": {Refers: KindProduct},
			"Satisfaction.score":    {Low: 1, High: 5},
			"Satisfaction.ratedAt":  {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*Ticket) RecordKind() Kind { return KindTicket }

// RecordID is the id.
func (t *Ticket) RecordID() ID { return t.ID }

// Position returns the ticket's place in a list sorted by field.
func (t *Ticket) Position(field Field) Position {
	if field == FieldUpdatedAt {
		return Position{ID: t.ID, Time: t.UpdatedAt}
	}
	return Position{ID: t.ID, Time: t.CreatedAt}
}

func (*Ticket) isNode()         {}
func (*Ticket) isSearchResult() {}

// RecordVersion is the version.
func (t *Ticket) RecordVersion() int { return t.Version }

// TimelineRecords returns the ticket's events in the timelines of the account and of the
// person who asked.
func (t *Ticket) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for i, customer := range accounts(t.CustomerID, t.RequesterID) {
		for _, e := range t.Events() {
			records = append(records, &TimelineRecord{
				ID: entryID(e.ID, i), Kind: e.Kind, OccurredAt: e.OccurredAt, CustomerID: customer, Ref: t.ID,
			})
		}
	}
	return records
}

// Keys returns what tickets are found by.
func (t *Ticket) Keys() Keys {
	keys := Keys{
		Text: map[Field]string{
			FieldCustomer:  string(t.CustomerID),
			FieldRequester: string(t.RequesterID),
			FieldNumber:    TextKey(t.Number),
			FieldStatus:    string(t.Status),
			FieldOpen:      YesNo(t.Status.Open()),
			FieldType:      deref(t.Type),
			FieldPriority:  string(t.Priority),
			FieldChannel:   deref(t.Channel),
			FieldAssignee:  string(t.AssigneeID),
			FieldQueue:     string(t.QueueID),
		},
		Time:   map[Field]time.Time{FieldCreatedAt: t.CreatedAt, FieldUpdatedAt: t.UpdatedAt},
		Number: map[Field]int64{},
		Many:   map[Field][]string{FieldTokens: Tokens([]string{t.Number}, t.Subject)},
	}
	if t.Satisfaction != nil {
		keys.Number[FieldSatisfaction] = int64(t.Satisfaction.Score)
	}
	return keys
}

// TicketFilter selects tickets; every condition given must hold.
type TicketFilter struct {
	Open        *bool
	Status      []TicketStatus
	Type        []TicketType
	HasType     *bool
	Priority    []TicketPriority
	Channel     []Channel
	HasChannel  *bool
	AssigneeID  []ID
	HasAssignee *bool
	QueueID     []ID
	HasQueue    *bool
	CreatedAt   *TimeRange
	UpdatedAt   *TimeRange
}

// Predicates returns the filter's conditions; nil selects every ticket. A filter
// for open tickets in closed statuses only, or the other way round, is Invalid.
func (f *TicketFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	if f.Open != nil && len(f.Status) > 0 {
		contradiction := true
		for _, s := range f.Status {
			contradiction = contradiction && s.Open() != *f.Open
		}
		if contradiction {
			return nil, Invalid("a filter must not ask for open and for statuses that are not, or the other way round")
		}
	}
	return conditions(
		yes(FieldOpen, f.Open), in(FieldStatus, f.Status), maybe(FieldType, f.Type, f.HasType), in(FieldPriority, f.Priority),
		maybe(FieldChannel, f.Channel, f.HasChannel), maybe(FieldAssignee, f.AssigneeID, f.HasAssignee),
		maybe(FieldQueue, f.QueueID, f.HasQueue),
		within(FieldCreatedAt, f.CreatedAt), within(FieldUpdatedAt, f.UpdatedAt),
	)
}

// Visibility says who may read an article.
type Visibility string

// The visibilities.
const (
	VisibilityPublic   Visibility = "PUBLIC"
	VisibilityInternal Visibility = "INTERNAL"
)

// Article is one message of a ticket's conversation, or a note beside it.
type Article struct {
	ID         ID
	TicketID   ID
	Visibility Visibility
	Channel    *Channel // nil if not known
	AuthorRef  ActorRef
	Body       string
	CreatedAt  time.Time
}

// Complete derives what follows from the rest, where it is missing.
func (a *Article) Complete() {
	setDefault(&a.Visibility, VisibilityInternal)
}

// KindArticle is the kind of articles.
const KindArticle Kind = "art"

func articleKind() *Description {
	return describe[Article](Description{
		Name: "articles", Inline: "articles", Change: ChangeKindArticle,
		Keys: []KeyField{
			{Field: FieldTicket, Class: ClassText, Parent: KindTicket},
			{Field: FieldVisibility, Class: ClassText},
			{Field: FieldCreatedAt, Class: ClassTime},
		},
		Derives: map[string][]string{
			"Article.author": {"author"},
			"Article.ticket": {"ticket"},
		},
		Rules: map[string]Rule{
			"Article.ticket":    {Needed: true, Refers: KindTicket, Exists: true},
			"Article.createdAt": {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*Article) RecordKind() Kind { return KindArticle }

// RecordID is the id.
func (a *Article) RecordID() ID { return a.ID }

// Position returns the article's place in a list sorted by its time.
func (a *Article) Position(Field) Position { return Position{ID: a.ID, Time: a.CreatedAt} }

func (*Article) isNode() {}

// Keys returns what articles are found by.
func (a *Article) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldTicket: string(a.TicketID), FieldVisibility: string(a.Visibility)},
		Time: map[Field]time.Time{FieldCreatedAt: a.CreatedAt},
	}
}

// ArticleFilter selects articles; every condition given must hold.
type ArticleFilter struct {
	Visibility []Visibility
}

// Predicates returns the filter's conditions; nil selects every article.
func (f *ArticleFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(in(FieldVisibility, f.Visibility))
}

// TicketOrderField is what tickets are sorted by.
type TicketOrderField string

// The fields that tickets are sorted by.
const (
	TicketOrderFieldCreatedAt TicketOrderField = "CREATED_AT"
	TicketOrderFieldUpdatedAt TicketOrderField = "UPDATED_AT"
)

// TicketOrder is the order of a list of tickets.
type TicketOrder struct {
	Field     TicketOrderField
	Direction OrderDirection
}

// Sort returns the order's sort; nil is the newest first.
func (o *TicketOrder) Sort() Sort {
	if o == nil {
		return Sort{Field: FieldCreatedAt, Desc: true}
	}
	desc := o.Direction == OrderDirectionDesc
	switch o.Field {
	case TicketOrderFieldCreatedAt:
		return Sort{Field: FieldCreatedAt, Desc: desc}
	case TicketOrderFieldUpdatedAt:
		return Sort{Field: FieldUpdatedAt, Desc: desc}
	}
	return Sort{Field: FieldID, Desc: desc}
}
