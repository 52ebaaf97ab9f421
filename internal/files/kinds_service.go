package files

import (
	"fmt"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func tickets() handler {
	s := &spec[crm.Ticket, record.Ticket]{
		description: describe[record.Ticket](KindTickets, crm.KindTicket, "ticket"),
		records:     crm.Of[crm.Ticket],
		write:       record.NewTicket,
		read:        (*record.Ticket).Domain,
		complete:    (*crm.Ticket).Complete,
		meta:        func(t *record.Ticket) meta { return meta{&t.ID, &t.Version, &t.CreatedAt, &t.UpdatedAt} },
		references: func(t *record.Ticket, visit func(reference)) {
			visit(reference{"customer", &t.Customer, false})
			visit(reference{"requester", &t.Requester, false})
		},
		settle: settleTicket,
	}
	s.schema.add(inlineArticles, &schema{shape: shapeList, element: articles().about().schema, most: maxElements})
	return s
}

// inlineArticles is the member of a ticket in a file that holds its conversation.
const inlineArticles = "articles"

func settleTicket(_ settings, t *record.Ticket) *fault {
	if t.Number == "" && t.ExternalID != nil {
		t.Number = *t.ExternalID
	}
	if why := required(text("number", t.Number), text("subject", t.Subject)); why != nil {
		return why
	}
	for i, s := range t.Subjects {
		if s == (record.TicketSubject{}) {
			return &fault{field: fmt.Sprintf("subjects[%d]", i), reason: "must name an order, a line of it or a product"}
		}
	}
	if s := t.Satisfaction; s != nil {
		if s.Score == 0 {
			return &fault{field: "satisfaction.score", reason: "must be given"}
		}
		return required(when("satisfaction.ratedAt", s.RatedAt))
	}
	return nil
}

func articles() handler {
	return &spec[crm.Article, record.Article]{
		description: describe[record.Article](KindArticles, crm.KindArticle, "article", "source", "externalId"),
		records:     crm.Of[crm.Article],
		write:       record.NewArticle,
		read:        (*record.Article).Domain,
		complete:    (*crm.Article).Complete,
		meta:        func(a *record.Article) meta { return meta{&a.ID, nil, &a.CreatedAt, nil} },
		references: func(a *record.Article, visit func(reference)) {
			visit(reference{"ticket", &a.Ticket, false})
		},
		settle: func(_ settings, a *record.Article) *fault {
			return required(text("ticket", a.Ticket), text("body", a.Body))
		},
	}
}

func interactions() handler {
	return &spec[crm.Interaction, record.Interaction]{
		description: describe[record.Interaction](KindInteractions, crm.KindInteraction, "interaction"),
		records:     crm.Of[crm.Interaction],
		write:       record.NewInteraction,
		read:        (*record.Interaction).Domain,
		complete:    (*crm.Interaction).Complete,
		meta:        func(i *record.Interaction) meta { return meta{&i.ID, nil, nil, nil} },
		references: func(i *record.Interaction, visit func(reference)) {
			visit(reference{"customer", &i.Customer, false})
		},
		settle: func(_ settings, i *record.Interaction) *fault {
			return required(
				text("customer", i.Customer), text("channel", i.Channel), text("direction", i.Direction),
				text("summary", i.Summary), when("occurredAt", i.OccurredAt),
			)
		},
	}
}

func recommendations() handler {
	return &spec[crm.Recommendation, record.Recommendation]{
		description: describe[record.Recommendation](KindRecommendations, crm.KindRecommendation, "recommendation", "source", "externalId"),
		records:     crm.Of[crm.Recommendation],
		write:       record.NewRecommendation,
		read:        (*record.Recommendation).Domain,
		complete:    (*crm.Recommendation).Complete,
		meta:        func(r *record.Recommendation) meta { return meta{&r.ID, nil, &r.CreatedAt, nil} },
		references: func(r *record.Recommendation, visit func(reference)) {
			visit(reference{"customer", &r.Customer, false})
		},
		settle: func(_ settings, r *record.Recommendation) *fault {
			return required(
				text("customer", r.Customer), text("product", r.Product), text("kind", r.Kind), text("reason", r.Reason),
				text("model", r.Model), text("modelVersion", r.ModelVersion),
			)
		},
	}
}

func nextBestActions() handler {
	return &spec[crm.NextBestAction, record.NextBestAction]{
		description: describe[record.NextBestAction](KindNextBestActions, crm.KindNextBestAction, "nextBestAction", "source", "externalId"),
		records:     crm.Of[crm.NextBestAction],
		write:       record.NewNextBestAction,
		read:        (*record.NextBestAction).Domain,
		complete:    (*crm.NextBestAction).Complete,
		meta:        func(n *record.NextBestAction) meta { return meta{&n.ID, nil, &n.CreatedAt, nil} },
		references: func(n *record.NextBestAction, visit func(reference)) {
			visit(reference{"customer", &n.Customer, false})
		},
		settle: func(_ settings, n *record.NextBestAction) *fault {
			return required(
				text("customer", n.Customer), text("title", n.Title), text("reason", n.Reason),
				text("model", n.Model), text("modelVersion", n.ModelVersion),
			)
		},
	}
}
