package record

import "github.com/customer360/gateway/internal/crm"

// Consent is a crm.Consent written down.
type Consent struct {
	Purpose      crm.ConsentPurpose `json:"purpose,omitempty" bson:"purpose,omitempty"`
	Channel      *crm.Channel       `json:"channel,omitempty" bson:"channel,omitempty"`
	ContactPoint *string            `json:"contactPoint,omitempty" bson:"contactPoint,omitempty"`
	Status       crm.ConsentStatus  `json:"status,omitempty" bson:"status,omitempty"`
	LawfulBasis  crm.LawfulBasis    `json:"lawfulBasis,omitempty" bson:"lawfulBasis,omitempty"`
	Source       *string            `json:"source,omitempty" bson:"source,omitempty"`
	GrantedAt    *Time              `json:"grantedAt,omitempty" bson:"grantedAt,omitempty"`
	ExpiresAt    *Time              `json:"expiresAt,omitempty" bson:"expiresAt,omitempty"`
	History      []ConsentChange    `json:"history,omitempty" bson:"history,omitempty"`
}

// ConsentChange is a crm.ConsentChange written down.
type ConsentChange struct {
	ID         string             `json:"id,omitempty" bson:"id,omitempty"`
	OccurredAt Time               `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
	Purpose    crm.ConsentPurpose `json:"purpose,omitempty" bson:"purpose,omitempty"`
	Channel    *crm.Channel       `json:"channel,omitempty" bson:"channel,omitempty"`
	Status     crm.ConsentStatus  `json:"status,omitempty" bson:"status,omitempty"`
	Source     *string            `json:"source,omitempty" bson:"source,omitempty"`
	Actor      ActorRef           `json:"actor,omitzero" bson:"actor,omitempty"`
}

func newConsent(c *crm.Consent) Consent {
	return Consent{
		Purpose: c.Purpose, Channel: c.Channel, ContactPoint: c.ContactPoint, Status: c.Status,
		LawfulBasis: c.LawfulBasis, Source: c.Source,
		GrantedAt: newTimeRef(c.GrantedAt), ExpiresAt: newTimeRef(c.ExpiresAt),
		History: newList(c.History, newConsentChange),
	}
}

func (c Consent) domain() *crm.Consent {
	return &crm.Consent{
		Purpose: c.Purpose, Channel: c.Channel, ContactPoint: c.ContactPoint, Status: c.Status,
		LawfulBasis: c.LawfulBasis, Source: c.Source,
		GrantedAt: c.GrantedAt.domainRef(), ExpiresAt: c.ExpiresAt.domainRef(),
		History: domainList(c.History, ConsentChange.domain),
	}
}

func newConsentChange(c *crm.ConsentChange) ConsentChange {
	return ConsentChange{
		ID: c.ID, OccurredAt: newTime(c.OccurredAt), Purpose: c.Purpose, Channel: c.Channel,
		Status: c.Status, Source: c.Source, Actor: ActorRef(c.ActorRef),
	}
}

func (c ConsentChange) domain() *crm.ConsentChange {
	return &crm.ConsentChange{
		ID: c.ID, OccurredAt: c.OccurredAt.domain(), Purpose: c.Purpose, Channel: c.Channel,
		Status: c.Status, Source: c.Source, ActorRef: crm.ActorRef(c.Actor),
	}
}
