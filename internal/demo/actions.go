package demo

import (
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// modelRules names the rules that next best actions come from.
const modelRules = "account-rules"

// makeActions tells staff what to do next about the customers who matter most,
// by the first rule that fits.
func (g *generator) makeActions() {
	breached := g.breachedTickets()
	for _, b := range g.ranked {
		h := history{count: len(b.invoices), spent: b.spent, last: b.last()}
		action := g.rule(b.profile, h, breached[b.id])
		if action == nil {
			continue
		}
		action.ID = crm.DerivedID(crm.KindNextBestAction, generated, b.key)
		action.CustomerID, action.Status = b.id, crm.NextBestActionStatusOpen
		action.Model, action.ModelVersion = modelRules, modelVersion
		action.CreatedAt = Now().Truncate(day).Add(4 * time.Hour)
		g.data.NextBestActions = append(g.data.NextBestActions, action)
	}
}

// breachedTickets returns for each customer the earliest open ticket with a broken
// promise.
func (g *generator) breachedTickets() map[crm.ID]*crm.Ticket {
	found := map[crm.ID]*crm.Ticket{}
	for _, t := range g.data.Tickets {
		late := t.SLA.FirstResponse.BreachedAt != nil || t.SLA.Resolution.BreachedAt != nil
		if found[t.CustomerID] == nil && late && t.Status.Open() {
			found[t.CustomerID] = t
		}
	}
	return found
}

// rule returns the action for a customer, or nil.
func (g *generator) rule(c *crm.Customer, h history, late *crm.Ticket) *crm.NextBestAction {
	silent := int(Now().Sub(h.last) / day)
	switch {
	case late != nil && h.count >= 4:
		return &crm.NextBestAction{
			Title:  "Settle ticket " + late.Number,
			Reason: fmt.Sprintf("A promise is broken to a customer with %d orders", h.count),
			Score:  0.9, Channel: ptr(crm.ChannelPhone), DueAt: ptr(Now().Add(4 * time.Hour)),
		}
	case *c.LoyaltyClass == crm.LoyaltyClassLoyal && *c.RetentionStatus != crm.RetentionStatusActive:
		return &crm.NextBestAction{
			Title:  "Call to win back",
			Reason: fmt.Sprintf("%d orders, but none for %d days", h.count, silent),
			Score:  0.8, Channel: ptr(crm.ChannelPhone), DueAt: ptr(Now().Add(3 * day)),
		}
	case h.tier() == "platinum":
		return &crm.NextBestAction{
			Title:  "Offer a yearly agreement",
			Reason: fmt.Sprintf("Bought in %d orders for more than 10,000 pounds", h.count),
			Score:  0.7, Channel: ptr(crm.ChannelInPerson), DueAt: ptr(Now().Add(14 * day)),
		}
	case *c.LoyaltyClass == crm.LoyaltyClassEstablished && *c.RetentionStatus == crm.RetentionStatusAtRisk && h.spent >= 2_500_00:
		return &crm.NextBestAction{
			Title:  "Send a personal offer",
			Reason: fmt.Sprintf("Regular buyer, silent for %d days", silent),
			Score:  0.5, Channel: ptr(crm.ChannelEmail), DueAt: ptr(Now().Add(7 * day)),
		}
	default:
		return nil
	}
}
