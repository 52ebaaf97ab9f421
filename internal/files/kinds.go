package files

import (
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// Kind is a kind of record as commands name it: "customers".
type Kind string

// The kinds that files hold.
const (
	KindArticles        Kind = "articles"
	KindCustomers       Kind = "customers"
	KindEmployees       Kind = "employees"
	KindInteractions    Kind = "interactions"
	KindNextBestActions Kind = "next-best-actions"
	KindOrders          Kind = "orders"
	KindPartnerApps     Kind = "partner-apps"
	KindProducts        Kind = "products"
	KindRecommendations Kind = "recommendations"
	KindTeams           Kind = "teams"
	KindTickets         Kind = "tickets"
)

// Kinds lists the kinds by name.
func Kinds() []Kind {
	return []Kind{
		KindArticles, KindCustomers, KindEmployees, KindInteractions, KindNextBestActions, KindOrders,
		KindPartnerApps, KindProducts, KindRecommendations, KindTeams, KindTickets,
	}
}

// ParseKind returns the kind of a name; an unknown one is CodeInvalid.
func ParseKind(name string) (Kind, error) {
	if kind := Kind(name); slices.Contains(Kinds(), kind) {
		return kind, nil
	}
	words := make([]string, 0, len(Kinds()))
	for _, kind := range Kinds() {
		words = append(words, string(kind))
	}
	return "", crm.Invalid("a kind must be one of " + strings.Join(words, ", "))
}

// handler reads, stores and dumps one kind of record.
type handler interface {
	about() *description
	// decode makes a row of a value that conforms to the schema.
	decode(text []byte) (any, error)
	// process stores rows, which are of its kind, up to the first that has to
	// wait for those before it, and says how many that were: at least one.
	process(ctx context.Context, run *run, rows []*row) (int, error)
	// dump hands out the JSON of every record by id.
	dump(ctx context.Context, store crm.Store, line func(text []byte) error) error
}

// description is what a kind of record is called and looks like in files.
type description struct {
	name     Kind
	kind     crm.Kind
	envelope string
	schema   *schema
	// names are the record's own members, without those that only files have.
	names []string
}

// spec is what the kinds differ in. D is the domain's type, R the record's.
type spec[D, R any] struct {
	description
	records  func(crm.Store) crm.Records[D]
	write    func(*D) *R
	read     func(*R) *D
	complete func(*D)
	// meta points at what the rules of upserting are about.
	meta func(*R) meta
	// references hands every reference to a customer or ticket to visit.
	references func(r *R, visit func(reference))
	// renew carries over from old, nil for a new record, what a row need not
	// repeat, and notes what changed; nil does nothing.
	renew func(e *edit, old, merged *R)
	// settle fills in what follows from the record's own data, and says what is
	// wrong with the record as a whole.
	settle func(s settings, r *R) *fault
}

// meta points at a record's own members; nil where the kind has none.
type meta struct {
	id                   *crm.ID
	version              *int
	createdAt, updatedAt *record.Time
}

// reference is a reference that must lead somewhere.
type reference struct {
	field string
	id    *crm.ID
	// organization says that it must be an organization.
	organization bool
}

func (s *spec[D, R]) about() *description { return &s.description }

// handlers returns every kind's handler, by name.
func handlers() map[Kind]handler {
	all := map[Kind]handler{}
	for _, h := range []handler{
		customers(), orders(), products(), tickets(), articles(), interactions(),
		recommendations(), nextBestActions(), employees(), teams(), partnerApps(),
	} {
		all[h.about().name] = h
	}
	return all
}

// describe describes a kind; inputs are the members that only files have.
func describe[R any](name Kind, kind crm.Kind, envelope string, inputs ...string) description {
	s := schemaOf[R]()
	own := slices.Clone(s.names)
	for _, input := range inputs {
		switch input {
		case "source":
			s.add(input, shortText(checkSource))
		default:
			s.add(input, &schema{shape: shapeText, most: maxExternalID})
		}
	}
	return description{name: name, kind: kind, envelope: envelope, schema: s, names: own}
}

func noReferences[R any](*R, func(reference)) {}
