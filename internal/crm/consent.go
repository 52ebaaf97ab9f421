package crm

import "time"

// ConsentPurpose is what a customer's data may be used for.
type ConsentPurpose string

// The consent purposes.
const (
	ConsentPurposeMarketing       ConsentPurpose = "MARKETING"
	ConsentPurposePersonalization ConsentPurpose = "PERSONALIZATION"
	ConsentPurposeAnalytics       ConsentPurpose = "ANALYTICS"
	ConsentPurposeService         ConsentPurpose = "SERVICE"
	ConsentPurposeDataSharing     ConsentPurpose = "DATA_SHARING"
)

// ConsentStatus is where a consent stands.
type ConsentStatus string

// The consent statuses.
const (
	ConsentStatusPending   ConsentStatus = "PENDING"
	ConsentStatusGranted   ConsentStatus = "GRANTED"
	ConsentStatusDenied    ConsentStatus = "DENIED"
	ConsentStatusWithdrawn ConsentStatus = "WITHDRAWN"
	ConsentStatusExpired   ConsentStatus = "EXPIRED"
)

// LawfulBasis is why data may be processed: Article 6(1) of the GDPR.
type LawfulBasis string

// The lawful bases.
const (
	LawfulBasisConsent             LawfulBasis = "CONSENT"
	LawfulBasisContract            LawfulBasis = "CONTRACT"
	LawfulBasisLegalObligation     LawfulBasis = "LEGAL_OBLIGATION"
	LawfulBasisVitalInterests      LawfulBasis = "VITAL_INTERESTS"
	LawfulBasisPublicTask          LawfulBasis = "PUBLIC_TASK"
	LawfulBasisLegitimateInterests LawfulBasis = "LEGITIMATE_INTERESTS"
)

// Consent is a customer's answer to the use of their data for a purpose.
type Consent struct {
	Purpose ConsentPurpose
	// Channel is the channel the consent is for; nil is all of them.
	Channel *Channel
	// ContactPoint is the address or number it was given for; nil is any.
	ContactPoint         *string
	Status               ConsentStatus
	LawfulBasis          LawfulBasis
	Source               *string
	GrantedAt, ExpiresAt *time.Time
	// History is how the status came about, oldest first.
	History []*ConsentChange
}

// ConsentChange is one step in a consent's history.
type ConsentChange struct {
	ID         string
	OccurredAt time.Time
	Purpose    ConsentPurpose
	Channel    *Channel
	Status     ConsentStatus
	Source     *string
	ActorRef   ActorRef
}

// PersonalizationWithheld says whether the customer has refused recommendations:
// a consent for personalization that is denied, withdrawn or expired at now.
func (c *Customer) PersonalizationWithheld(now time.Time) bool {
	for _, consent := range c.Consents {
		if consent.Purpose != ConsentPurposePersonalization {
			continue
		}
		switch consent.Status {
		case ConsentStatusDenied, ConsentStatusWithdrawn, ConsentStatusExpired:
			return true
		case ConsentStatusGranted, ConsentStatusPending:
			if consent.ExpiresAt != nil && !consent.ExpiresAt.After(now) {
				return true
			}
		}
	}
	return false
}
