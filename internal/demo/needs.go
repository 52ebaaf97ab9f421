package demo

import "github.com/customer360/gateway/internal/crm"

// makeNeeds notes what customers want. What they asked for two days before their first
// purchase they have said themselves; what they were recommended to buy again, their
// purchases show.
func (g *generator) makeNeeds() {
	for _, b := range g.ranked {
		if len(b.bought) > 0 {
			first := b.bought[0]
			g.data.Needs = append(g.data.Needs, &crm.Need{
				ID: crm.DerivedID(crm.KindNeed, generated, b.key), CustomerID: b.id, ProductID: first.id, Channel: ptr(crm.ChannelWeb),
				Origin: ptr(crm.NeedOriginStated), Status: crm.NeedStatusMet, Statement: "Asked for: " + first.title, StatedAt: b.first().Add(-2 * day),
			})
		}
	}
	for _, r := range g.data.Recommendations {
		if r.Kind == crm.RecommendationKindReplenish {
			g.data.Needs = append(g.data.Needs, &crm.Need{
				ID: crm.DerivedID(crm.KindNeed, generated, string(r.ID)), CustomerID: r.CustomerID, ProductID: r.ProductID,
				Origin: ptr(crm.NeedOriginShown), Status: crm.NeedStatusOpen, Statement: "Needs more of what is bought again and again",
				Evidence: ptr(r.Reason), Strength: ptr(crm.NeedStrengthModerate), StatedAt: r.CreatedAt,
			})
		}
	}
}
