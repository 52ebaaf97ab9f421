package shopsync_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync"
)

func address(text string, verified bool) crm.EmailAddress {
	return crm.EmailAddress{Address: text, Verified: verified}
}

// ours makes the nth of our own customers.
func ours(n string, change func(*crm.Customer)) *crm.Customer {
	c := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "crm", n), GivenName: ptr("Ann"), Version: 1, CreatedAt: noon(), UpdatedAt: noon(),
	}
	change(c)
	c.Complete()
	return c
}

// What becomes of a shop's customer, and of their order, which names them by the
// shop's id and by their address.
func TestMatching(t *testing.T) {
	ann, other := crm.DerivedID(crm.KindCustomer, "crm", "ann"), crm.DerivedID(crm.KindCustomer, "crm", "other")
	made := crm.DerivedID(crm.KindCustomer, "shop", "7")
	const mail, phone = "Ann@Example.com", "+441632960001"
	verified := func(c *crm.Customer) { c.Emails = append(c.Emails, address("ann@example.com", true)) }
	unverified := func(c *crm.Customer) { c.Emails = append(c.Emails, address("ann@example.com", false)) }
	linked := func(c *crm.Customer) {
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop", ExternalID: "7"}}
	}
	calls := func(c *crm.Customer) { c.Phones = []crm.PhoneNumber{{Number: phone, Verified: true}} }
	callsHere := func(c *crm.Customer) { c.Phones = []crm.PhoneNumber{{Number: "01632 960001", Verified: true}} }
	callsHerePerhaps := func(c *crm.Customer) { c.Phones = []crm.PhoneNumber{{Number: "01632 960001"}} }
	callsPerhaps := func(c *crm.Customer) { c.Phones = []crm.PhoneNumber{{Number: phone}} }
	gone := func(status crm.CustomerStatus) func(*crm.Customer) {
		return func(c *crm.Customer) { linked(c); verified(c); c.Status = status }
	}
	tests := []struct {
		name   string
		stored []*crm.Customer
		shop   crm.ShopCustomer // its id is 7
		want   crm.ID           // who has the identity in the end
		order  crm.ID           // whose the order is
	}{
		{"nobody like them", nil, crm.ShopCustomer{Email: mail}, made, made},
		{"the identity", []*crm.Customer{ours("ann", linked)}, crm.ShopCustomer{Email: "else@example.com"}, ann, ann},
		{"the identity goes before the address", []*crm.Customer{ours("ann", linked), ours("other", verified)}, crm.ShopCustomer{Email: mail, EmailVerified: true}, ann, ann},
		{"an address that both sides have seen proof of", []*crm.Customer{ours("ann", verified)}, crm.ShopCustomer{Email: mail, EmailVerified: true}, ann, ann},
		{"an address that only our side has seen proof of: nothing is tied to it", []*crm.Customer{ours("ann", verified)}, crm.ShopCustomer{Email: mail}, "", ann},
		{"the same, and a phone number", []*crm.Customer{ours("ann", verified), ours("other", calls)}, crm.ShopCustomer{Email: mail, GivenName: "Ann", Phone: phone}, "", ann},
		{"two who have shown that an address is theirs which the shop has not", []*crm.Customer{ours("ann", verified), ours("other", verified)}, crm.ShopCustomer{Email: mail}, "", ""},
		{"takeover: the victim's address typed into a profile", []*crm.Customer{ours("ann", unverified)}, crm.ShopCustomer{Email: mail, EmailVerified: true}, made, made},
		{"takeover: one address typed in, one proven", []*crm.Customer{ours("ann", unverified), ours("other", verified)}, crm.ShopCustomer{Email: mail, EmailVerified: true}, other, other},
		{"two who have shown that the address is theirs", []*crm.Customer{ours("ann", verified), ours("other", verified)}, crm.ShopCustomer{Email: mail, EmailVerified: true}, "", ""},
		{"takeover: the victim's phone number and name typed into a shop", []*crm.Customer{ours("ann", calls)}, crm.ShopCustomer{GivenName: "ANN", Phone: phone}, "", ""},
		{"the same with a local number", []*crm.Customer{ours("ann", callsHere)}, crm.ShopCustomer{GivenName: "Ann", Phone: "(01632) 960-001"}, "", ""},
		{"a local number that nobody has shown to be theirs", []*crm.Customer{ours("ann", callsHerePerhaps)}, crm.ShopCustomer{GivenName: "Ann", Phone: "01632960001"}, made, made},
		{"a local number that may be of any country", []*crm.Customer{ours("ann", calls)}, crm.ShopCustomer{GivenName: "Ann", Phone: "01632960001"}, made, made},
		{"a shared phone number and another name", []*crm.Customer{ours("ann", calls)}, crm.ShopCustomer{GivenName: "Bob", Phone: phone}, made, made},
		{"a phone number that nobody has shown to be theirs", []*crm.Customer{ours("ann", callsPerhaps)}, crm.ShopCustomer{GivenName: "Ann", Phone: phone}, made, made},
		{"a phone number beside an address of their own", []*crm.Customer{ours("ann", calls)}, crm.ShopCustomer{GivenName: "Ann", Phone: phone, Email: mail, EmailVerified: true}, made, made},
		{"somebody who was erased", []*crm.Customer{ours("ann", gone(crm.CustomerStatusErased))}, crm.ShopCustomer{Email: mail, EmailVerified: true}, ann, ""},
		{"somebody who was merged", []*crm.Customer{ours("ann", gone(crm.CustomerStatusMerged))}, crm.ShopCustomer{Email: mail, EmailVerified: true}, ann, ""},
		{"an identity that was taken away", []*crm.Customer{func() *crm.Customer {
			c := ours("made", func(*crm.Customer) {})
			c.ID = made
			return c
		}()}, crm.ShopCustomer{Email: mail}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := backends.SQLite(t, nil)
			fill(t, store, test.stored...)
			test.shop.ExternalID, test.shop.UpdatedAt = "7", noon()
			o := order("shop", 1)
			o.Buyer = crm.Buyer{ExternalID: "7", Email: test.shop.Email}
			var log bytes.Buffer
			reports := run(t, store, []crm.Shop{&tape{source: "shop", customers: []*crm.ShopCustomer{&test.shop}, orders: []*crm.ShopOrder{o}}},
				shopsync.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			page, err := crm.Of[crm.Customer](store).List(t.Context(), crm.Query{
				Where: []crm.Predicate{{Field: crm.FieldIdentity, In: []string{"shop:7"}}},
				Sort:  crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 9},
			})
			if err != nil {
				t.Fatal(err)
			}
			var got crm.ID
			for _, c := range page.Items {
				got = c.ID
			}
			if got != test.want {
				t.Errorf("the identity is %q's, want %q's", got, test.want)
			}
			if owner := one(t, crm.Of[crm.Order](store), "ord_shop.1001").CustomerID; owner != test.order {
				t.Errorf("the order is %q's, want %q's", owner, test.order)
			}
			unmatched := 0
			if test.order == "" {
				unmatched = 2 // the customer and the order
			}
			if reports[0].Unmatched != unmatched || strings.Count(log.String(), "msg=unmatched") != unmatched {
				t.Errorf("%d unmatched, want %d; log:\n%s", reports[0].Unmatched, unmatched, log.String())
			}
			if strings.Contains(strings.ToLower(log.String()), "ann@") || strings.Contains(log.String(), phone) {
				t.Errorf("the log holds personal data:\n%s", log.String())
			}
		})
	}
}

func TestNewCustomer(t *testing.T) {
	store := backends.SQLite(t, nil)
	run(t, store, []crm.Shop{&tape{source: "shop", customers: []*crm.ShopCustomer{
		{
			ExternalID: "1", Email: " Ann@example.com", EmailVerified: true, Phone: "+441632960001", GivenName: "Ann", FamilyName: "Lee",
			Company: "Ink & Co", Addresses: []crm.Address{{Line1: "1 High Street"}, {}}, CreatedAt: noon(), UpdatedAt: clock(),
		},
		{ExternalID: "2", Company: "Ink & Co", UpdatedAt: noon()},
		{ExternalID: ""},
		{ExternalID: strings.Repeat("x", 300)},
		{ExternalID: "3"},
	}}}, shopsync.Options{})
	want := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "shop", "1"), GivenName: ptr("Ann"), FamilyName: ptr("Lee"),
		Emails:             []crm.EmailAddress{{Address: "Ann@example.com", Verified: true, Primary: true}},
		Phones:             []crm.PhoneNumber{{Number: "+441632960001", Primary: true}},
		Addresses:          []crm.Address{{Line1: "1 High Street"}},
		ExternalIdentities: []crm.ExternalIdentity{{Source: "shop", ExternalID: "1"}},
		Version:            1, CreatedAt: noon(), UpdatedAt: clock(),
		Consents: []*crm.Consent{}, Tags: []string{}, Segments: []string{}, Memberships: []*crm.Membership{},
		CustomAttributes: []crm.CustomAttribute{}, Changes: []crm.ProfileChange{},
	}
	want.Complete()
	if diff := cmp.Diff(want, one(t, crm.Of[crm.Customer](store), want.ID)); diff != "" {
		t.Errorf("customer (-want +got):\n%s", diff)
	}
	company := one(t, crm.Of[crm.Customer](store), crm.DerivedID(crm.KindCustomer, "shop", "2"))
	if company.Kind != crm.CustomerKindOrganization || company.DisplayName != "Ink & Co" || !company.CreatedAt.Equal(noon()) {
		t.Errorf("a company without a person: %s %q, made %v", company.Kind, company.DisplayName, company.CreatedAt)
	}
	if n, err := crm.Of[crm.Customer](store).Count(t.Context(), nil); n != 3 || err != nil {
		t.Errorf("%d customers (%v), want 3", n, err)
	}
}

// A match fills what is missing and leaves the rest.
func TestMergingFillsWhatIsMissing(t *testing.T) {
	store := backends.SQLite(t, nil)
	linked := func(id string) []crm.ExternalIdentity {
		return []crm.ExternalIdentity{{Source: "shop", ExternalID: id}}
	}
	bare := ours("bare", func(c *crm.Customer) { c.GivenName = nil; c.ExternalIdentities = linked("1") })
	whole := ours("whole", func(c *crm.Customer) {
		c.ExternalIdentities, c.DisplayName, c.UpdatedAt = linked("2"), "The Captain", clock()
		c.Emails, c.Phones = []crm.EmailAddress{address("a@example.com", true)}, []crm.PhoneNumber{{Number: "+441632960009"}}
		c.Addresses = []crm.Address{{Line1: "2 High Street"}}
	})
	claimed := ours("claimed", func(c *crm.Customer) { c.ExternalIdentities = linked("3") })
	fill(t, store, bare, whole, claimed)
	person := func(id, email string) *crm.ShopCustomer {
		return &crm.ShopCustomer{
			ExternalID: id, Email: email, EmailVerified: true, Phone: "+441632960001", GivenName: "Zoë", FamilyName: "Lee",
			Addresses: []crm.Address{{Line1: "1 High Street"}}, UpdatedAt: noon().Add(1),
		}
	}
	shops := []crm.Shop{&tape{source: "shop", customers: []*crm.ShopCustomer{person("1", "z@example.com"), person("2", "z@example.com"), person("3", "a@example.com")}}}
	reports := run(t, store, shops, shopsync.Options{})
	if reports[0].Written != 2 || reports[0].Unmatched != 0 {
		t.Errorf("%+v, want 2 written", reports[0])
	}
	got := one(t, crm.Of[crm.Customer](store), bare.ID)
	if got.DisplayName != "Zoë Lee" || !got.Emails[0].Verified || got.Phones[0].Verified || len(got.Addresses) != 1 || got.Version != 2 {
		t.Errorf("filled: %+v", got)
	}
	if len(got.Changes) != 1 || cmp.Diff([]string{"addresses", "displayName", "emails", "familyName", "givenName", "phones"}, got.Changes[0].Fields) != "" {
		t.Errorf("changes: %+v", got.Changes)
	}
	if got := one(t, crm.Of[crm.Customer](store), whole.ID); got.Version != 1 || got.DisplayName != "The Captain" || got.Emails[0].Address != "a@example.com" {
		t.Errorf("what was there was changed: %+v", got)
	}
	got = one(t, crm.Of[crm.Customer](store), claimed.ID)
	if got.Emails[0].Verified || *got.GivenName != "Ann" || got.FamilyName != nil {
		t.Errorf("an address that another has shown to be theirs, or half a name: %+v", got)
	}
}

// A customer of a shop gives one of ours the name by which the next one may be the same:
// what becomes of that one is the same in one batch as in two.
func TestNameOfThePhonesOwner(t *testing.T) {
	const phone = "+441632960001"
	for batch := 1; batch <= 2; batch++ {
		store := backends.SQLite(t, nil)
		fill(t, store, ours("ann", func(c *crm.Customer) {
			c.GivenName, c.Phones = nil, []crm.PhoneNumber{{Number: phone, Verified: true}}
			c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop", ExternalID: "1"}}
		}))
		reports := run(t, store, []crm.Shop{&tape{source: "shop", customers: []*crm.ShopCustomer{
			{ExternalID: "1", GivenName: "Zoë", UpdatedAt: noon().Add(1)},
			{ExternalID: "2", GivenName: "Zoë", Phone: phone, UpdatedAt: noon().Add(2)},
		}}}, shopsync.Options{BatchSize: batch})
		if reports[0].Unmatched != 1 || reports[0].Written != 1 {
			t.Errorf("in batches of %d: %d unmatched and %d written, want one of each", batch, reports[0].Unmatched, reports[0].Written)
		}
	}
}

// A guest's order is whose verified address it names, and nobody's else.
func TestGuestsOrders(t *testing.T) {
	store := backends.SQLite(t, nil)
	ann := ours("ann", func(c *crm.Customer) {
		c.Emails = []crm.EmailAddress{address("ann@example.com", true), address("typed@example.com", false)}
	})
	fill(t, store, ann)
	s := &tape{source: "shop"}
	for i, email := range []string{"ANN@example.com", "typed@example.com", ""} {
		o := order("shop", i)
		o.Buyer.Email = email
		s.orders = append(s.orders, o)
	}
	foreign := order("other", 9)
	s.orders = append(s.orders, foreign)
	reports := run(t, store, []crm.Shop{s}, shopsync.Options{})
	if reports[0].Unmatched != 2 || reports[0].Rejected != 1 || reports[0].Written != 3 || reports[0].Read != 4 {
		t.Errorf("%+v, want 4 read, 3 written and 2 unmatched, 1 rejected", reports[0])
	}
	for id, want := range map[crm.ID]crm.ID{"ord_shop.1000": ann.ID, "ord_shop.1001": "", "ord_shop.1002": ""} {
		if got := one(t, crm.Of[crm.Order](store), id).CustomerID; got != want {
			t.Errorf("%s is %q's, want %q's", id, got, want)
		}
	}
}
