package crm

import "time"

// Channel is a way for company and customer to reach each other.
type Channel string

// The channels.
const (
	ChannelWeb      Channel = "WEB"
	ChannelEmail    Channel = "EMAIL"
	ChannelPhone    Channel = "PHONE"
	ChannelChat     Channel = "CHAT"
	ChannelSMS      Channel = "SMS"
	ChannelSocial   Channel = "SOCIAL"
	ChannelFax      Channel = "FAX"
	ChannelMail     Channel = "MAIL"
	ChannelVideo    Channel = "VIDEO"
	ChannelInPerson Channel = "IN_PERSON"
)

// Direction says who turned to whom.
type Direction string

// The directions, as the company sees them.
const (
	DirectionInbound  Direction = "INBOUND"
	DirectionOutbound Direction = "OUTBOUND"
)

// InteractionStage is where in a purchase an interaction falls.
type InteractionStage string

// The interaction stages.
const (
	InteractionStagePrePurchase  InteractionStage = "PRE_PURCHASE"
	InteractionStagePurchase     InteractionStage = "PURCHASE"
	InteractionStagePostPurchase InteractionStage = "POST_PURCHASE"
)

// Interaction is something that happened between company and customer on any
// channel. A ticket's article is never also an interaction.
type Interaction struct {
	ID              ID
	CustomerID      ID
	Channel         Channel
	Direction       Direction
	Participants    []*Participant
	Stage           *InteractionStage // nil if not known
	Summary         string
	Outcome         *string
	DurationSeconds *int
	OccurredAt      time.Time
	RecordedAt      time.Time
	ThreadID        *string
	Source          *string
	ExternalID      *string
}

// Participant is somebody who took part; Name is for who has no record here.
type Participant struct {
	ActorRef ActorRef
	Name     *string
}

// Complete derives what follows from the rest, where it is missing.
func (i *Interaction) Complete() {
	if i.RecordedAt.IsZero() {
		i.RecordedAt = i.OccurredAt
	}
}

// KindInteraction is the kind of interactions.
const KindInteraction Kind = "int"

func interactionKind() *Description {
	return describe[Interaction](Description{
		Name: "interactions", Change: ChangeKindInteraction,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldChannel, Class: ClassText},
			{Field: FieldThread, Class: ClassText, From: []string{"threadId"}},
			{Field: FieldOccurredAt, Class: ClassTime},
		},
		Derives: map[string][]string{
			"Interaction.kind":     {},
			"Interaction.customer": {"customer"},
			"Participant.actor":    {"Participant.actor", "ActorRef.id", "ActorRef.system"},
		},
		Rules: map[string]Rule{
			"Interaction.customer":   {Refers: KindCustomer, Exists: true},
			"Interaction.occurredAt": {Needed: true},
			"Interaction.recordedAt": {Needed: true},
			"Interaction.threadId":   {Most: MaxWord},
			"Interaction.source":     {Most: MaxWord, check: checkSource},
			"Interaction.externalId": {Most: MaxExternalID, check: checkExternalID},
		},
	})
}

// RecordKind is the kind of the type.
func (*Interaction) RecordKind() Kind { return KindInteraction }

// RecordID is the id.
func (i *Interaction) RecordID() ID { return i.ID }

// Position returns the interaction's place in a list sorted by its time.
func (i *Interaction) Position(Field) Position { return Position{ID: i.ID, Time: i.OccurredAt} }

func (*Interaction) isNode()          {}
func (*Interaction) isTimelineEntry() {}

func (i *Interaction) begin(r *TimelineRecord) { i.ID, i.OccurredAt = r.Ref, r.OccurredAt }

// Kind is always TimelineKindInteraction.
func (*Interaction) Kind() TimelineKind { return TimelineKindInteraction }

// TimelineRecords returns the interaction as an entry of its customer's timeline;
// one of nobody stands in none.
func (i *Interaction) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for _, customer := range accounts(i.CustomerID) {
		records = append(records, &TimelineRecord{
			ID: i.ID, Kind: i.Kind(), OccurredAt: i.OccurredAt, CustomerID: customer, Ref: i.ID,
		})
	}
	return records
}

// Keys returns what interactions are found by.
func (i *Interaction) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer: string(i.CustomerID),
			FieldChannel:  string(i.Channel),
			FieldThread:   deref(i.ThreadID),
		},
		Time: map[Field]time.Time{FieldOccurredAt: i.OccurredAt},
	}
}

// InteractionFilter selects interactions; every condition given must hold.
type InteractionFilter struct {
	Channel    []Channel
	ThreadID   []string
	OccurredAt *TimeRange
}

// Predicates returns the filter's conditions; nil selects every interaction.
func (f *InteractionFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(in(FieldChannel, f.Channel), in(FieldThread, f.ThreadID), within(FieldOccurredAt, f.OccurredAt))
}
