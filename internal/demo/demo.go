package demo

import (
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Source is the data set's name among external identities and the sources of
// orders and products.
const Source = "online-retail"

// WebShop is the name of the shop that has some of the orders itself: the store
// has copies of them, as after a synchronization.
const WebShop = "web-shop"

// generated is the source that ids of generated records are derived from.
const generated = "demo"

// mark is the source that generated tickets and interactions name, so that data
// and not only its description tells them from real ones.
const mark = "generated"

// version counts the versions of the demo: raise it when the data changes.
const version = 5

// exampleKey is the data's customer id of the example customer.
const exampleKey = "17850"

// Now is the demo's present: the morning after the data set's last day. No
// record of the demo is later, save what is due or expires.
func Now() time.Time { return time.Date(2011, time.December, 10, 9, 0, 0, 0, time.UTC) }

// ExampleCustomer is the customer to look at first: online-retail 17850.
func ExampleCustomer() crm.ID { return crm.DerivedID(crm.KindCustomer, Source, exampleKey) }

// portalKey is the data's customer id of the portal's customer.
const portalKey = "13263"

// PortalCustomer is the customer to be in the portal: online-retail 13263, who
// buys for an organization too and whose tickets have internal notes.
func PortalCustomer() crm.ID { return crm.DerivedID(crm.KindCustomer, Source, portalKey) }

// Data is the whole demo. The fields stand in the order in which they are
// written, save the web shop's products: parents before what hangs on them.
type Data struct {
	Teams           []*crm.Team
	Employees       []*crm.Employee
	Products        []*crm.Product
	Customers       []*crm.Customer // organizations, parents first, then people
	Orders          []*crm.Order
	Tickets         []*crm.Ticket
	Articles        []*crm.Article
	Interactions    []*crm.Interaction
	Recommendations []*crm.Recommendation
	NextBestActions []*crm.NextBestAction
	Notes           []*crm.Note
	Needs           []*crm.Need
	PartnerApps     []*crm.PartnerApp
}

// Generate returns the demo: the same bytes in every call and on every machine.
func Generate() (*Data, error) {
	g, err := newGenerator()
	if err != nil {
		return nil, err
	}
	for _, s := range g.stages() {
		s()
	}
	return g.data, nil
}

// generator makes the demo in stages, each of which may use what the ones
// before it made.
type generator struct {
	*purchases
	data          *Data
	words         *lexicon
	staff         *staff
	organizations []*organization
	ranked        []*buyer        // by rank
	taken         map[crm.ID]bool // what of data Load has taken
}

func newGenerator() (*generator, error) {
	p, err := readPurchases()
	if err != nil {
		return nil, fmt.Errorf("read the demo's purchases: %w", err)
	}
	g := &generator{purchases: p, data: &Data{}, words: newLexicon(), taken: map[crm.ID]bool{}}
	g.rankBuyers()
	return g, nil
}

// stages returns what makes the kinds of record, parents first.
func (g *generator) stages() []func() {
	return append(g.sales(),
		g.makeTickets, g.makeInteractions, g.makeRecommendations, g.makeActions, g.makeNotes, g.makeNeeds, g.makePartnerApps,
	)
}

// sales returns the stages up to the orders.
func (g *generator) sales() []func() {
	return []func(){g.makeStaff, g.makeProducts, g.makeCustomers, g.makeWebShopProducts, g.makeOrders}
}
