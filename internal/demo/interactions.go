package demo

import (
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// encounter is a kind of interaction. earliest and latest are when it takes
// place, after the start of the order's day. by is the team that takes part;
// system is the program that does so in its place.
type encounter struct {
	channel          crm.Channel
	direction        crm.Direction
	stage            crm.InteractionStage
	summary, outcome string
	earliest, latest time.Duration
	by, system       string
	minutes          int // at most; 0 for what has no duration
}

// encounters come up with any order.
func encounters() []encounter {
	const (
		before, during, after = crm.InteractionStagePrePurchase, crm.InteractionStagePurchase, crm.InteractionStagePostPurchase
		in, out               = crm.DirectionInbound, crm.DirectionOutbound
	)
	return []encounter{
		{crm.ChannelWeb, in, before, "Looked through the new arrivals before order {order}", "Basket filled", -day, 8 * time.Hour, "", "webshop", 40},
		{crm.ChannelPhone, in, before, "Asked for the printed catalogue", "Catalogue sent", -9 * day, -2 * day, teamCare, "", 6},
		{crm.ChannelInPerson, in, before, "Visited our stand at the trade fair", "Wants samples", -30 * day, -10 * day, teamWholesale, "", 25},
		confirmation(),
		{crm.ChannelPhone, in, during, "Asked about payment for order {order}", "Paid by card", 9 * time.Hour, 17 * time.Hour, teamAccounts, "", 9},
		{crm.ChannelSMS, out, after, "Announced the delivery of order {order}", "Delivered", day, 2 * day, "", "webshop", 0},
		{crm.ChannelPhone, out, after, "Follow-up call on order {order}", "Satisfied", 6 * day, 14 * day, teamCare, "", 12},
		{crm.ChannelMail, out, after, "Sent the season's catalogue", "", 20 * day, 60 * day, teamCare, "", 0},
		{crm.ChannelChat, in, after, "Asked in the chat where order {order} is", "Answered", day, 5 * day, teamCare, "", 15},
	}
}

// confirmation comes up with any order, and takes the place of what would
// happen too late for the demo's present.
func confirmation() encounter {
	return encounter{
		crm.ChannelEmail, crm.DirectionOutbound, crm.InteractionStagePurchase, "Confirmed order {order}", "Delivered",
		9 * time.Hour, 16 * time.Hour, "", "webshop", 0,
	}
}

// itemEncounters come up with orders whose lines are known.
func itemEncounters() []encounter {
	const (
		before, after = crm.InteractionStagePrePurchase, crm.InteractionStagePostPurchase
		in, out       = crm.DirectionInbound, crm.DirectionOutbound
	)
	return []encounter{
		{crm.ChannelWeb, in, before, "Looked at {product} three times", "Put into the basket", -2 * day, 8 * time.Hour, "", "webshop", 30},
		{crm.ChannelChat, in, before, "Asked for the size of {product}", "Answered", -3 * day, 8 * time.Hour, teamCare, "", 12},
		{crm.ChannelEmail, out, after, "Asked for a review of {product}", "Opened", 8 * day, 20 * day, "", "webshop", 0},
		{crm.ChannelSocial, in, after, "Showed {product} in the shop window, with praise", "Thanked", 7 * day, 40 * day, teamCare, "", 0},
		{crm.ChannelVideo, out, after, "Showed what goes with {product}", "Interested", 10 * day, 40 * day, teamWholesale, "", 30},
	}
}

// makeInteractions gives every customer one to four interactions.
func (g *generator) makeInteractions() {
	for _, a := range g.accounts() {
		r := newRandom("interactions", a.key)
		count := pick(r, []int{1, 1, 1, 1, 1, 1, 2, 2, 3, 4})
		if a.rank < recent {
			count = max(count, 2)
		}
		for n := 1; n <= count; n++ {
			g.data.Interactions = append(g.data.Interactions, g.interaction(&a, a.key+"/"+strconv.Itoa(n)))
		}
	}
}

func (g *generator) interaction(a *account, key string) *crm.Interaction {
	r := newRandom("interaction", key)
	inv := a.invoice(r)
	_, item := inv.item(r)
	kinds := encounters()
	if item != nil && r.percent(60) {
		kinds = itemEncounters()
	}
	e := pick(r, kinds)
	if inv.day.Add(e.earliest).After(Now().Add(-day)) {
		e = confirmation()
	}
	clock := moment{at: inv.day.Add(e.earliest)}
	clock.pass(r, 0, e.latest-e.earliest)
	i := &crm.Interaction{
		ID: crm.DerivedID(crm.KindInteraction, generated, key), CustomerID: a.profile.ID,
		Channel: e.channel, Direction: e.direction, Stage: e.stage, Summary: fill(e.summary, inv, item),
		OccurredAt: clock.at,
	}
	i.Participants = g.participants(r, a, e)
	if e.outcome != "" {
		i.Outcome = ptr(e.outcome)
	}
	if e.minutes > 0 {
		i.DurationSeconds = ptr(r.between(45, e.minutes*60))
	}
	if e.channel == crm.ChannelEmail || e.channel == crm.ChannelChat {
		i.ThreadID = ptr("thread-" + inv.number)
	}
	i.RecordedAt = i.OccurredAt
	if e.by != "" {
		i.RecordedAt = clock.pass(r, time.Minute, 3*time.Hour)
	}
	return i
}

// participants are the person on the customer's side and who was on ours.
func (g *generator) participants(r *random, a *account, e encounter) []*crm.Participant {
	customer := &crm.Participant{ActorRef: crm.ActorRef{ID: a.requester.ID}}
	company := &crm.Participant{ActorRef: crm.ActorRef{System: e.system}}
	if e.by != "" {
		company.ActorRef = crm.ActorRef{ID: g.staff.of(r, e.by).ID}
	}
	return []*crm.Participant{customer, company}
}
