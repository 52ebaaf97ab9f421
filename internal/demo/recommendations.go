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

// recommender computes recommendations from the real purchases, for one customer
// after another.
type recommender struct {
	items   []*stockItem  // by index
	near    [][]neighbour // of each, by its index
	popular []*stockItem  // the best sellers, most buyers first
	known   int           // customers with lines
	bought  []repeated    // of the customer at hand, by the article's index
	offers  []offer       // for the customer at hand, by the article's index
}

func (g *generator) makeRecommendations() {
	rec := g.newRecommender()
	for _, a := range g.accounts() {
		list := rec.forCustomer(&a)
		r := newRandom("recommendations", a.key)
		for n, item := range list {
			item.finish(&a, r, n)
			g.data.Recommendations = append(g.data.Recommendations, &item.Recommendation)
		}
	}
}

func (g *generator) newRecommender() *recommender {
	rec := &recommender{
		items:  g.articles,
		near:   g.boughtTogether(),
		bought: make([]repeated, len(g.articles)),
		offers: make([]offer, len(g.articles)),
	}
	for _, b := range g.buyers {
		rec.known += yes(len(b.bought) > 0)
	}
	items := slices.DeleteFunc(slices.Clone(g.articles), (*stockItem).service)
	slices.SortStableFunc(items, func(a, b *stockItem) int { return -cmp.Compare(a.buyers, b.buyers) })
	rec.popular = items[:10]
	return rec
}

// forCustomer returns a customer's recommendations: three articles bought together
// with theirs, the third of which gives way to one that they buy again and again;
// a best seller if none of their articles is known.
func (rec *recommender) forCustomer(a *account) []proposal {
	if len(a.detailed) == 0 {
		return rec.bestSeller(a)
	}
	basket := rec.note(a)
	defer rec.forget(basket)
	list, again := rec.together(basket), rec.replenish(basket)
	if len(list) > 2 && len(again) > 0 {
		list = list[:2]
	}
	list = append(list, again...)
	if len(list) == 0 {
		return rec.bestSeller(a)
	}
	return list
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

// repeated is an article that a customer bought, and on how many days.
type repeated struct {
	item  *stockItem // nil if they did not
	times int
	last  time.Time
	first *invoice
}

// id names the article as the customer bought it first: two sources sell it.
func (r *repeated) id() crm.ID { return r.first.productID(r.item) }

// note notes what a customer bought and gives the articles' indexes.
func (rec *recommender) note(a *account) []int {
	basket := []int{}
	for _, inv := range a.detailed {
		for _, index := range inv.basket() {
			switch r := &rec.bought[index]; {
			case r.item == nil:
				*r = repeated{rec.items[index], 1, inv.day, inv}
				basket = append(basket, index)
			case !r.last.Equal(inv.day):
				r.times++
				r.last = inv.day
			}
		}
	}
	slices.Sort(basket)
	return basket
}

// forget makes room for the next customer.
func (rec *recommender) forget(basket []int) {
	for _, index := range basket {
		rec.bought[index] = repeated{}
		for _, n := range rec.near[index] {
			rec.offers[n.item.index] = offer{}
		}
	}
}

// offer is an article that a customer may want: the closest three of those
// bought that speak for it, closest first.
type offer struct {
	item    *stockItem
	because [3]neighbour
	reasons int
}

// support notes that a bought article speaks for the offer.
func (o *offer) support(by neighbour) {
	place := o.reasons
	for place > 0 && closer(by, o.because[place-1]) < 0 {
		place--
	}
	if place == len(o.because) {
		return
	}
	copy(o.because[place+1:], o.because[place:])
	o.because[place] = by
	o.reasons = min(o.reasons+1, len(o.because))
}

// together returns up to three articles that the customer has not bought and that
// are closest to one that they have.
func (rec *recommender) together(basket []int) []proposal {
	found := []*offer{}
	for _, index := range basket {
		for _, n := range rec.near[index] {
			if rec.bought[n.item.index].item != nil {
				continue
			}
			o := &rec.offers[n.item.index]
			if o.item == nil {
				o.item = n.item
				found = append(found, o)
			}
			o.support(neighbour{rec.items[index], n.closeness, n.count})
		}
	}
	proposals := []proposal{}
	for _, o := range closest(3, found) {
		proposals = append(proposals, rec.proposal(o))
	}
	return proposals
}

// closest moves the n best offers to the front, the best first, and gives them.
func closest(n int, offers []*offer) []*offer {
	n = min(n, len(offers))
	for i := range n {
		best := i
		for j := i + 1; j < len(offers); j++ {
			if offers[j].before(offers[best]) {
				best = j
			}
		}
		offers[i], offers[best] = offers[best], offers[i]
	}
	return offers[:n]
}

// before says whether an offer is the better one.
func (o *offer) before(other *offer) bool {
	first, second := o.because[0], other.because[0]
	first.item, second.item = o.item, other.item
	return closer(first, second) < 0
}

func (rec *recommender) proposal(o *offer) proposal {
	p := proposal{crm.Recommendation{
		ProductID: o.item.id, Kind: crm.RecommendationKindCrossSell, Score: rounded(o.because[0].closeness),
		Reason: "Often bought together with " + o.because[0].item.title, Model: modelTogether,
	}}
	for _, b := range o.because[:o.reasons] {
		p.BasedOnIDs = append(p.BasedOnIDs, rec.bought[b.item.index].id())
	}
	return p
}

// replenish returns the article that the customer bought on the most days, if that
// is three or more: the score is days / (days + 3).
func (rec *recommender) replenish(basket []int) []proposal {
	var most repeated
	for _, index := range basket {
		if r := rec.bought[index]; r.times > most.times {
			most = r
		}
	}
	if most.times < 3 {
		return nil
	}
	return []proposal{{crm.Recommendation{
		ProductID: most.id(), Kind: crm.RecommendationKindReplenish,
		Score:      rounded(float64(most.times) / float64(most.times+3)),
		Reason:     fmt.Sprintf("Bought on %d days, last on %s", most.times, most.last.Format(time.DateOnly)),
		BasedOnIDs: []crm.ID{most.id()}, Model: modelReplenish,
	}}}
}

// bestSeller returns one of the ten best sellers to a customer of whom no article
// is known; the score is the share of the known customers who bought it.
func (rec *recommender) bestSeller(a *account) []proposal {
	item := pick(newRandom("best-sellers", a.key), rec.popular)
	return []proposal{{crm.Recommendation{
		ProductID: item.id, Kind: crm.RecommendationKindCrossSell,
		Score: rounded(float64(item.buyers) / float64(rec.known)),
		Reason: fmt.Sprintf("A best seller: bought by %d of the %d customers whose articles are known",
			item.buyers, rec.known),
		Model: modelPopular,
	}}}
}

// rounded returns a share with four digits after the point.
func rounded(share float64) float64 { return math.Round(share*1e4) / 1e4 }
