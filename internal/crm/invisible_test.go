package crm_test

import (
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

var day = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// What nobody can see is taken out of addresses and numbers, and what people really have
// is kept.
func TestContactsAreCleaned(t *testing.T) {
	for sent, want := range map[string]string{
		"a..b@docomo.ne.jp":                  "a..b@docomo.ne.jp",
		".ab.@docomo.ne.jp":                  ".ab.@docomo.ne.jp",
		"ann+shop@example.com":               "ann+shop@example.com",
		`"john doe"@example.com`:             `"john doe"@example.com`,
		"jürgen@müller.example":              "jürgen@müller.example",
		"ann\u200b@example.com":              "ann@example.com",
		"\ufeffann@example.com\u00a0":        "ann@example.com",
		"an\u00adn@exam\u2060ple.com\u200e":  "ann@example.com",
		"\u200dann@example.com\u200c":        "ann@example.com",
		"ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ":                    "ann@example.com",
		"ann@例え。jp":                          "ann@例え.jp",
		"info@نامه\u200cای.example":          "info@نامه\u200cای.example",
		"\u3000ann@example.com\u3000\u202f ": "ann@example.com",
	} {
		c := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "shop", "a"), Emails: []crm.EmailAddress{{Address: sent}}, Version: 1, CreatedAt: day, UpdatedAt: day}
		crm.Complete(c)
		if err := crm.Check(c); err != nil || c.Emails[0].Address != want {
			t.Errorf("%q is %q, %v; want %q", sent, c.Emails[0].Address, err, want)
		}
		if crm.EmailKey(sent) != crm.EmailKey(want) {
			t.Errorf("%q is not found as %q", sent, want)
		}
	}
	for _, none := range []string{"ann", "@example.com", "ann@", "an n@example.com", "an\u00a0n@example.com", "ann@exam ple.com", "\u200b@example.com", `"ann"x y@example.com`} {
		c := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "shop", "a"), Emails: []crm.EmailAddress{{Address: none}}, Version: 1, CreatedAt: day, UpdatedAt: day}
		crm.Complete(c)
		if err := crm.Check(c); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%q is taken: %v", none, err)
		}
	}
	for sent, want := range map[string]string{
		"+44\u200b 1632\u00a0960123": "+441632960123", "\u202a+441632960123\u202c": "+441632960123", "＋４４ １６３２ ９６０１２３": "+441632960123",
		"\ufeff01632 960123": "01632 960123",
	} {
		c := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "shop", "a"), Phones: []crm.PhoneNumber{{Number: sent}}, Version: 1, CreatedAt: day, UpdatedAt: day}
		crm.Complete(c)
		if c.Phones[0].Number != want || crm.PhoneKey(sent) != crm.PhoneKey(want) {
			t.Errorf("%q is %q, want %q", sent, c.Phones[0].Number, want)
		}
	}
	// Joiners are a part of names.
	name := "\u0915\u094d\u200d\u0937 نامه\u200cای 👩\u200d👧"
	c := &crm.Customer{ID: crm.DerivedID(crm.KindCustomer, "shop", "a"), GivenName: &name, Version: 1, CreatedAt: day, UpdatedAt: day}
	crm.Complete(c)
	if *c.GivenName != name {
		t.Errorf("the name is %q", *c.GivenName)
	}
}

// A shop's address that is none costs itself, not its customer.
func TestAShopsBadAddressCostsItself(t *testing.T) {
	made, err := crm.AdoptCustomer(nil, "shop", &crm.ShopCustomer{ExternalID: "1", Email: "none", GivenName: "Ann", Phone: "n/a", CreatedAt: day}, false)
	if err != nil || len(made.Records) != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	shops := &crm.ShopCustomer{Email: "none", Phone: "n/a"}
	if got := shops.LeftOut(); len(got) != 2 || got[0] != "email" || got[1] != "phone" {
		t.Errorf("left out %v", got)
	}
	if c := made.Records[0].Record.(*crm.Customer); len(c.Emails) != 0 || len(c.Phones) != 0 || *c.GivenName != "Ann" {
		t.Errorf("%+v", c)
	}
}
