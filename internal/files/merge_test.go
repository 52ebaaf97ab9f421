package files_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// known is a customer of whom several systems have said something.
const known = `{"customer":{"externalIdentities":[{"source":"erp","externalId":"o1"}],"kind":"ORGANIZATION","organizationName":"Acme"}}
{"customer":{"externalIdentities":[{"source":"shop","externalId":"c1","verifiedAt":"2024-01-01T00:00:00Z"},{"source":"portal","externalId":"p1"}],` +
	`"givenName":"Ann","emails":[{"address":"ann@example.com","verified":true,"primary":true}],` +
	`"phones":[{"number":"+441632960123","verified":true,"primary":true}],` +
	`"addresses":[{"label":"home","line1":"1 High Street","city":"Bath","postalCode":"BA1 1AA","countryCode":"GB"},{"line1":"2 Mill Lane","city":"Wells"}],` +
	`"consents":[{"purpose":"MARKETING","channel":"EMAIL","status":"GRANTED","lawfulBasis":"CONSENT","source":"web form","grantedAt":"2024-01-01T00:00:00Z"}],` +
	`"tags":["vip"],"segments":["tea"],"memberships":[{"organization":{"source":"erp","externalId":"o1"},"role":"BUYER","primary":true}],` +
	`"customAttributes":{"shoeSize":7},"contactPreferences":{"preferredChannel":"EMAIL","doNotContact":["FAX"],"preferredTime":"evenings"}}}
`

// TestListsOfSeveralSystems: what one says of such a list leaves what others have said.
// Each line of want is a member as a dump has it after the row; the rest is as before.
func TestListsOfSeveralSystems(t *testing.T) {
	const (
		shop   = `{"source":"shop","externalId":"c1","verifiedAt":"2024-01-01T00:00:00.000Z"}`
		portal = `{"source":"portal","externalId":"p1"}`
		annAt  = `{"address":"ann@example.com","verified":true,"primary":true}`
		home   = `{"label":"home","line1":"1 High Street","city":"Bath","postalCode":"BA1 1AA","countryCode":"GB"}`
		mill   = `{"line1":"2 Mill Lane","city":"Wells"}`
	)
	acme := `"organization":"` + string(crm.DerivedID(crm.KindCustomer, "erp", "o1")) + `"`
	tests := map[string]struct{ row, member, want string }{
		"one field":                  {`"tier":"gold"`, "externalIdentities", "[" + shop + "," + portal + "]"},
		"another identity":           {`"externalIdentities":[{"source":"shop","externalId":"c1"},{"source":"loyalty","externalId":"9"}]`, "externalIdentities", "[" + shop + "," + portal + `,{"source":"loyalty","externalId":"9"}]`},
		"an identity goes":           {`"externalIdentities":[{"source":"shop","externalId":"c1"},{"source":"portal","externalId":"p1","remove":true}]`, "externalIdentities", "[" + shop + "]"},
		"one goes that is not there": {`"externalIdentities":[{"source":"shop","externalId":"c1"},{"source":"portal","externalId":"p2","remove":true}]`, "externalIdentities", "[" + shop + "," + portal + "]"},
		"a member is taken away":     {`"externalIdentities":[{"source":"shop","externalId":"c1","verifiedAt":null}]`, "externalIdentities", `[{"source":"shop","externalId":"c1"},` + portal + "]"},

		"an email in capitals":    {`"emails":[{"address":"ANN@EXAMPLE.COM"}]`, "emails", `[{"address":"ANN@EXAMPLE.COM","verified":true,"primary":true}]`},
		"another email":           {`"emails":[{"address":"a@example.org"}]`, "emails", "[" + annAt + `,{"address":"a@example.org"}]`},
		"another is primary now":  {`"emails":[{"address":"a@example.org","primary":true}]`, "emails", `[{"address":"ann@example.com","verified":true},{"address":"a@example.org","primary":true}]`},
		"it is verified no more":  {`"emails":[{"address":"ann@example.com","verified":false}]`, "emails", `[{"address":"ann@example.com","primary":true}]`},
		"one email for another":   {`"emails":[{"address":"ann@example.com","remove":true},{"address":"a@example.org"}]`, "emails", `[{"address":"a@example.org"}]`},
		"no emails":               {`"emails":null`, "emails", ""},
		"nothing about emails":    {`"emails":[]`, "emails", "[" + annAt + "]"},
		"a phone, written freely": {`"phones":[{"number":"0044 1632 960-123","verified":false}]`, "phones", `[{"number":"+441632960123","primary":true}]`},
		"another phone":           {`"phones":[{"number":"+441632960999"}]`, "phones", `[{"number":"+441632960123","verified":true,"primary":true},{"number":"+441632960999"}]`},

		"an address by its label":   {`"addresses":[{"label":"Home","postalCode":"BA1 1AB"}]`, "addresses", "[" + strings.NewReplacer("home", "Home", "1AA", "1AB").Replace(home) + "," + mill + "]"},
		"they have moved":           {`"addresses":[{"label":"home","line1":"9 New Road"}]`, "addresses", `[{"label":"home","line1":"9 New Road"},` + mill + "]"},
		"an address by its place":   {`"addresses":[{"line1":"2 mill lane","countryCode":"GB"}]`, "addresses", "[" + home + `,{"line1":"2 mill lane","city":"Wells","countryCode":"GB"}]`},
		"another address":           {`"addresses":[{"label":"work","line1":"1 High Street","postalCode":"BA1 1AA"}]`, "addresses", "[" + home + "," + mill + `,{"label":"work","line1":"1 High Street","postalCode":"BA1 1AA"}]`},
		"an address of a town":      {`"addresses":[{"city":"Wells"}]`, "addresses", "[" + home + "," + mill + `,{"city":"Wells"}]`},
		"two of one town":           {`"addresses":[{"city":"Wells"},{"city":"Wells","countryCode":"GB"},{"city":"Wells"}]`, "addresses", "[" + home + "," + mill + `,{"city":"Wells"},{"city":"Wells","countryCode":"GB"},{"city":"Wells"}]`},
		"an address goes":           {`"addresses":[{"label":"home","remove":true}]`, "addresses", "[" + mill + "]"},
		"another role":              {`"memberships":[{"organization":{"source":"erp","externalId":"o1"},"role":"APPROVER"}]`, "memberships", `[{` + acme + `,"role":"BUYER","primary":true},{` + acme + `,"role":"APPROVER"}]`},
		"a role ends":               {`"memberships":[{"organization":{"source":"erp","externalId":"o1"},"role":"BUYER","validTo":"2025-01-01T00:00:00Z"}]`, "memberships", `[{` + acme + `,"role":"BUYER","primary":true,"validTo":"2025-01-01T00:00:00.000Z"}]`},
		"a role goes":               {`"memberships":[{"organization":{"source":"erp","externalId":"o1"},"role":"BUYER","remove":true}]`, "memberships", ""},
		"tags":                      {`"tags":["new","vip"]`, "tags", `["vip","new"]`},
		"a tag goes":                {`"tags":["new",{"value":"vip","remove":true}]`, "tags", `["new"]`},
		"a tag as an object":        {`"tags":[{"value":"new"}]`, "tags", `["vip","new"]`},
		"segments":                  {`"segments":["coffee"]`, "segments", `["tea","coffee"]`},
		"another attribute":         {`"customAttributes":{"hat":"M"}`, "customAttributes", `[{"name":"shoeSize","value":7},{"name":"hat","value":"M"}]`},
		"an attribute is another":   {`"customAttributes":[{"name":"shoeSize","value":8}]`, "customAttributes", `[{"name":"shoeSize","value":8}]`},
		"an attribute goes":         {`"customAttributes":[{"name":"shoeSize","remove":true}]`, "customAttributes", ""},
		"a preference":              {`"contactPreferences":{"preferredChannel":"SMS"}`, "contactPreferences", `{"preferredChannel":"SMS","doNotContact":["FAX"],"preferredTime":"evenings"}`},
		"a preference goes":         {`"contactPreferences":{"preferredTime":null}`, "contactPreferences", `{"preferredChannel":"EMAIL","doNotContact":["FAX"]}`},
		"nothing of preferences":    {`"contactPreferences":{}`, "contactPreferences", `{"preferredChannel":"EMAIL","doNotContact":["FAX"],"preferredTime":"evenings"}`},
		"another channel is barred": {`"contactPreferences":{"doNotContact":["PHONE","FAX"]}`, "contactPreferences", `{"preferredChannel":"EMAIL","doNotContact":["FAX","PHONE"],"preferredTime":"evenings"}`},
		"a channel is open again":   {`"contactPreferences":{"doNotContact":[{"value":"FAX","remove":true},"SMS"]}`, "contactPreferences", `{"preferredChannel":"EMAIL","doNotContact":["SMS"],"preferredTime":"evenings"}`},
		"every channel is open":     {`"contactPreferences":{"doNotContact":null}`, "contactPreferences", `{"preferredChannel":"EMAIL","preferredTime":"evenings"}`},
		"no preferences":            {`"contactPreferences":null`, "contactPreferences", ""},
		"all goes that can be seen": {`"emails":null,"tags":null`, "tags", ""},
	}
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		for i, name := range slices.Sorted(maps.Keys(tests)) {
			t.Run(name, func(t *testing.T) {
				// Each has a customer of its own, with identities that nobody else has.
				suffix := fmt.Sprintf("-%d", i)
				own := strings.NewReplacer(`"c1"`, `"c1`+suffix+`"`, `"p1"`, `"p1`+suffix+`"`, `"9"`, `"9`+suffix+`"`)
				id := crm.DerivedID(crm.KindCustomer, "shop", "c1"+suffix)
				test := tests[name]
				loadAll(t, store, own.Replace(known), files.Options{})
				row := own.Replace(`{"id":"` + string(id) + `",` + test.row + "}")
				before := members(t, dump(t, store), id)
				summary := loadAll(t, store, row, customers(noon.Add(time.Hour)))
				after := members(t, dump(t, store), id)
				if want := own.Replace(test.want); after[test.member] != want {
					t.Errorf("%s:\n got %s\nwant %s", test.member, after[test.member], want)
				}
				for member, value := range before {
					if !strings.Contains(test.row, `"`+member+`"`) && after[member] != value && member != "version" && member != "updatedAt" {
						t.Errorf("%s, which the row does not say, became %s, was %s", member, after[member], value)
					}
				}
				if again := loadAll(t, store, row, customers(noon.Add(2*time.Hour))); again.Unchanged != 1 || summary.Rejected > 0 {
					t.Errorf("again: %+v, want it unchanged", again)
				}
			})
		}
	})
}

// members are those of a customer's line in a dump, as they are written.
func members(t *testing.T, dump string, id crm.ID) map[string]string {
	t.Helper()
	for line := range strings.Lines(dump) {
		if strings.Contains(line, `{"customer":{"id":"`+string(id)+`"`) {
			return rawMembers(t, line)
		}
	}
	t.Fatalf("the dump does not have %s:\n%s", id, dump)
	return nil
}

// A consent is told by its purpose, channel and contact point; its history goes on.
func TestConsentsOfSeveralSystems(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		loadAll(t, store, known, files.Options{})
		const row = `{"externalIdentities":[{"source":"shop","externalId":"c1"}],"consents":[` +
			`{"purpose":"ANALYTICS","status":"DENIED","lawfulBasis":"CONSENT"},{"purpose":"MARKETING","channel":"EMAIL","status":"WITHDRAWN"}]}`
		for _, want := range []files.Summary{{Read: 1, Updated: 1}, {Read: 1, Unchanged: 1}} {
			if got := loadAll(t, store, row, customers(noon.Add(time.Hour))); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		c := one(t, crm.Of[crm.Customer](store), ann)
		if len(c.Consents) != 2 {
			t.Fatalf("%d consents, want 2", len(c.Consents))
		}
		email, analytics := c.Consents[0], c.Consents[1]
		if email.Status != crm.ConsentStatusWithdrawn || *email.Source != "web form" || email.GrantedAt == nil || len(email.History) != 2 {
			t.Errorf("the consent that was withdrawn is %+v", email)
		}
		if analytics.Status != crm.ConsentStatusDenied || len(analytics.History) != 1 {
			t.Errorf("the consent that was added is %+v", analytics)
		}
		loadAll(t, store, `{"id":"`+string(ann)+`","consents":[{"purpose":"ANALYTICS","remove":true}]}`, customers(noon))
		if c := one(t, crm.Of[crm.Customer](store), ann); len(c.Consents) != 1 || len(c.Consents[0].History) != 2 {
			t.Errorf("%d consents after one was removed", len(c.Consents))
		}
	})
}

// Nothing said of preferences, or only what is to go, changes nothing of who has none.
func TestNothingOfPreferences(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, `{"externalIdentities":[{"source":"shop","externalId":"c9"}],"givenName":"Bea"}`, customers(noon))
	before := dump(t, store)
	for _, preferences := range []string{`{}`, `{"doNotContact":[]}`, `{"doNotContact":[{"value":"FAX","remove":true}]}`, `{"preferredTime":null}`} {
		row := `{"externalIdentities":[{"source":"shop","externalId":"c9"}],"contactPreferences":` + preferences + `}`
		if got := loadAll(t, store, row, customers(noon.Add(time.Hour))); got != (files.Summary{Read: 1, Unchanged: 1}) {
			t.Errorf("%s: %+v, want it unchanged", preferences, got)
		}
		if diff := cmp.Diff(before, dump(t, store)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", preferences, diff)
		}
	}
}

// What is wrong with an element is told with its place in the row.
func TestWrongElements(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, known, files.Options{})
	for row, want := range map[string]string{
		`"emails":[{"address":"b@example.com"},{"address":"nobody"}]`:                                      "emails[1].address",
		`"emails":[{"verified":true}]`:                                                                     "emails[0].address",
		`"emails":[{"remove":true}]`:                                                                       "emails[0]",
		`"emails":[{"address":"ann@example.com","remove":"yes"}]`:                                          "emails[0].remove",
		`"tags":[{"remove":true}]`:                                                                         "tags[0].value",
		`"tags":[{"value":"vip","remove":1}]`:                                                              "tags[0].remove",
		`"customAttributes":[{"name":"shoeSize","remove":"no","value":1}]`:                                 "customAttributes[0].remove",
		`"contactPreferences":{"doNotContact":["PIGEON","FAX"]}`:                                           "contactPreferences.doNotContact[0]",
		`"contactPreferences":{"doNotContact":[{"value":"FAX","remove":"no"}]}`:                            "contactPreferences.doNotContact[0].remove",
		`"consents":[{"purpose":"ANALYTICS","status":"DENIED"}]`:                                           "consents[0].lawfulBasis",
		`"consents":[{"purpose":"MARKETING","channel":"EMAIL","status":null}]`:                             "consents[0].status",
		`"emails":[{"address":"a@example.com","primary":true},{"address":"b@example.com","primary":true}]`: "emails",
	} {
		before := dump(t, store)
		_, rejects := load(t, store, `{"id":"`+string(ann)+`",`+row+"}", customers(noon))
		if len(rejects) != 1 || rejects[0].Field != want {
			t.Errorf("%s: %+v, want it rejected for %s", row, rejects, want)
		}
		if dump(t, store) != before {
			t.Errorf("%s: the customer has changed", row)
		}
	}
	_, rejects := load(t, store, `{"externalIdentities":[{"source":"shop","externalId":"c1","remove":true}]}`, customers(noon))
	if len(rejects) != 1 || rejects[0].Field != "externalIdentities[0].remove" {
		t.Errorf("what a row is found by goes: %+v", rejects)
	}
}

// An identity can go from one customer to another in one file.
func TestAnIdentityChangesHands(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, known, files.Options{})
	const rows = `{"externalIdentities":[{"source":"shop","externalId":"c1"},{"source":"portal","externalId":"p1","remove":true}]}
{"externalIdentities":[{"source":"shop","externalId":"c2"},{"source":"portal","externalId":"p1"}]}
`
	for _, want := range []files.Summary{{Read: 2, Created: 1, Updated: 1}, {Read: 2, Unchanged: 2}} {
		if got := loadAll(t, store, rows, customers(noon)); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// The columns of a CSV file are elements, too.
func TestElementsInCSV(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, known, files.Options{})
	const rows = "id,emails[0].address,emails[0].remove,emails[1].address,tags[0],tags[1].value,tags[1].remove," +
		"contactPreferences.doNotContact[0],contactPreferences.doNotContact[1].value,contactPreferences.doNotContact[1].remove\n"
	row := string(ann) + ",ann@example.com,true,a@example.org,new,vip,TRUE,SMS,FAX,true\n"
	options := customers(noon)
	options.Format = files.FormatCSV
	for _, want := range []files.Summary{{Read: 1, Updated: 1}, {Read: 1, Unchanged: 1}} {
		if got := loadAll(t, store, rows+row, options); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	if diff := cmp.Diff([]string{"new"}, c.Tags); diff != "" || len(c.Emails) != 1 || c.Emails[0].Address != "a@example.org" || len(c.ExternalIdentities) != 2 {
		t.Errorf("tags %v, emails %v, %d identities", c.Tags, c.Emails, len(c.ExternalIdentities))
	}
	want := &crm.ContactPreferences{PreferredChannel: new(crm.ChannelEmail), DoNotContact: []crm.Channel{crm.ChannelSMS}, PreferredTime: new("evenings")}
	if diff := cmp.Diff(want, c.ContactPreferences); diff != "" {
		t.Errorf("preferences (-want +got):\n%s", diff)
	}
}

// What is to be removed of a customer who is new is not there.
func TestElementsOfANewCustomer(t *testing.T) {
	store := newStore(t)
	const row = `{"externalIdentities":[{"source":"shop","externalId":"c1"}],"tags":["new",{"value":"vip","remove":true}],` +
		`"contactPreferences":{"doNotContact":["FAX",{"value":"SMS","remove":true}]}}`
	for _, want := range []files.Summary{{Read: 1, Created: 1}, {Read: 1, Unchanged: 1}} {
		if got := loadAll(t, store, row, customers(noon)); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	if diff := cmp.Diff([]crm.Channel{crm.ChannelFax}, c.ContactPreferences.DoNotContact); diff != "" || len(c.Tags) != 1 {
		t.Errorf("tags %v, channels (-want +got):\n%s", c.Tags, diff)
	}
}

// A dump imported over a store changes what it has and keeps what has come since.
func TestADumpOverAStore(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		loadAll(t, store, known, files.Options{})
		text := dump(t, store)
		loadAll(t, store, `{"id":"`+string(ann)+`","givenName":"Anna","tags":["new",{"value":"vip","remove":true}],"externalIdentities":[{"source":"loyalty","externalId":"9"}]}`, customers(noon))
		loadAll(t, store, text, customers(noon))
		c := one(t, crm.Of[crm.Customer](store), ann)
		if diff := cmp.Diff([]string{"new", "vip"}, c.Tags); diff != "" || *c.GivenName != "Ann" || len(c.ExternalIdentities) != 3 || c.Version != 3 {
			t.Errorf("tags %v, given name %s, %d identities, version %d", c.Tags, *c.GivenName, len(c.ExternalIdentities), c.Version)
		}
	})
}

// rawMembers are the members of the object in a line's envelope, as they are written.
func rawMembers(t *testing.T, line string) map[string]string {
	t.Helper()
	var envelope map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &envelope); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, inside := range envelope {
		for name, value := range inside {
			texts[name] = string(value)
		}
	}
	return texts
}
