package record

import "github.com/customer360/gateway/internal/crm"

// Form is how the records of one kind are written down.
type Form struct {
	// Written gives a record as it is written down: a pointer to a struct of this
	// package.
	Written func(crm.Record) any
	// Empty gives a pointer to an empty such struct, to read into.
	Empty func() any
	// Domain gives the record of such a pointer.
	Domain func(any) crm.Record
}

// FormOf gives a kind's form; the zero Form for a kind that is not described.
func FormOf(kind crm.Kind) Form { return forms[kind] }

// forms is never written to.
var forms = map[crm.Kind]Form{
	crm.KindTeam:           formOf(NewTeam, (*Team).Domain),
	crm.KindEmployee:       formOf(NewEmployee, (*Employee).Domain),
	crm.KindPartnerApp:     formOf(NewPartnerApp, (*PartnerApp).Domain),
	crm.KindCustomer:       formOf(NewCustomer, (*Customer).Domain),
	crm.KindProduct:        formOf(NewProduct, (*Product).Domain),
	crm.KindOrder:          formOf(NewOrder, (*Order).Domain),
	crm.KindTicket:         formOf(NewTicket, (*Ticket).Domain),
	crm.KindArticle:        formOf(NewArticle, (*Article).Domain),
	crm.KindInteraction:    formOf(NewInteraction, (*Interaction).Domain),
	crm.KindRecommendation: formOf(NewRecommendation, (*Recommendation).Domain),
	crm.KindNextBestAction: formOf(NewNextBestAction, (*NextBestAction).Domain),
	crm.KindTimeline:       formOf(NewTimelineRecord, (*TimelineRecord).Domain),
}

func formOf[T, R any, P interface {
	*T
	crm.Record
}](written func(*T) *R, domain func(*R) *T) Form {
	return Form{
		Written: func(r crm.Record) any { return written(any(r).(*T)) },
		Empty:   func() any { return new(R) },
		Domain:  func(r any) crm.Record { return P(domain(r.(*R))) },
	}
}
