package demo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

const day = 24 * time.Hour

// rankBuyers returns every buyer a place in the list by latest update: the example
// customer first, then those whose newest five orders have the most lines, among
// them those with an owner and with the fewest orders since, then the other ones
// with lines, then the rest; more orders first among equals.
func (g *generator) rankBuyers() {
	news := make(map[*buyer]latest, len(g.buyers))
	for _, b := range g.buyers {
		news[b] = b.latest()
	}
	g.ranked = slices.Clone(g.buyers)
	slices.SortFunc(g.ranked, func(a, b *buyer) int {
		x, y := news[a], news[b]
		return cmp.Or(
			-cmp.Compare(yes(a.key == exampleKey), yes(b.key == exampleKey)),
			-cmp.Compare(x.known, y.known),
			-cmp.Compare(yes(x.owned), yes(y.owned)),
			cmp.Compare(x.since, y.since),
			-cmp.Compare(yes(len(a.bought) > 0), yes(len(b.bought) > 0)),
			-cmp.Compare(len(a.invoices), len(b.invoices)),
			strings.Compare(a.key, b.key),
		)
	})
	for i, b := range g.ranked {
		b.rank = i
	}
}

// latest says what a buyer's newest five orders have to show.
type latest struct {
	known int  // those with lines
	since int  // those after the last of them
	owned bool // the buyer has an owner
}

func (b *buyer) latest() latest {
	l := latest{owned: len(b.invoices) >= 2}
	for _, inv := range b.invoices[max(0, len(b.invoices)-5):] {
		l.since++
		if len(inv.lines) > 0 {
			l.known++
			l.since = 0
		}
	}
	if l.known == 0 {
		l.since = 0
	}
	return l
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// recent is how many customers at the top of the list by latest update have
// something at every level: an owner, a recent order with lines, an open ticket,
// active recommendations and no refusal of them, and of orders with lines, tickets
// and interactions each an entry among the newest ten of their timeline.
const recent = 200

// makeCustomers makes the organizations and a profile for each buyer.
func (g *generator) makeCustomers() {
	taken := make(map[string]bool, len(g.buyers))
	memberships := g.makeOrganizations()
	for _, b := range g.buyers {
		b.profile = g.person(b, taken)
		b.profile.Memberships = memberships[b]
		g.data.Customers = append(g.data.Customers, b.profile)
	}
}

// person makes a buyer's profile. Only the external identity and what history
// derives are the data's; the country is where the buyer has lines.
func (g *generator) person(b *buyer, taken map[string]bool) *crm.Customer {
	r := newRandom("customer", b.key)
	place := g.country(b, r)
	given, family := g.words.person(r, place)
	name := given + " " + family
	address, town := place.address(r, "home", name)
	c := &crm.Customer{
		ID: b.id, Kind: crm.CustomerKindPerson, Status: crm.CustomerStatusActive,
		GivenName: ptr(given), FamilyName: ptr(family), DisplayName: name,
		AcquisitionSource: ptr(pick(r, acquisitions())),
		Emails:            emails(r, b, given, family, taken),
		Phones:            phones(r, town, 25),
		Addresses:         []crm.Address{address},
		Language:          ptr(place.language), TimeZone: ptr(place.zone),
		ExternalIdentities: []crm.ExternalIdentity{{Source: Source, ExternalID: b.key, VerifiedAt: ptr(b.first())}},
		Version:            1,
		CreatedAt:          b.first().Add(-r.duration(0, 30*day)),
		UpdatedAt:          b.updatedAt(r),
	}
	if at, ok := b.onlineSince(); ok {
		c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{
			Source: WebShop, ExternalID: b.onlineID(), VerifiedAt: ptr(at),
		})
	}
	h := history{count: len(b.invoices), spent: b.spent, last: b.last()}
	h.classify(c)
	c.Segments = h.segments(b)
	c.CustomerGroup = ptr(h.group())
	c.Tags = h.tags("generated-profile")
	g.personal(r, b, c)
	c.OwnerID = g.owner(r, h)
	c.Consents = consents(r, c, b.rank < recent)
	if consent := c.Consents[0]; consent.Status == crm.ConsentStatusGranted {
		c.Tags = append(c.Tags, "newsletter")
	}
	c.Changes = g.changes(r, c)
	return c
}

// updatedAt spreads the buyers with lines over the last day, by rank; the others
// were last changed around their last order.
func (b *buyer) updatedAt(r *random) time.Time {
	rank := time.Duration(b.rank)
	if len(b.bought) > 0 {
		return Now().Add(-time.Minute - rank*85*time.Second)
	}
	at, latest := b.last().Add(r.duration(9*time.Hour, 20*time.Hour)), Now().Add(-25*time.Hour-rank*time.Second)
	if at.After(latest) {
		return latest
	}
	return at
}

func (g *generator) country(b *buyer, r *random) *country {
	name := b.country
	if name == "" {
		name = home
		if r.percent(8) {
			name = pick(r, g.words.abroad)
		}
	}
	return g.words.countries[name]
}

func acquisitions() []string {
	return []string{"search", "catalogue", "trade fair", "recommendation", "newsletter", "social media", "shop window"}
}

// emails returns an address nobody else has, and for some the household's, which
// two share.
func emails(r *random, b *buyer, given, family string, taken map[string]bool) []crm.EmailAddress {
	local := strings.ReplaceAll(ascii(given)+"."+ascii(family), " ", "")
	domain := pick(r, []string{"@example.com", "@example.org", "@example.net"})
	address := local + domain
	if taken[address] {
		address = local + "." + b.key + domain
	}
	taken[address] = true
	list := []crm.EmailAddress{{Address: address, Verified: r.percent(90), Primary: true}}
	if place := b.rank % 180; place == 7 || place == 8 {
		shared := "household." + strconv.Itoa(b.rank/180+1) + "@example.net"
		list = append(list, crm.EmailAddress{Address: shared})
	}
	return list
}

// personal adds what only some people have told.
func (g *generator) personal(r *random, b *buyer, c *crm.Customer) {
	if r.percent(40) {
		born := time.Date(1940, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.below(51*365))
		c.Birthday = ptr(crm.Date(born.Format(time.DateOnly)))
	}
	if r.percent(35) {
		c.ContactPreferences = &crm.ContactPreferences{
			PreferredChannel: ptr(pick(r, []crm.Channel{crm.ChannelEmail, crm.ChannelPhone, crm.ChannelMail})),
			DoNotContact:     []crm.Channel{pick(r, []crm.Channel{crm.ChannelSMS, crm.ChannelSocial, crm.ChannelFax})},
			PreferredTime:    ptr(pick(r, []string{"weekday mornings", "weekday evenings", "not on Mondays"})),
		}
	}
	if r.percent(20) {
		c.CustomAttributes = []crm.CustomAttribute{
			{Name: "catalogue", Value: crm.JSON(pick(r, []string{`"autumn-2011"`, `"spring-2011"`}))},
			{Name: "giftWrap", Value: crm.JSON(pick(r, []string{"true", "false"}))},
		}
	}
	if *c.LoyaltyClass == crm.LoyaltyClassLoyal {
		c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{
			Source: "loyalty", ExternalID: "L-" + b.key, VerifiedAt: ptr(c.CreatedAt),
		})
	}
	if other := pick(r, g.buyers); r.percent(5) && other.key < b.key && other.first().Before(b.first()) {
		c.ReferredByID = other.id
	}
}

// owner returns those who buy often a key account manager, some others an adviser.
func (g *generator) owner(r *random, h history) crm.ID {
	switch {
	case h.count >= 10:
		return pick(r, g.staff.wholesale).ID
	case h.count >= 2:
		return pick(r, g.staff.care).ID
	default:
		return ""
	}
}

// changes returns a third of the profiles a change, by the customer or an adviser.
func (g *generator) changes(r *random, c *crm.Customer) []crm.ProfileChange {
	if !r.percent(33) {
		return nil
	}
	by := crm.ActorRef{ID: c.ID}
	if r.percent(40) {
		by = crm.ActorRef{ID: pick(r, g.staff.care).ID}
	}
	return []crm.ProfileChange{{
		ID:         string(c.ID) + "/" + string(crm.TimelineKindProfileChanged) + "/1",
		OccurredAt: c.CreatedAt.Add(r.duration(time.Minute, c.UpdatedAt.Sub(c.CreatedAt))),
		ActorRef:   by,
		Fields:     pick(r, [][]string{{"addresses"}, {"phones"}, {"contactPreferences"}, {"emails", "phones"}}),
	}}
}
