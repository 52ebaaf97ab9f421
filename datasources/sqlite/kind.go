package sqlite

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// class is what a column holds.
type class int

const (
	text     class = iota // NULL when empty
	sortable              // text that lists are sorted by: never NULL
	instant               // Unix milliseconds
	number                // a whole number, NULL when absent
)

// column is a single-valued key; its name is the field's.
type column struct {
	field crm.Field
	class class
}

// table says which keys one kind of record is found by.
type table struct {
	name    string
	columns []column
	many    []crm.Field // in the side table
}

// column gives a field's column; ok is false if the table has none.
func (t *table) column(field crm.Field) (found column, ok bool) {
	for _, c := range t.columns {
		if c.field == field {
			return c, true
		}
	}
	return column{field: crm.FieldID, class: sortable}, field == crm.FieldID
}

// kind says how one kind of record is kept.
type kind[T any] struct {
	table
	prefix crm.Kind // of the ids; "" where they have none of their own

	id      func(*T) crm.ID
	version func(*T) int // nil for kinds without
	keys    func(*T) crm.Keys
	encode  func(*T) ([]byte, error)

	// read lists the columns that a record is made of; scanner gives where to
	// put them and how to make the record of them.
	read    string
	scanner func() (targets []any, record func() (*T, error))

	timeline func(*T) []*crm.TimelineRecord // nil for kinds without
	missing  string                         // what is wrong if a reference leads nowhere
}

// documents makes a kind whose records are JSON documents.
func documents[T, R any](k kind[T], written func(*T) *R, domain func(*R) *T) kind[T] {
	k.encode = func(r *T) ([]byte, error) { return record.Marshal(written(r)) }
	k.read = "t.doc"
	k.scanner = func() ([]any, func() (*T, error)) {
		var doc sql.RawBytes
		return []any{&doc}, func() (*T, error) {
			r := new(R)
			if err := json.Unmarshal(doc, r); err != nil {
				return nil, err
			}
			return domain(r), nil
		}
	}
	return k
}

func named[T any](name string, prefix crm.Kind) kind[T] {
	return kind[T]{
		table:  table{name: name, columns: []column{{crm.FieldName, sortable}, {crm.FieldUpdatedAt, instant}}},
		prefix: prefix,
	}
}

func teams() kind[crm.Team] {
	k := named[crm.Team]("teams", crm.KindTeam)
	k.id = func(t *crm.Team) crm.ID { return t.ID }
	k.keys = (*crm.Team).Keys
	return documents(k, record.NewTeam, (*record.Team).Domain)
}

func employees() kind[crm.Employee] {
	k := named[crm.Employee]("employees", crm.KindEmployee)
	k.id = func(e *crm.Employee) crm.ID { return e.ID }
	k.keys = (*crm.Employee).Keys
	return documents(k, record.NewEmployee, (*record.Employee).Domain)
}

func partnerApps() kind[crm.PartnerApp] {
	k := named[crm.PartnerApp]("partner_apps", crm.KindPartnerApp)
	k.id = func(a *crm.PartnerApp) crm.ID { return a.ID }
	k.keys = (*crm.PartnerApp).Keys
	return documents(k, record.NewPartnerApp, (*record.PartnerApp).Domain)
}

func customers() kind[crm.Customer] {
	return documents(kind[crm.Customer]{
		table: table{
			name: "customers",
			columns: []column{
				{crm.FieldName, sortable},
				{crm.FieldKind, text},
				{crm.FieldStatus, text},
				{crm.FieldLifecycle, text},
				{crm.FieldLoyalty, text},
				{crm.FieldOwner, text},
				{crm.FieldCreatedAt, instant},
				{crm.FieldUpdatedAt, instant},
			},
			many: []crm.Field{
				crm.FieldTag, crm.FieldSegment, crm.FieldEmail, crm.FieldPhone,
				crm.FieldIdentity, crm.FieldOrganization, crm.FieldTokens,
			},
		},
		prefix:   crm.KindCustomer,
		id:       func(c *crm.Customer) crm.ID { return c.ID },
		version:  func(c *crm.Customer) int { return c.Version },
		keys:     (*crm.Customer).Keys,
		timeline: (*crm.Customer).TimelineRecords,
	}, record.NewCustomer, (*record.Customer).Domain)
}

func products() kind[crm.Product] {
	return documents(kind[crm.Product]{
		table: table{
			name:    "products",
			columns: []column{{crm.FieldSource, text}, {crm.FieldName, sortable}, {crm.FieldUpdatedAt, instant}},
			many:    []crm.Field{crm.FieldSKU, crm.FieldCategory, crm.FieldTokens},
		},
		prefix: crm.KindProduct,
		id:     func(p *crm.Product) crm.ID { return p.ID },
		keys:   (*crm.Product).Keys,
	}, record.NewProduct, (*record.Product).Domain)
}

const noCustomer = "the record refers to a customer that does not exist"

func orders() kind[crm.Order] {
	return documents(kind[crm.Order]{
		table: table{
			name: "orders",
			columns: []column{
				{crm.FieldCustomer, text},
				{crm.FieldOrganization, text},
				{crm.FieldSource, text},
				{crm.FieldNumber, text},
				{crm.FieldStatus, text},
				{crm.FieldFinancial, text},
				{crm.FieldFulfillment, text},
				{crm.FieldCanceled, text},
				{crm.FieldCurrency, text},
				{crm.FieldPlacedAt, instant},
				{crm.FieldUpdatedAt, instant},
				{crm.FieldGross, number},
				{crm.FieldNet, number},
			},
			many: []crm.Field{crm.FieldTokens},
		},
		prefix:   crm.KindOrder,
		id:       func(o *crm.Order) crm.ID { return o.ID },
		keys:     (*crm.Order).Keys,
		timeline: (*crm.Order).TimelineRecords,
		missing:  noCustomer,
	}, record.NewOrder, (*record.Order).Domain)
}

func tickets() kind[crm.Ticket] {
	return documents(kind[crm.Ticket]{
		table: table{
			name: "tickets",
			columns: []column{
				{crm.FieldCustomer, text},
				{crm.FieldRequester, text},
				{crm.FieldNumber, text},
				{crm.FieldStatus, text},
				{crm.FieldOpen, text},
				{crm.FieldType, text},
				{crm.FieldPriority, text},
				{crm.FieldChannel, text},
				{crm.FieldAssignee, text},
				{crm.FieldQueue, text},
				{crm.FieldCreatedAt, instant},
				{crm.FieldUpdatedAt, instant},
				{crm.FieldSatisfaction, number},
			},
			many: []crm.Field{crm.FieldTokens},
		},
		prefix:   crm.KindTicket,
		id:       func(t *crm.Ticket) crm.ID { return t.ID },
		version:  func(t *crm.Ticket) int { return t.Version },
		keys:     (*crm.Ticket).Keys,
		timeline: (*crm.Ticket).TimelineRecords,
		missing:  noCustomer,
	}, record.NewTicket, (*record.Ticket).Domain)
}

func articles() kind[crm.Article] {
	return documents(kind[crm.Article]{
		table: table{
			name:    "articles",
			columns: []column{{crm.FieldTicket, text}, {crm.FieldVisibility, text}, {crm.FieldCreatedAt, instant}},
		},
		prefix:  crm.KindArticle,
		id:      func(a *crm.Article) crm.ID { return a.ID },
		keys:    (*crm.Article).Keys,
		missing: "the article refers to a ticket that does not exist",
	}, record.NewArticle, (*record.Article).Domain)
}

func interactions() kind[crm.Interaction] {
	return documents(kind[crm.Interaction]{
		table: table{
			name: "interactions",
			columns: []column{
				{crm.FieldCustomer, text}, {crm.FieldChannel, text}, {crm.FieldThread, text}, {crm.FieldOccurredAt, instant},
			},
		},
		prefix:   crm.KindInteraction,
		id:       func(i *crm.Interaction) crm.ID { return i.ID },
		keys:     (*crm.Interaction).Keys,
		timeline: (*crm.Interaction).TimelineRecords,
		missing:  noCustomer,
	}, record.NewInteraction, (*record.Interaction).Domain)
}

func recommendations() kind[crm.Recommendation] {
	return documents(kind[crm.Recommendation]{
		table: table{
			name: "recommendations",
			columns: []column{
				{crm.FieldCustomer, text}, {crm.FieldStatus, text}, {crm.FieldKind, text}, {crm.FieldRank, number},
			},
		},
		prefix:  crm.KindRecommendation,
		id:      func(r *crm.Recommendation) crm.ID { return r.ID },
		keys:    (*crm.Recommendation).Keys,
		missing: noCustomer,
	}, record.NewRecommendation, (*record.Recommendation).Domain)
}

func nextBestActions() kind[crm.NextBestAction] {
	return documents(kind[crm.NextBestAction]{
		table: table{
			name:    "next_best_actions",
			columns: []column{{crm.FieldCustomer, text}, {crm.FieldStatus, text}, {crm.FieldRank, number}},
		},
		prefix:  crm.KindNextBestAction,
		id:      func(n *crm.NextBestAction) crm.ID { return n.ID },
		keys:    (*crm.NextBestAction).Keys,
		missing: noCustomer,
	}, record.NewNextBestAction, (*record.NextBestAction).Domain)
}

// timeline is read only; Write fills it. An entry is made of its columns: only
// a customer's own have a document.
func timeline() kind[crm.TimelineRecord] {
	return kind[crm.TimelineRecord]{
		table: table{name: "timeline", columns: []column{
			{crm.FieldCustomer, text}, {crm.FieldKind, text}, {crm.FieldRef, text}, {crm.FieldOccurredAt, instant},
		}},
		read: "t.id, t.customer, t.occurred_at, t.kind, t.ref, t.doc",
		scanner: func() ([]any, func() (*crm.TimelineRecord, error)) {
			var e crm.TimelineRecord
			var at int64
			var doc sql.RawBytes
			return []any{&e.ID, &e.CustomerID, &at, &e.Kind, &e.Ref, &doc}, func() (*crm.TimelineRecord, error) {
				if doc != nil {
					written := new(record.TimelineRecord)
					if err := json.Unmarshal(doc, written); err != nil {
						return nil, err
					}
					return written.Domain(), nil
				}
				made := e
				made.OccurredAt = time.UnixMilli(at).UTC()
				return &made, nil
			}
		},
	}
}
