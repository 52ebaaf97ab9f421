package medusatest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Data is what a shop has. Nobody may change the records afterwards.
type Data struct {
	Customers []*crm.ShopCustomer
	Products  []*crm.Product
	Orders    []*crm.ShopOrder
}

// Shop answers as a Medusa shop does. Its methods may be called at once from any
// number of goroutines.
type Shop struct {
	key       [sha256.Size]byte // the secret key's
	data      Data
	customers map[string]*crm.ShopCustomer // by id
	ordersOf  map[string][]*crm.ShopOrder  // by customer's id
}

// New makes a shop that takes a secret key, "sk_…". Orders that it cannot carry
// are CodeInvalid; so are those of a customer whom it does not have.
func New(key string, d Data) (*Shop, error) {
	s := &Shop{
		key: sha256.Sum256([]byte(key)), data: d,
		customers: make(map[string]*crm.ShopCustomer, len(d.Customers)), ordersOf: map[string][]*crm.ShopOrder{},
	}
	for _, c := range d.Customers {
		s.customers[c.ExternalID] = c
	}
	for _, o := range d.Orders {
		id := o.Buyer.ExternalID
		if s.customers[id] == nil {
			return nil, crm.Invalid("an order belongs to nobody in the shop: " + o.Order.ExternalID)
		}
		if err := check(o.Order); err != nil {
			return nil, err
		}
		s.ordersOf[id] = append(s.ordersOf[id], o)
	}
	return s, nil
}

// object is a JSON object.
type object = map[string]any

// record is an entry of a list, with what lists are filtered and sorted by.
type record struct {
	id, email string
	skus      []string
	updatedAt time.Time
	body      func() object
}

// collection is a list of the Admin API.
type collection struct {
	name    string // in the answer
	limit   int    // where the query has none
	strict  bool   // unknown filters are refused
	records func(s *Shop) []record
}

func collections() map[string]collection {
	return map[string]collection{
		"/admin/customers":        {"customers", 50, true, (*Shop).customerRecords},
		"/admin/orders":           {"orders", 15, false, (*Shop).orderRecords},
		"/admin/products":         {"products", 50, false, (*Shop).productRecords},
		"/admin/product-variants": {"variants", 50, false, (*Shop).variantRecords},
		"/admin/payments":         {"payments", 50, false, (*Shop).paymentRecords},
	}
}

// ServeHTTP answers a request of the Admin API.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.authorized(r) {
		answer(w, http.StatusUnauthorized, object{"message": "Unauthorized"})
		return
	}
	list, ok := collections()[r.URL.Path]
	if !ok || r.Method != http.MethodGet {
		answer(w, http.StatusNotFound, object{"message": "Cannot " + r.Method + " " + r.URL.Path})
		return
	}
	query := r.URL.Query()
	if unknown := unknownFilters(query); list.strict && len(unknown) > 0 {
		answer(w, http.StatusBadRequest, object{
			"type":    "invalid_data",
			"message": "Invalid request: Unrecognized fields: '" + strings.Join(unknown, ", ") + "'",
		})
		return
	}
	status, body := list.answer(s, query)
	answer(w, status, body)
}

// authorized compares the secret key, which comes as the user of Basic.
func (s *Shop) authorized(r *http.Request) bool {
	key, _, ok := r.BasicAuth()
	sum := sha256.Sum256([]byte(key))
	return ok && subtle.ConstantTimeCompare(sum[:], s.key[:]) == 1
}

func answer(w http.ResponseWriter, status int, body object) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"message":"An unknown error occurred."}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // An error means that the caller is gone.
}

// answer returns a page of the list.
func (c collection) answer(s *Shop, query url.Values) (status int, body object) {
	found := slices.DeleteFunc(c.records(s), func(r record) bool { return !r.matches(query) })
	switch order := query.Get("order"); order {
	case "", "id":
		slices.SortFunc(found, func(a, b record) int { return strings.Compare(a.id, b.id) })
	case "updated_at", "-updated_at":
		slices.SortStableFunc(found, func(a, b record) int { return a.updatedAt.Compare(b.updatedAt) })
		if order != "updated_at" {
			slices.Reverse(found)
		}
	default:
		return http.StatusInternalServerError, object{
			"code": "unknown_error", "type": "unknown_error", "message": "An unknown error occurred.",
		}
	}
	limit, offset := number(query, "limit", c.limit), number(query, "offset", 0)
	page := found[min(offset, len(found)):min(offset+limit, len(found))]
	fields := fieldsOf(query.Get("fields"))
	bodies := make([]any, len(page))
	for n, r := range page {
		bodies[n] = fields.of(r.body())
	}
	return http.StatusOK, object{c.name: bodies, "count": len(found), "offset": offset, "limit": limit}
}

// number returns a number of the query that is not negative.
func number(query url.Values, name string, otherwise int) int {
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 {
		return otherwise
	}
	return min(n, 1<<20)
}

// The filters that lists have. A repeated parameter is a list.
const (
	byID        = "id[]"
	behindID    = "id[$gt]"
	byEmail     = "email[]"
	eitherID    = "$or[0][id]"
	eitherEmail = "$or[1][email]"
	bySKU       = "variants[sku][]"
	from        = "updated_at[$gte]"
	before      = "updated_at[$lt]"
)

func unknownFilters(query url.Values) []string {
	known := []string{byID, behindID, byEmail, eitherID, eitherEmail, from, before, "fields", "limit", "offset", "order"}
	unknown := []string{}
	for name := range query {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// matches says whether all conditions of a query hold.
func (r record) matches(query url.Values) bool {
	in := func(name string, values ...string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return v != "" && slices.Contains(query[name], v) })
	}
	when := func(name string) (at time.Time, given bool) {
		at, err := time.Parse(time.RFC3339Nano, query.Get(name))
		return at, err == nil
	}
	earliest, since := when(from)
	latest, until := when(before)
	switch {
	case query.Has(byID) && !in(byID, r.id),
		query.Has(behindID) && r.id <= query.Get(behindID),
		query.Has(byEmail) && !in(byEmail, r.email),
		query.Has(bySKU) && !in(bySKU, r.skus...),
		since && r.updatedAt.Before(earliest),
		until && !r.updatedAt.Before(latest):
		return false
	case query.Has(eitherID) || query.Has(eitherEmail):
		return in(eitherID, r.id) || in(eitherEmail, r.email)
	}
	return true
}

// tree is what is asked for of a record: the fields by name, each with those
// below it. Without any, or with *, all are.
type tree map[string]tree

const everything = "*"

// fieldsOf reads a list of paths, such as id,items.title,addresses.*.
func fieldsOf(list string) tree {
	root := tree{}
	for path := range strings.SplitSeq(list, ",") {
		at := root
		for name := range strings.SplitSeq(path, ".") {
			if name == "" {
				break
			}
			if at[name] == nil {
				at[name] = tree{}
			}
			at = at[name]
		}
	}
	return root
}

// of returns what is asked for of a value. Ids always come.
func (t tree) of(value any) any {
	switch v := value.(type) {
	case []object:
		list := make([]any, len(v))
		for n := range v {
			list[n] = t.of(v[n])
		}
		return list
	case object:
		if len(t) == 0 {
			return v
		}
		part := object{}
		for name, below := range v {
			if fields, ok := t[name]; ok || name == "id" || t[everything] != nil {
				part[name] = fields.of(below)
			}
		}
		return part
	}
	return value
}

func (s *Shop) customerRecords() []record {
	list := make([]record, len(s.data.Customers))
	for n, c := range s.data.Customers {
		list[n] = record{id: c.ExternalID, email: c.Email, updatedAt: c.UpdatedAt, body: func() object {
			return customerBody(c, s.ordersOf[c.ExternalID])
		}}
	}
	return list
}

func (s *Shop) orderRecords() []record {
	list := make([]record, len(s.data.Orders))
	for n, o := range s.data.Orders {
		list[n] = record{id: o.Order.ExternalID, email: o.Buyer.Email, updatedAt: o.Order.UpdatedAt, body: func() object {
			body := orderBody(o)
			body["customer"] = object{"id": o.Buyer.ExternalID, "email": s.customers[o.Buyer.ExternalID].Email}
			return body
		}}
	}
	return list
}

func (s *Shop) productRecords() []record {
	list := make([]record, len(s.data.Products))
	for n, p := range s.data.Products {
		r := record{id: p.ExternalID, updatedAt: p.UpdatedAt, body: func() object { return productBody(p) }}
		for _, v := range p.Variants {
			r.skus = append(r.skus, v.SKU)
		}
		list[n] = r
	}
	return list
}

func (s *Shop) variantRecords() []record {
	list := []record{}
	for _, p := range s.data.Products {
		for _, v := range p.Variants {
			list = append(list, record{id: variantID(v), updatedAt: p.UpdatedAt, body: func() object {
				return object{"id": variantID(v), "updated_at": stamp(p.UpdatedAt), "product_id": p.ExternalID}
			}})
		}
	}
	return list
}

func (s *Shop) paymentRecords() []record {
	list := []record{}
	for _, o := range s.data.Orders {
		for n := range o.Order.Payments {
			id := paymentID(o.Order, n)
			list = append(list, record{id: id, updatedAt: o.Order.UpdatedAt, body: func() object {
				return object{
					"id": id, "updated_at": stamp(o.Order.UpdatedAt),
					"payment_collection": object{"id": "pay_col_" + o.Order.ExternalID, "order": object{"id": o.Order.ExternalID}},
				}
			}})
		}
	}
	return list
}

// check says whether the imitation can carry an order.
func check(o *crm.Order) error {
	sum := crm.Money{CurrencyCode: o.Price.Total.CurrencyCode}
	plain := o.Price.Discount.Minor == 0 && o.Price.Shipping.Minor == 0 && o.Price.Tax.Minor == 0
	for _, l := range o.Lines {
		plain = plain && l.Discount.Minor == 0 && l.Tax.Minor == 0 && l.Total.CurrencyCode == sum.CurrencyCode &&
			l.Total.Minor == int64(l.Quantity)*l.UnitPrice.Minor
		sum.Minor += l.Total.Minor
	}
	if !plain || sum != o.Price.Total {
		return crm.Invalid("an order's price is not what its lines cost: " + o.ExternalID)
	}
	return nil
}
