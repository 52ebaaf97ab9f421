package demo

import (
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// makeNotes has the owners of the best accounts pin what colleagues should know to
// them, and those who settled a refund say so at the order.
func (g *generator) makeNotes() {
	for _, b := range g.ranked {
		h := history{count: len(b.invoices), spent: b.spent, last: b.last()}
		owner := b.profile.OwnerID
		if owner == "" || h.tier() != "platinum" && h.tier() != "gold" {
			continue
		}
		written := b.first().Add(9 * day)
		g.data.Notes = append(g.data.Notes, &crm.Note{
			ID: crm.DerivedID(crm.KindNote, generated, b.key), CustomerID: b.id, AuthorRef: crm.ActorRef{ID: owner},
			Text: fmt.Sprintf("Key account since %s. Ask the owner before you change terms or refuse a return.",
				b.invoices[0].day.Format("January 2006")),
			Pinned: h.tier() == "platinum", CreatedAt: written, UpdatedAt: written,
		})
	}
	for _, o := range g.data.Orders {
		for _, refund := range o.Refunds {
			author := pick(newRandom("note", string(o.ID)), g.staff.returns).ID
			g.data.Notes = append(g.data.Notes, &crm.Note{
				ID: crm.DerivedID(crm.KindNote, generated, string(o.ID)), OrderID: o.ID, AuthorRef: crm.ActorRef{ID: author},
				Text:      "Refund agreed by phone; the goods were checked when they came back.",
				CreatedAt: refund.OccurredAt, UpdatedAt: refund.OccurredAt,
			})
			break
		}
	}
}
