package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/customer360/gateway/internal/crm"
)

// Store is the company's records in one SQLite file. All methods may be called
// at once from any number of goroutines; writes wait for each other.
type Store struct {
	writer    *sql.DB // one connection: SQLite has one writer at a time
	reader    *sql.DB
	prepared  preparedQueries
	observe   func(call string)
	temporary string // a folder to remove at the end; "" for none

	teams           collection[crm.Team]
	employees       collection[crm.Employee]
	partnerApps     collection[crm.PartnerApp]
	customers       collection[crm.Customer]
	products        collection[crm.Product]
	orders          collection[crm.Order]
	tickets         collection[crm.Ticket]
	articles        collection[crm.Article]
	interactions    collection[crm.Interaction]
	recommendations collection[crm.Recommendation]
	nextBestActions collection[crm.NextBestAction]
	timeline        collection[crm.TimelineRecord]
}

var _ crm.Store = (*Store)(nil)

// Option changes how a store is opened.
type Option func(*Store)

// WithCallObserver has observe called once for each SQL statement that the
// store sends, with what it does: "select", "insert", "update", "delete",
// "pragma", "ddl" or "transaction" (begin, commit and rollback), and no word of
// it beyond that. It is called from many goroutines at once.
func WithCallObserver(observe func(call string)) Option {
	return func(s *Store) { s.observe = observe }
}

func (s *Store) bind() {
	s.prepared.byText = map[string]*sql.Stmt{}
	s.teams = collection[crm.Team]{s, teams()}
	s.employees = collection[crm.Employee]{s, employees()}
	s.partnerApps = collection[crm.PartnerApp]{s, partnerApps()}
	s.customers = collection[crm.Customer]{s, customers()}
	s.products = collection[crm.Product]{s, products()}
	s.orders = collection[crm.Order]{s, orders()}
	s.tickets = collection[crm.Ticket]{s, tickets()}
	s.articles = collection[crm.Article]{s, articles()}
	s.interactions = collection[crm.Interaction]{s, interactions()}
	s.recommendations = collection[crm.Recommendation]{s, recommendations()}
	s.nextBestActions = collection[crm.NextBestAction]{s, nextBestActions()}
	s.timeline = collection[crm.TimelineRecord]{s, timeline()}
}

// Teams gives the teams.
func (s *Store) Teams() crm.Records[crm.Team] { return &s.teams }

// Employees gives the employees.
func (s *Store) Employees() crm.Records[crm.Employee] { return &s.employees }

// PartnerApps gives the partner apps.
func (s *Store) PartnerApps() crm.Records[crm.PartnerApp] { return &s.partnerApps }

// Customers gives the customers.
func (s *Store) Customers() crm.Records[crm.Customer] { return &s.customers }

// Products gives the products.
func (s *Store) Products() crm.Records[crm.Product] { return &s.products }

// Orders gives the orders.
func (s *Store) Orders() crm.Records[crm.Order] { return &s.orders }

// Tickets gives the tickets.
func (s *Store) Tickets() crm.Records[crm.Ticket] { return &s.tickets }

// Articles gives the tickets' articles.
func (s *Store) Articles() crm.Records[crm.Article] { return &s.articles }

// Interactions gives the interactions.
func (s *Store) Interactions() crm.Records[crm.Interaction] { return &s.interactions }

// Recommendations gives the recommendations.
func (s *Store) Recommendations() crm.Records[crm.Recommendation] { return &s.recommendations }

// NextBestActions gives the next best actions.
func (s *Store) NextBestActions() crm.Records[crm.NextBestAction] { return &s.nextBestActions }

// Timeline reads the entries that Write derives from the other kinds.
func (s *Store) Timeline() crm.Reader[crm.TimelineRecord] { return &s.timeline }

// Ping reads from the file.
func (s *Store) Ping(ctx context.Context) error {
	var tables int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
	return translate("ping the store", err)
}

// Close lets go of the file; a temporary one is removed. It waits for calls
// that are under way.
func (s *Store) Close(context.Context) error {
	err := errors.Join(s.prepared.close(), s.reader.Close(), s.writer.Close())
	if s.temporary != "" {
		err = errors.Join(err, os.RemoveAll(s.temporary))
	}
	return translate("close the store", err)
}
