package record

import "github.com/customer360/gateway/internal/crm"

// TimelineRecord is a crm.TimelineRecord written down.
type TimelineRecord struct {
	ID         crm.ID           `json:"id" bson:"_id"`
	Kind       crm.TimelineKind `json:"kind,omitempty" bson:"kind,omitempty"`
	OccurredAt Time             `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
	Customer   crm.ID           `json:"customer,omitempty" bson:"customer,omitempty"`
	Ref        crm.ID           `json:"ref,omitempty" bson:"ref,omitempty"`
	Consent    *ConsentChange   `json:"consent,omitempty" bson:"consent,omitempty"`
	Change     *ProfileChange   `json:"change,omitempty" bson:"change,omitempty"`
}

// NewTimelineRecord gives a timeline entry as it is written down.
func NewTimelineRecord(r *crm.TimelineRecord) *TimelineRecord {
	written := &TimelineRecord{
		ID: r.ID, Kind: r.Kind, OccurredAt: newTime(r.OccurredAt), Customer: r.CustomerID, Ref: r.Ref,
	}
	if r.Consent != nil {
		consent := newConsentChange(r.Consent)
		written.Consent = &consent
	}
	if r.Change != nil {
		change := newProfileChange(*r.Change)
		written.Change = &change
	}
	return written
}

// Domain gives the timeline entry.
func (r *TimelineRecord) Domain() *crm.TimelineRecord {
	entry := &crm.TimelineRecord{
		ID: r.ID, Kind: r.Kind, OccurredAt: r.OccurredAt.domain(), CustomerID: r.Customer, Ref: r.Ref,
	}
	if r.Consent != nil {
		entry.Consent = r.Consent.domain()
	}
	if r.Change != nil {
		change := r.Change.domain()
		entry.Change = &change
	}
	return entry
}
