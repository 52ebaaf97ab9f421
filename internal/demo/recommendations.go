package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// The models that the demo's recommendations name; the version counts changes
// of how they are computed.
const (
	modelTogether  = "bought-together"
	modelReplenish = "repeat-purchase"
	modelPopular   = "best-sellers"
	modelVersion   = "1"
)

// recommender computes recommendations from the real purchases.
type recommender struct {
	near    [][]neighbour
	popular []*stockItem // the best sellers, most buyers first
	known   int          // customers with lines
}

func (g *generator) makeRecommendations() {
	rec := g.newRecommender()
	for _, a := range g.accounts() {
		list := rec.together(&a)
		if len(list) < 3 {
			list = append(list, rec.replenish(&a, 3-len(list))...)
		} else if again := rec.replenish(&a, 1); len(again) > 0 {
			list[2] = again[0]
		}
		if len(list) == 0 {
			list = rec.bestSellers(&a)
		}
		r := newRandom("recommendations", a.key)
		for n, item := range list {
			item.finish(&a, r, n)
			g.data.Recommendations = append(g.data.Recommendations, &item.Recommendation)
		}
	}
}

func (g *generator) newRecommender() *recommender {
	rec := &recommender{near: g.boughtTogether()}
	for _, b := range g.buyers {
		rec.known += yes(len(b.bought) > 0)
	}
	items := slices.DeleteFunc(slices.Clone(g.articles), (*stockItem).service)
	slices.SortStableFunc(items, func(a, b *stockItem) int { return -cmp.Compare(a.buyers, b.buyers) })
	rec.popular = items[:10]
	return rec
}

// proposal is a recommendation in the making.
type proposal struct{ crm.Recommendation }

// finish adds what every recommendation has. Most are active; those of the
// customers at the top of the list by latest update all are.
func (p *proposal) finish(a *account, r *random, n int) {
	p.ID = crm.DerivedID(crm.KindRecommendation, generated, a.key+"/"+strconv.Itoa(n+1))
	p.CustomerID, p.ModelVersion = a.profile.ID, modelVersion
	p.Status = crm.RecommendationStatusActive
	if a.rank >= recent && r.percent(20) {
		p.Status = pick(r, []crm.RecommendationStatus{
			crm.RecommendationStatusShown, crm.RecommendationStatusShown, crm.RecommendationStatusAccepted,
			crm.RecommendationStatusDismissed, crm.RecommendationStatusConverted, crm.RecommendationStatusExpired,
		})
	}
	p.CreatedAt = Now().Truncate(day).Add(3 * time.Hour)
	p.ExpiresAt = ptr(p.CreatedAt.Add(30 * day))
	if p.Status == crm.RecommendationStatusExpired {
		p.CreatedAt = p.CreatedAt.Add(-45 * day)
		p.ExpiresAt = ptr(p.CreatedAt.Add(30 * day))
	}
}

// offer is an article that a customer may want, and those bought that say so.
type offer struct {
	neighbour
	because []neighbour // item is what was bought
}

// together gives up to three articles that the customer has not bought and that
// are closest to one that they have.
func (rec *recommender) together(a *account) []proposal {
	owned := a.timesBought()
	offers := map[*stockItem]*offer{}
	for _, inv := range a.detailed {
		for _, index := range inv.basket() {
			for _, n := range rec.near[index] {
				if owned[n.item.index] == nil {
					add(offers, n, owned[index].item)
				}
			}
		}
	}
	list := make([]*offer, 0, len(offers))
	for _, o := range offers {
		slices.SortFunc(o.because, closer)
		o.closeness, o.count = o.because[0].closeness, o.because[0].count
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *offer) int { return closer(a.neighbour, b.neighbour) })
	proposals := []proposal{}
	for _, o := range list[:min(3, len(list))] {
		proposals = append(proposals, o.proposal())
	}
	return proposals
}

// add notes that bought speaks for the offer n, once.
func add(offers map[*stockItem]*offer, n neighbour, bought *stockItem) {
	o := offers[n.item]
	if o == nil {
		o = &offer{neighbour: n}
		offers[n.item] = o
	}
	if !slices.ContainsFunc(o.because, func(b neighbour) bool { return b.item == bought }) {
		o.because = append(o.because, neighbour{bought, n.closeness, n.count})
	}
}

func (o *offer) proposal() proposal {
	p := proposal{crm.Recommendation{
		ProductID: o.item.id, Kind: crm.RecommendationKindCrossSell, Score: rounded(o.closeness),
		Reason: "Often bought together with " + o.because[0].item.title, Model: modelTogether,
	}}
	for _, b := range o.because[:min(3, len(o.because))] {
		p.BasedOnIDs = append(p.BasedOnIDs, b.item.id)
	}
	return p
}

// repeated is an article and on which invoices of a customer it is.
type repeated struct {
	item  *stockItem
	times int
	last  time.Time
}

// timesBought gives what a customer bought, by the article's index.
func (a *account) timesBought() map[int]*repeated {
	found := map[int]*repeated{}
	for _, inv := range a.detailed {
		for _, l := range inv.lines {
			if r := found[l.item.index]; r == nil {
				found[l.item.index] = &repeated{l.item, 1, inv.day}
			} else if r.last != inv.day {
				r.times++
				r.last = inv.day
			}
		}
	}
	return found
}

// replenish gives up to n articles that the customer bought on three days or
// more: the score is times / (times + 3).
func (rec *recommender) replenish(a *account, n int) []proposal {
	again := []*repeated{}
	for _, r := range a.timesBought() {
		if r.times >= 3 && !r.item.service() {
			again = append(again, r)
		}
	}
	slices.SortFunc(again, func(a, b *repeated) int {
		return cmp.Or(-cmp.Compare(a.times, b.times), cmp.Compare(a.item.index, b.item.index))
	})
	proposals := []proposal{}
	for _, r := range again[:min(n, len(again))] {
		proposals = append(proposals, proposal{crm.Recommendation{
			ProductID: r.item.id, Kind: crm.RecommendationKindReplenish,
			Score:      rounded(float64(r.times) / float64(r.times+3)),
			Reason:     fmt.Sprintf("Bought on %d days, last on %s", r.times, r.last.Format(time.DateOnly)),
			BasedOnIDs: []crm.ID{r.item.id}, Model: modelReplenish,
		}})
	}
	return proposals
}

// bestSellers gives two of the ten best sellers to a customer of whom no lines
// are known; the score is the share of known customers who bought it.
func (rec *recommender) bestSellers(a *account) []proposal {
	start := newRandom("best-sellers", a.key).below(len(rec.popular))
	proposals := []proposal{}
	for i := range 2 {
		item := rec.popular[(start+i)%len(rec.popular)]
		proposals = append(proposals, proposal{crm.Recommendation{
			ProductID: item.id, Kind: crm.RecommendationKindCrossSell,
			Score: rounded(float64(item.buyers) / float64(rec.known)),
			Reason: fmt.Sprintf("A best seller: bought by %d of the %d customers whose articles are known",
				item.buyers, rec.known),
			Model: modelPopular,
		}})
	}
	return proposals
}

// rounded gives a share with four digits after the point.
func rounded(share float64) float64 { return math.Round(share*1e4) / 1e4 }
