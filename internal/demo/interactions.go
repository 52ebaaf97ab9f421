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

// season are encounters about no order in particular, in the weeks before the
// demo's present. They are counted from its start.
func season() []encounter {
	const out, before = crm.DirectionOutbound, crm.InteractionStagePrePurchase
	return []encounter{
		{crm.ChannelMail, out, before, "Sent the Christmas catalogue", "", 0, 5 * day, teamCare, "", 0},
		{crm.ChannelEmail, out, before, "Invited to the Christmas preview", "Opened", 2 * day, 6 * day, "", "webshop", 0},
		{crm.ChannelPhone, out, before, "Called about the Christmas range", "Will look at it in January", 5 * day, 8 * day, teamCare, "", 12},
	}
}

// seasonStart is when the season of the demo's present begins.
func seasonStart() time.Time { return Now().Truncate(day).Add(-21 * day) }

// meeting is an encounter with what it is about.
type meeting struct {
	encounter
	from time.Time // what its earliest and latest are counted from
	inv  *invoice  // nil for none
	item *stockItem
}

// inSeason picks a meeting about no order.
func inSeason(r *random) meeting {
	return meeting{encounter: pick(r, season()), from: seasonStart()}
}

// overOrder picks a meeting about one of the account's orders.
func (a *account) overOrder(r *random) meeting {
	m := meeting{inv: a.invoice(r)}
	_, m.item = m.inv.item(r)
	kinds := encounters()
	if m.item != nil && r.percent(60) {
		kinds = itemEncounters()
	}
	m.encounter, m.from = pick(r, kinds), m.inv.day
	if m.from.Add(m.earliest).After(Now().Add(-day)) {
		m.encounter = confirmation()
	}
	return m
}

// makeInteractions returns every customer one to four interactions. Those at the
// top of the list by latest update have two, one of them lately.
func (g *generator) makeInteractions() {
	for _, a := range g.accounts() {
		r := newRandom("interactions", a.key)
		count := pick(r, []int{1, 1, 1, 1, 1, 1, 1, 1, 2, 4})
		if a.rank < recent {
			count = 2
		}
		for n := 1; n <= count; n++ {
			key := a.key + "/" + strconv.Itoa(n)
			r := newRandom("interaction", key)
			m := a.overOrder(r)
			if n == 1 && a.rank < recent {
				m = inSeason(r)
			}
			g.data.Interactions = append(g.data.Interactions, g.interaction(&a, key, r, m))
		}
	}
}

func (g *generator) interaction(a *account, key string, r *random, m meeting) *crm.Interaction {
	clock := moment{at: m.from.Add(m.earliest)}
	clock.pass(r, 0, m.latest-m.earliest)
	i := &crm.Interaction{
		ID: crm.DerivedID(crm.KindInteraction, generated, key), CustomerID: a.profile.ID,
		Channel: m.channel, Direction: m.direction, Stage: ptr(m.stage), Summary: fill(m.summary, m.inv, m.item),
		OccurredAt: clock.at, Source: ptr(mark), ExternalID: ptr(key),
	}
	i.Participants = g.participants(r, a, m.encounter)
	if m.outcome != "" {
		i.Outcome = ptr(m.outcome)
	}
	if m.minutes > 0 {
		i.DurationSeconds = ptr(r.between(45, m.minutes*60))
	}
	if m.inv != nil && (m.channel == crm.ChannelEmail || m.channel == crm.ChannelChat) {
		i.ThreadID = ptr("thread-" + m.inv.number)
	}
	i.RecordedAt = i.OccurredAt
	if m.by != "" {
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
