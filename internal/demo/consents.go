package demo

import (
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// consents returns a consent to marketing by email, and for a quarter one to
// personalization; obliging makes the latter a granted one.
func consents(r *random, c *crm.Customer, obliging bool) []*crm.Consent {
	marketing := &crm.Consent{
		Purpose: crm.ConsentPurposeMarketing, Channel: ptr(crm.ChannelEmail),
		ContactPoint: ptr(c.Emails[0].Address), Status: marketingStatus(r),
		LawfulBasis: crm.LawfulBasisConsent, Source: ptr("sign-up form"),
	}
	if c.Kind == crm.CustomerKindOrganization {
		marketing.LawfulBasis = crm.LawfulBasisLegitimateInterests
	}
	list := []*crm.Consent{marketing}
	if r.percent(25) {
		status := personalizationStatus(r)
		if obliging {
			status = crm.ConsentStatusGranted
		}
		list = append(list, &crm.Consent{
			Purpose: crm.ConsentPurposePersonalization, Status: status,
			LawfulBasis: crm.LawfulBasisConsent, Source: ptr("account settings"),
		})
	}
	told := 0
	for _, consent := range list {
		told = tell(r, c, consent, told)
	}
	return list
}

func marketingStatus(r *random) crm.ConsentStatus {
	switch n := r.below(100); {
	case n < 68:
		return crm.ConsentStatusGranted
	case n < 83:
		return crm.ConsentStatusDenied
	case n < 93:
		return crm.ConsentStatusWithdrawn
	case n < 98:
		return crm.ConsentStatusPending
	default:
		return crm.ConsentStatusExpired
	}
}

func personalizationStatus(r *random) crm.ConsentStatus {
	switch n := r.below(100); {
	case n < 75:
		return crm.ConsentStatusGranted
	case n < 90:
		return crm.ConsentStatusWithdrawn
	default:
		return crm.ConsentStatusDenied
	}
}

// tell returns a consent the history that leads to its status: asked when the
// profile was made, withdrawn or expired later. It gives the number of changes
// that the profile's consents have had so far.
func tell(r *random, c *crm.Customer, consent *crm.Consent, told int) int {
	step := func(at time.Time, status crm.ConsentStatus, by crm.ActorRef) {
		told++
		consent.History = append(consent.History, &crm.ConsentChange{
			ID:         string(c.ID) + "/" + string(crm.TimelineKindConsentChanged) + "/" + strconv.Itoa(told),
			OccurredAt: at, Purpose: consent.Purpose, Channel: consent.Channel,
			Status: status, Source: consent.Source, ActorRef: by,
		})
	}
	self, asked := crm.ActorRef{ID: c.ID}, c.CreatedAt
	later := asked.Add(r.duration(time.Minute, c.UpdatedAt.Sub(asked)))
	switch consent.Status {
	case crm.ConsentStatusPending, crm.ConsentStatusDenied:
		step(asked, consent.Status, self)
	case crm.ConsentStatusGranted:
		consent.GrantedAt = ptr(asked)
		step(asked, crm.ConsentStatusGranted, self)
		if r.percent(10) {
			consent.ExpiresAt = ptr(Now().Add(365 * day))
		}
	case crm.ConsentStatusWithdrawn:
		consent.GrantedAt = ptr(asked)
		step(asked, crm.ConsentStatusGranted, self)
		step(later, crm.ConsentStatusWithdrawn, self)
	case crm.ConsentStatusExpired:
		consent.GrantedAt, consent.ExpiresAt = ptr(asked), ptr(later)
		step(asked, crm.ConsentStatusGranted, self)
		step(later, crm.ConsentStatusExpired, crm.ActorRef{System: "consent-expiry"})
	}
	return told
}
