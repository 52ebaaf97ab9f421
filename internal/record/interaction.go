package record

import "github.com/customer360/gateway/internal/crm"

// Interaction is a crm.Interaction written down.
type Interaction struct {
	ID              crm.ID               `json:"id" bson:"_id"`
	Customer        crm.ID               `json:"customer,omitempty" bson:"customer,omitempty"`
	Channel         crm.Channel          `json:"channel,omitempty" bson:"channel,omitempty"`
	Direction       crm.Direction        `json:"direction,omitempty" bson:"direction,omitempty"`
	Participants    []Participant        `json:"participants,omitempty" bson:"participants,omitempty"`
	Stage           crm.InteractionStage `json:"stage,omitempty" bson:"stage,omitempty"`
	Summary         string               `json:"summary,omitempty" bson:"summary,omitempty"`
	Outcome         *string              `json:"outcome,omitempty" bson:"outcome,omitempty"`
	DurationSeconds *int                 `json:"durationSeconds,omitempty" bson:"durationSeconds,omitempty"`
	OccurredAt      Time                 `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
	RecordedAt      Time                 `json:"recordedAt,omitzero" bson:"recordedAt,omitempty"`
	ThreadID        *string              `json:"threadId,omitempty" bson:"threadId,omitempty"`
	Source          *string              `json:"source,omitempty" bson:"source,omitempty"`
	ExternalID      *string              `json:"externalId,omitempty" bson:"externalId,omitempty"`
}

// Participant is a crm.Participant written down.
type Participant struct {
	Actor ActorRef `json:"actor,omitzero" bson:"actor,omitempty"`
	Name  *string  `json:"name,omitempty" bson:"name,omitempty"`
}

// NewInteraction gives an interaction as it is written down.
func NewInteraction(i *crm.Interaction) *Interaction {
	return &Interaction{
		ID: i.ID, Customer: i.CustomerID, Channel: i.Channel, Direction: i.Direction,
		Participants: newList(i.Participants, newParticipant), Stage: i.Stage, Summary: i.Summary,
		Outcome: i.Outcome, DurationSeconds: i.DurationSeconds,
		OccurredAt: newTime(i.OccurredAt), RecordedAt: newTime(i.RecordedAt),
		ThreadID: i.ThreadID, Source: i.Source, ExternalID: i.ExternalID,
	}
}

// Domain gives the interaction.
func (i *Interaction) Domain() *crm.Interaction {
	return &crm.Interaction{
		ID: i.ID, CustomerID: i.Customer, Channel: i.Channel, Direction: i.Direction,
		Participants: domainList(i.Participants, Participant.domain), Stage: i.Stage, Summary: i.Summary,
		Outcome: i.Outcome, DurationSeconds: i.DurationSeconds,
		OccurredAt: i.OccurredAt.domain(), RecordedAt: i.RecordedAt.domain(),
		ThreadID: i.ThreadID, Source: i.Source, ExternalID: i.ExternalID,
	}
}

func newParticipant(p *crm.Participant) Participant {
	return Participant{Actor: ActorRef(p.ActorRef), Name: p.Name}
}

func (p Participant) domain() *crm.Participant {
	return &crm.Participant{ActorRef: crm.ActorRef(p.Actor), Name: p.Name}
}
