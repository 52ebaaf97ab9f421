package demo

import "github.com/customer360/gateway/internal/crm"

// makeNeeds notes what customers want: what they were recommended to buy again is
// shown by their purchases, what an interaction before a purchase was about they
// have said.
func (g *generator) makeNeeds() {
	for _, r := range g.data.Recommendations {
		if r.Kind == crm.RecommendationKindReplenish {
			g.data.Needs = append(g.data.Needs, &crm.Need{
				ID: crm.DerivedID(crm.KindNeed, generated, string(r.ID)), CustomerID: r.CustomerID, ProductID: r.ProductID,
				Origin: crm.NeedOriginShown, Status: crm.NeedStatusOpen, Statement: "Will need more of what is bought again and again",
				Evidence: ptr(r.Reason), Strength: ptr(crm.NeedStrengthModerate), StatedAt: r.CreatedAt,
			})
		}
	}
	for _, i := range g.data.Interactions {
		if i.Stage == crm.InteractionStagePrePurchase && i.Direction == crm.DirectionInbound {
			g.data.Needs = append(g.data.Needs, &crm.Need{
				ID: crm.DerivedID(crm.KindNeed, generated, string(i.ID)), CustomerID: i.CustomerID, Channel: ptr(i.Channel),
				Origin: crm.NeedOriginStated, Status: crm.NeedStatusMet, Statement: i.Summary, StatedAt: i.OccurredAt,
			})
		}
	}
}
