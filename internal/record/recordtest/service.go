package recordtest

import "github.com/customer360/gateway/internal/crm"

// FullTicket returns a ticket with every field set, of FullCustomer about FullOrder.
func FullTicket() *crm.Ticket {
	target := func(n int) *crm.SLATarget {
		return &crm.SLATarget{DueAt: ptr(at(n)), BreachedAt: ptr(at(n + 1)), PausedAt: ptr(at(n + 2))}
	}
	return &crm.Ticket{
		ID: id(crm.KindTicket, "T-1"), Number: "T-1", Source: ptr(Source), ExternalID: ptr("T-1"),
		Subject: "Löffel <broken>", Type: ptr(crm.TicketTypeComplaint), Channel: ptr(crm.ChannelPhone),
		Priority: crm.TicketPriorityHigh, Status: crm.TicketStatusResolved, Category: ptr("damage"),
		QueueID: FullTeam().ID, AssigneeID: FullEmployee().ID,
		CustomerID: FullOrganization().ID, RequesterID: FullCustomer().ID,
		Subjects: []*crm.TicketSubject{{OrderID: FullOrder().ID, LineID: "2", ProductID: FullProduct().ID}},
		SLA:      &crm.TicketSLA{FirstResponse: target(10), NextResponse: target(20), Resolution: target(30)},

		FirstResponseAt: ptr(at(9)), ResolvedAt: ptr(at(31)), ClosedAt: ptr(at(40)), ReopenCount: 1,
		Satisfaction: &crm.Satisfaction{Score: 4, Comment: ptr("friendly"), RatedAt: at(41)},
		Version:      3, CreatedAt: at(8), UpdatedAt: at(41),
	}
}

// FullArticle returns an article with every field set, of FullTicket.
func FullArticle() *crm.Article {
	return &crm.Article{
		ID: id(crm.KindArticle, "T-1/1"), TicketID: FullTicket().ID, Visibility: crm.VisibilityPublic,
		Channel: ptr(crm.ChannelPhone), AuthorRef: crm.ActorRef{ID: FullCustomer().ID, System: "import"},
		Body: "A spoon arrived broken.\nWhat now?", CreatedAt: at(8),
	}
}

// FullInteraction returns an interaction with every field set, of FullCustomer.
func FullInteraction() *crm.Interaction {
	return &crm.Interaction{
		ID: id(crm.KindInteraction, "call-1"), CustomerID: FullCustomer().ID, Channel: crm.ChannelVideo,
		Direction: crm.DirectionOutbound,
		Participants: []*crm.Participant{
			{ActorRef: crm.ActorRef{ID: FullEmployee().ID, System: "import"}, Name: ptr("Zoë")},
		},
		Stage: ptr(crm.InteractionStagePostPurchase), Summary: "Asked how the teapot pours.", Outcome: ptr("satisfied"),
		DurationSeconds: ptr(95), OccurredAt: at(55), RecordedAt: at(56), ThreadID: ptr("thread-1"),
		Source: ptr(Source), ExternalID: ptr("call-1"),
	}
}

// FullRecommendation returns a recommendation with every field set, to FullCustomer.
func FullRecommendation() *crm.Recommendation {
	return &crm.Recommendation{
		ID: id(crm.KindRecommendation, "r-1"), CustomerID: FullCustomer().ID, ProductID: FullProduct().ID,
		Kind: crm.RecommendationKindUpSell, Status: crm.RecommendationStatusShown, Score: 0.123456789,
		Reason: "Bought together", BasedOnIDs: []crm.ID{FullProduct().ID}, Model: "pairs", ModelVersion: "1",
		CreatedAt: at(1), ExpiresAt: ptr(at(59)),
	}
}

// FullNextBestAction returns a next best action with every field set, for FullCustomer.
func FullNextBestAction() *crm.NextBestAction {
	return &crm.NextBestAction{
		ID: id(crm.KindNextBestAction, "n-1"), CustomerID: FullCustomer().ID, Title: "Call back",
		Reason: "A complaint is open", Channel: ptr(crm.ChannelPhone), Status: crm.NextBestActionStatusDone,
		Score: 0.75, DueAt: ptr(at(30)), Model: "rules", ModelVersion: "1", CreatedAt: at(1),
	}
}

// FullTimelineRecord returns a timeline entry with every field set; one of a store
// has a consent or a change, not both.
func FullTimelineRecord() *crm.TimelineRecord {
	customer := FullCustomer()
	change := customer.Changes[0]
	return &crm.TimelineRecord{
		ID: crm.ID(change.ID), Kind: crm.TimelineKindProfileChanged, OccurredAt: change.OccurredAt,
		CustomerID: customer.ID, Ref: customer.ID, Consent: customer.Consents[0].History[0], Change: &change,
	}
}
