package mongodb

import (
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// The collections.
const (
	teams           = "teams"
	employees       = "employees"
	partnerApps     = "partner_apps"
	customers       = "customers"
	products        = "products"
	orders          = "orders"
	tickets         = "tickets"
	articles        = "articles"
	interactions    = "interactions"
	recommendations = "recommendations"
	nextBestActions = "next_best_actions"
	timeline        = "timeline"
)

// kind is what the engine knows of one kind of record: T is the domain's type,
// R how it is written down.
type kind[T, R any] struct {
	name   string   // of the collection
	prefix crm.Kind // of its ids; "" takes any id
	id     func(*T) crm.ID
	keys   func(*T) crm.Keys
	record func(*T) *R
	domain func(*R) *T
	// version is nil for kinds without.
	version func(*T) int
	// parents are the records that must be there; "" ids are none.
	parents func(*T) []parent
	// entries are the record's timeline; nil for kinds that have none.
	entries func(*T) []*crm.TimelineRecord
	// unique is the field whose values no two records share; "" for none.
	unique crm.Field
}

// parent is a record that another hangs on.
type parent struct {
	collection string
	id         crm.ID
}

// kinds has the engine of every kind.
type kinds struct {
	teams           *collection[crm.Team, record.Team]
	employees       *collection[crm.Employee, record.Employee]
	partnerApps     *collection[crm.PartnerApp, record.PartnerApp]
	customers       *collection[crm.Customer, record.Customer]
	products        *collection[crm.Product, record.Product]
	orders          *collection[crm.Order, record.Order]
	tickets         *collection[crm.Ticket, record.Ticket]
	articles        *collection[crm.Article, record.Article]
	interactions    *collection[crm.Interaction, record.Interaction]
	recommendations *collection[crm.Recommendation, record.Recommendation]
	nextBestActions *collection[crm.NextBestAction, record.NextBestAction]
	timeline        *collection[crm.TimelineRecord, record.TimelineRecord]
}

// Teams serves teams.
func (s *Store) Teams() crm.Records[crm.Team] { return s.kinds.teams }

// Employees serves employees.
func (s *Store) Employees() crm.Records[crm.Employee] { return s.kinds.employees }

// PartnerApps serves partner apps.
func (s *Store) PartnerApps() crm.Records[crm.PartnerApp] { return s.kinds.partnerApps }

// Customers serves customers.
func (s *Store) Customers() crm.Records[crm.Customer] { return s.kinds.customers }

// Products serves products.
func (s *Store) Products() crm.Records[crm.Product] { return s.kinds.products }

// Orders serves orders.
func (s *Store) Orders() crm.Records[crm.Order] { return s.kinds.orders }

// Tickets serves tickets.
func (s *Store) Tickets() crm.Records[crm.Ticket] { return s.kinds.tickets }

// Articles serves tickets' articles.
func (s *Store) Articles() crm.Records[crm.Article] { return s.kinds.articles }

// Interactions serves interactions.
func (s *Store) Interactions() crm.Records[crm.Interaction] { return s.kinds.interactions }

// Recommendations serves recommendations.
func (s *Store) Recommendations() crm.Records[crm.Recommendation] { return s.kinds.recommendations }

// NextBestActions serves next best actions.
func (s *Store) NextBestActions() crm.Records[crm.NextBestAction] { return s.kinds.nextBestActions }

// Timeline serves timeline entries.
func (s *Store) Timeline() crm.Reader[crm.TimelineRecord] { return s.kinds.timeline }

func newKinds(s *Store) kinds {
	k := kinds{
		teams: newCollection(s, kind[crm.Team, record.Team]{
			name: teams, prefix: crm.KindTeam, id: func(t *crm.Team) crm.ID { return t.ID },
			keys: (*crm.Team).Keys, record: record.NewTeam, domain: (*record.Team).Domain,
		}),
		employees: newCollection(s, kind[crm.Employee, record.Employee]{
			name: employees, prefix: crm.KindEmployee, id: func(e *crm.Employee) crm.ID { return e.ID },
			keys: (*crm.Employee).Keys, record: record.NewEmployee, domain: (*record.Employee).Domain,
		}),
		partnerApps: newCollection(s, kind[crm.PartnerApp, record.PartnerApp]{
			name: partnerApps, prefix: crm.KindPartnerApp, id: func(a *crm.PartnerApp) crm.ID { return a.ID },
			keys: (*crm.PartnerApp).Keys, record: record.NewPartnerApp, domain: (*record.PartnerApp).Domain,
		}),
		products: newCollection(s, kind[crm.Product, record.Product]{
			name: products, prefix: crm.KindProduct, id: func(p *crm.Product) crm.ID { return p.ID },
			keys: (*crm.Product).Keys, record: record.NewProduct, domain: (*record.Product).Domain,
		}),
		timeline: newCollection(s, kind[crm.TimelineRecord, record.TimelineRecord]{
			name: timeline, id: func(r *crm.TimelineRecord) crm.ID { return r.ID },
			keys: (*crm.TimelineRecord).Keys, record: record.NewTimelineRecord, domain: (*record.TimelineRecord).Domain,
		}),
	}
	k.addHistories(s)
	k.addBelongings(s)
	return k
}

// addHistories adds the kinds that stand in a timeline.
func (k *kinds) addHistories(s *Store) {
	k.customers = newCollection(s, kind[crm.Customer, record.Customer]{
		name: customers, prefix: crm.KindCustomer, id: func(c *crm.Customer) crm.ID { return c.ID },
		keys: (*crm.Customer).Keys, record: record.NewCustomer, domain: (*record.Customer).Domain,
		version: func(c *crm.Customer) int { return c.Version },
		entries: (*crm.Customer).TimelineRecords, unique: crm.FieldIdentity,
	})
	k.orders = newCollection(s, kind[crm.Order, record.Order]{
		name: orders, prefix: crm.KindOrder, id: func(o *crm.Order) crm.ID { return o.ID },
		keys: (*crm.Order).Keys, record: record.NewOrder, domain: (*record.Order).Domain,
		parents: func(o *crm.Order) []parent {
			return []parent{{customers, o.CustomerID}, {customers, o.OrganizationID}}
		},
		entries: (*crm.Order).TimelineRecords,
	})
	k.tickets = newCollection(s, kind[crm.Ticket, record.Ticket]{
		name: tickets, prefix: crm.KindTicket, id: func(t *crm.Ticket) crm.ID { return t.ID },
		keys: (*crm.Ticket).Keys, record: record.NewTicket, domain: (*record.Ticket).Domain,
		version: func(t *crm.Ticket) int { return t.Version },
		parents: func(t *crm.Ticket) []parent {
			return []parent{{customers, t.CustomerID}, {customers, t.RequesterID}}
		},
		entries: (*crm.Ticket).TimelineRecords,
	})
	k.interactions = newCollection(s, kind[crm.Interaction, record.Interaction]{
		name: interactions, prefix: crm.KindInteraction, id: func(i *crm.Interaction) crm.ID { return i.ID },
		keys: (*crm.Interaction).Keys, record: record.NewInteraction, domain: (*record.Interaction).Domain,
		parents: func(i *crm.Interaction) []parent { return []parent{{customers, i.CustomerID}} },
		entries: (*crm.Interaction).TimelineRecords,
	})
}

// addBelongings adds the kinds that hang on another record and stand in no timeline.
func (k *kinds) addBelongings(s *Store) {
	k.articles = newCollection(s, kind[crm.Article, record.Article]{
		name: articles, prefix: crm.KindArticle, id: func(a *crm.Article) crm.ID { return a.ID },
		keys: (*crm.Article).Keys, record: record.NewArticle, domain: (*record.Article).Domain,
		parents: func(a *crm.Article) []parent { return []parent{{tickets, a.TicketID}} },
	})
	k.recommendations = newCollection(s, kind[crm.Recommendation, record.Recommendation]{
		name: recommendations, prefix: crm.KindRecommendation, id: func(r *crm.Recommendation) crm.ID { return r.ID },
		keys: (*crm.Recommendation).Keys, record: record.NewRecommendation, domain: (*record.Recommendation).Domain,
		parents: func(r *crm.Recommendation) []parent { return []parent{{customers, r.CustomerID}} },
	})
	k.nextBestActions = newCollection(s, kind[crm.NextBestAction, record.NextBestAction]{
		name: nextBestActions, prefix: crm.KindNextBestAction, id: func(n *crm.NextBestAction) crm.ID { return n.ID },
		keys: (*crm.NextBestAction).Keys, record: record.NewNextBestAction, domain: (*record.NextBestAction).Domain,
		parents: func(n *crm.NextBestAction) []parent { return []parent{{customers, n.CustomerID}} },
	})
}
