package oidc

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// link is the customer of a subject at an issuer, "" if there is none.
type link struct {
	customer crm.ID
	until    time.Time
}

// linked finds the customer whose external identity a subject is. Which one it is,
// is remembered for a minute; that there is none, for some seconds.
func (v *Verifier) linked(ctx context.Context, i *issuer, sub string, now time.Time) (link, error) {
	at := i.Name + "\x00" + sub
	if found, there := v.links.Get(at); there && now.Before(found.until) {
		return found, nil
	}
	customer, err := v.find(ctx, i.IdentitySource, sub)
	if err != nil {
		switch crm.CodeOf(err) {
		case crm.CodeNotFound, crm.CodeAmbiguous, crm.CodeInvalid:
			customer = ""
		default:
			return link{}, err
		}
	}
	found := link{until: now.Add(unlinkedIn)}
	if customer.Kind() == crm.KindCustomer {
		found = link{customer: customer, until: now.Add(linkedFor)}
	}
	v.links.Add(at, found)
	return found, nil
}
