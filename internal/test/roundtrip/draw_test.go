package roundtrip_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// maxChanges is how many awkward values a drawn record has at most.
const maxChanges = 3

// spoil returns what record points at a few awkward values and returns which, for
// who reads a failure. Places that keep chooses are left as they are; nil chooses
// none.
func spoil(t *rapid.T, record any, keep func(p place) bool) string {
	var told []string
	for range rapid.IntRange(0, maxChanges).Draw(t, "awkward values") {
		var list []place
		for _, p := range placesOf(record) {
			if keep == nil || !keep(p) {
				list = append(list, p)
			}
		}
		p := pick(t, "place", list)
		c := pick(t, "value", p.changes())
		c.apply()
		told = append(told, p.path+" is "+c.name)
	}
	return strings.Join(told, ", ")
}

// drawRecord draws an awkward copy of one of the fixture's records, with an id of
// its own. It refers to the fixture's other records, as the original does.
func drawRecord(t *rapid.T, n int) drawn {
	r := pick(t, "copy of", fixture.Records().All())
	d := drawn{record: r, relatives: relatives(r)}
	from := r.RecordID()
	rename(r, n)
	told := spoil(t, r, nil)
	if told == "" {
		told = "as it is"
	}
	d.told = fmt.Sprintf("%s is a copy of %s: %s", short(string(r.RecordID())), from, told)
	return d
}

// drawn is a record that was drawn.
type drawn struct {
	record crm.Record
	// relatives are the records of the fixture that it needs, parents first.
	relatives []crm.Record
	told      string
}

// relatives are the fixture's records that some records refer to, and those that
// these refer to, in the fixture's order: parents first.
func relatives(records ...crm.Record) []crm.Record {
	all := fixture.Records().All()
	wanted := map[crm.ID]bool{}
	for rest := records; len(rest) > 0; {
		var next []crm.Record
		for _, r := range rest {
			for _, p := range placesOf(r) {
				if id, ok := p.value.Interface().(crm.ID); ok && p.path != "ID" && !wanted[id] {
					wanted[id] = true
					if i := slices.IndexFunc(all, func(r crm.Record) bool { return r.RecordID() == id }); i >= 0 {
						next = append(next, all[i])
					}
				}
			}
		}
		rest = next
	}
	return slices.DeleteFunc(all, func(r crm.Record) bool { return !wanted[r.RecordID()] })
}

// rename returns a record the nth id that the fixture does not have, and identities
// to go with it.
func rename(r crm.Record, n int) {
	v := reflect.ValueOf(r).Elem()
	name, of := "copy-"+strconv.Itoa(n), fixture.Source
	if crm.Describe(r.RecordKind()).Sourced {
		of = v.FieldByName("Source").String()
		v.FieldByName("ExternalID").SetString(name)
	}
	v.FieldByName("ID").Set(reflect.ValueOf(crm.DerivedID(r.RecordKind(), of, name)))
	for _, p := range placesOf(r) {
		if strings.HasPrefix(p.path, "ExternalIdentities[") && strings.HasSuffix(p.path, ".ExternalID") {
			p.value.SetString(p.value.String() + "-" + name)
		}
	}
}

// pick draws one of a list. What is drawn is its place, so that a failure is shrunk
// to the first ones and reads as a number.
func pick[T any](t *rapid.T, label string, list []T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(t, label)]
}

// buyers is how many customers a drawn shop has that have nothing awkward.
const buyers = 2

// drawShop draws a shop: a few plain customers, who buy everything, and awkward
// customers, products and orders. No two customers have the same id or address: what
// becomes of those who do is the syncs' own affair.
func drawShop(t *rapid.T) (s *shop, told []string) {
	set := fixture.Records()
	s = &shop{}
	for i := range buyers {
		s.customers = append(s.customers, &crm.ShopCustomer{
			ExternalID: "buyer-" + strconv.Itoa(i), GivenName: "Ann", FamilyName: strconv.Itoa(i), CreatedAt: set.Customers[0].CreatedAt,
			UpdatedAt: set.Customers[0].UpdatedAt, Email: fmt.Sprintf("buyer%d@example.com", i),
		})
	}
	note := func(what string, n int, spoiled string) {
		if spoiled == "" {
			spoiled = "as it is"
		}
		told = append(told, fmt.Sprintf("%s %d: %s", what, n, spoiled))
	}
	emails, ids := map[string]bool{}, map[string]bool{}
	for i := range rapid.IntRange(0, 4).Draw(t, "customers") {
		c := shopCustomer(pick(t, "customer", set.Customers), i)
		note("customer", i, spoil(t, c, nil))
		if key := crm.EmailKey(c.Email); emails[key] {
			c.Email = ""
		} else {
			emails[key] = true
		}
		if !ids[c.ExternalID] {
			ids[c.ExternalID] = true
			s.customers = append(s.customers, c)
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "products") {
		p := pick(t, "product", set.Products)
		p = shallow(p)
		p.Source, p.ExternalID = source, "p"+strconv.Itoa(i)
		p.ID = crm.DerivedID(crm.KindProduct, source, p.ExternalID)
		note("product", i, spoil(t, p, own))
		s.products = append(s.products, p)
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "orders") {
		o := pick(t, "order", fixture.Records().Orders)
		o.Source, o.ExternalID, o.OrganizationID, o.CustomerID = source, "o"+strconv.Itoa(i), "", ""
		o.ID = crm.DerivedID(crm.KindOrder, source, o.ExternalID)
		note("order", i, spoil(t, o, own))
		s.orders = append(s.orders, &crm.ShopOrder{Order: o, Buyer: crm.Buyer{ExternalID: "buyer-" + strconv.Itoa(i%buyers)}})
	}
	return s, told
}

// own says whether a member of a shop's record says which it is, is one that a shop does
// not have, or is a time for which a file without it has that of the import.
func own(p place) bool {
	return slices.Contains([]string{"ID", "Source", "ExternalID", "CustomerID", "OrganizationID", "CreatedAt", "UpdatedAt"}, p.path)
}

func shallow[T any](v *T) *T {
	copied := *v
	return &copied
}

// shopCustomer is a customer as a shop has them.
func shopCustomer(c *crm.Customer, n int) *crm.ShopCustomer {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return &crm.ShopCustomer{
		ExternalID: "c" + strconv.Itoa(n), Email: fmt.Sprintf("c%d@example.com", n), EmailVerified: n%2 == 0,
		Phone: fmt.Sprintf("+4416329600%02d", n), GivenName: text(c.GivenName), FamilyName: text(c.FamilyName),
		Company: text(c.OrganizationName), Addresses: c.Addresses, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

// written is a shop's customer as a file has them. What is blank is nothing: a file has
// no member for what a shop leaves empty.
func written(c *crm.ShopCustomer) *crm.Customer {
	given := func(s string) *string {
		if s = strings.TrimSpace(s); s == "" {
			return nil
		}
		return &s
	}
	customer := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, source, c.ExternalID), GivenName: given(c.GivenName), FamilyName: given(c.FamilyName),
		ExternalIdentities: []crm.ExternalIdentity{{Source: source, ExternalID: c.ExternalID}}, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.CreatedAt.IsZero() {
		customer.CreatedAt = c.UpdatedAt
	}
	if c.UpdatedAt.IsZero() {
		customer.UpdatedAt = c.CreatedAt
	}
	if email := given(c.Email); email != nil && !slices.Contains(c.LeftOut(), "email") { // As a sync, which keeps the customer.
		customer.Emails = []crm.EmailAddress{{Address: *email, Verified: c.EmailVerified, Primary: true}}
	}
	if phone := given(c.Phone); phone != nil && strings.ContainsAny(*phone, "0123456789") {
		customer.Phones = []crm.PhoneNumber{{Number: *phone, Primary: true}}
	}
	if company := given(c.Company); customer.GivenName == nil && customer.FamilyName == nil && company != nil {
		customer.Kind, customer.OrganizationName = crm.CustomerKindOrganization, company
	}
	for _, a := range c.Addresses {
		said := []*string{&a.Line1, a.Line2, a.City, a.Region, a.PostalCode, a.CountryCode}
		if slices.ContainsFunc(said, func(s *string) bool { return s != nil && given(*s) != nil }) {
			customer.Addresses = append(customer.Addresses, a)
		}
	}
	return customer
}

// lines are all that a shop has as a file has it: customers, products, orders.
func (s *shop) lines(t tester) []string {
	t.Helper()
	var list []string
	for _, c := range s.customers {
		list = append(list, lineOf(t, written(c)))
	}
	for _, p := range s.products {
		list = append(list, lineOf(t, p))
	}
	for _, o := range s.orders {
		order := *o.Order
		order.CustomerID = crm.DerivedID(crm.KindCustomer, source, o.Buyer.ExternalID)
		list = append(list, lineOf(t, &order))
	}
	return list
}
