package crm_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
	"github.com/customer360/gateway/internal/test/fixture"
)

func text(s string) *string { return &s }

// spoiled are records that differ from a right one in one member.
type spoiled struct {
	name    string
	record  crm.Record
	field   string
	message string // what it must contain
}

func spoil[R crm.Record](name string, full R, change func(R), field, message string) spoiled {
	change(full)
	return spoiled{name, full, field, message}
}

func spoiledCustomers() []spoiled {
	of := func(name string, change func(*crm.Customer), field, message string) spoiled {
		return spoil(name, recordtest.FullCustomer(), change, field, message)
	}
	return []spoiled{
		of("no version", func(c *crm.Customer) { c.Version = 0 }, "version", "from 1 to"),
		of("no time", func(c *crm.Customer) { c.CreatedAt = time.Time{} }, "createdAt", "must be given"),
		of("year", func(c *crm.Customer) { c.UpdatedAt = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }, "updatedAt", "years 1 to 9998"),
		of("word", func(c *crm.Customer) { c.Status = "SLEEPING" }, "status", "one of ACTIVE, BLOCKED, MERGED, ERASED"),
		of("no word", func(c *crm.Customer) { c.Status = "" }, "status", "must be given"),
		of("word in a list", func(c *crm.Customer) { c.ContactPreferences.DoNotContact[1] = "PIGEON" }, "contactPreferences.doNotContact[1]", "one of WEB"),
		of("NUL", func(c *crm.Customer) { c.Tags[1] = "a\x00" }, "tags[1]", "NUL"),
		of("UTF-8", func(c *crm.Customer) { c.Tier = text("\xff") }, "tier", "UTF-8"),
		of("length", func(c *crm.Customer) { c.Industry = text(strings.Repeat("é", crm.MaxText+1)) }, "industry", "at most 100000 characters"),
		of("length of a tag", func(c *crm.Customer) { c.Tags[0] = strings.Repeat("é", crm.MaxWord+1) }, "tags[0]", "at most 1000 characters"),
		of("list", func(c *crm.Customer) { c.Tags = make([]string, crm.MaxElements+1) }, "tags", "at most 10000 elements"),
		of("nil in a list", func(c *crm.Customer) { c.Memberships[0] = nil }, "memberships[0]", "null"),
		of("email", func(c *crm.Customer) { c.Emails[0].Address = "anna" }, "emails[0].address", "name@example.com"),
		of("no email", func(c *crm.Customer) { c.Emails[0].Address = "" }, "emails[0].address", "must be given"),
		of("phone", func(c *crm.Customer) { c.Phones[0].Number = "none" }, "phones[0].number", "phone number"),
		of("not completed", func(c *crm.Customer) { c.Phones[0].Number = "+44 1632 960123" }, "phones[0].number", "completed"),
		of("country", func(c *crm.Customer) { c.Addresses[0].CountryCode = text("UK") }, "addresses[0].countryCode", "ISO 3166-1"),
		of("language", func(c *crm.Customer) { c.Language = text("english!") }, "language", "BCP 47"),
		of("time zone", func(c *crm.Customer) { c.TimeZone = text("Mars/Olympus") }, "timeZone", "IANA"),
		of("day", func(c *crm.Customer) { *c.Birthday = "1981-02-29" }, "birthday", "YYYY-MM-DD"),
		of("source", func(c *crm.Customer) { c.ExternalIdentities[0].Source = "My Shop" }, "externalIdentities[0].source", "a-z, 0-9"),
		of("bytes of an external id", func(c *crm.Customer) { c.ExternalIdentities[0].ExternalID = strings.Repeat("é", 129) }, "externalIdentities[0].externalId", "256 bytes"),
		of("an identity twice", func(c *crm.Customer) { c.ExternalIdentities = append(c.ExternalIdentities, c.ExternalIdentities[0]) }, "externalIdentities[1].externalId", "only once"),
		of("kind of a reference", func(c *crm.Customer) { c.OwnerID = c.ID }, "owner", "emp_"),
		of("malformed reference", func(c *crm.Customer) { c.ReferredByID = "cus_1" }, "referredBy", "cus_"),
		of("actor", func(c *crm.Customer) { c.Changes[0].ActorRef.ID = "prd_shop.1" }, "changes[0].actor.id", "employee"),
		of("own organization", func(c *crm.Customer) { c.Memberships[0].OrganizationID = c.ID }, "memberships[0].organization", "another"),
		of("parent of a person", func(c *crm.Customer) { c.Kind = crm.CustomerKindPerson }, "parent", "only an organization"),
		of("organization without a name", func(c *crm.Customer) { c.OrganizationName = nil }, "organizationName", "must be given"),
		of("two primaries", func(c *crm.Customer) { c.Emails = append(c.Emails, c.Emails[0]) }, "emails", "only one"),
		of("entry of another's", func(c *crm.Customer) { c.Changes[0].ID = "1" }, "changes[0].id", "begin with"),
		of("entry twice", func(c *crm.Customer) { c.Changes[0].ID = c.Consents[0].History[0].ID }, "changes[0].id", "only once"),
		of("attribute's name", func(c *crm.Customer) { c.CustomAttributes[0].Name = "a.b" }, "customAttributes[0].name", "must not have $"),
		of("attribute twice", func(c *crm.Customer) { c.CustomAttributes[1].Name = c.CustomAttributes[0].Name }, "customAttributes[1].name", "only once"),
		of("attribute that is no JSON", func(c *crm.Customer) { c.CustomAttributes[0].Value = "{" }, "customAttributes[0].value", "JSON"),
		of("attribute that is not canonical", func(c *crm.Customer) { c.CustomAttributes[0].Value = `{"b":1,"a":2}` }, "customAttributes[0].value", "canonical"),
		of("name inside of an attribute", func(c *crm.Customer) { c.CustomAttributes[0].Value = `[{"a$":1}]` }, "customAttributes[0].value[0]", "must not have $"),
		of("depth of an attribute", func(c *crm.Customer) {
			c.CustomAttributes[0].Value = crm.JSON(strings.Repeat("[", 13) + strings.Repeat("]", 13))
		}, "customAttributes[0].value"+strings.Repeat("[0]", 12), "12 deep"),
		of("digits of an attribute", func(c *crm.Customer) {
			c.CustomAttributes[0].Value = crm.JSON(`[{"a":` + strings.Repeat("1", 101) + `}]`)
		}, "customAttributes[0].value[0]", "at most 100 digits"),
		of("size", func(c *crm.Customer) {
			for i := range 90 {
				c.CustomAttributes = append(c.CustomAttributes, crm.CustomAttribute{
					Name: "a" + strconv.Itoa(i), Value: crm.JSON(`"` + strings.Repeat("x", crm.MaxText) + `"`),
				})
			}
		}, "", "8 MiB"),
	}
}

func spoiledOrders() []spoiled {
	of := func(name string, change func(*crm.Order), field, message string) spoiled {
		return spoil(name, recordtest.FullOrder(), change, field, message)
	}
	return []spoiled{
		of("source", func(o *crm.Order) { o.Source = "web" }, "source", "what the id says"),
		of("external id", func(o *crm.Order) { o.ExternalID = "1" }, "externalId", "what the id says"),
		of("line twice", func(o *crm.Order) { o.Lines[1].ID = "1" }, "lines[1].id", "only once"),
		of("negative quantity", func(o *crm.Order) { o.Lines[1].Quantity = -1 }, "lines[1].quantity", "from 0 to"),
		of("no price", func(o *crm.Order) { o.Lines[1].UnitPrice = crm.Money{} }, "lines[1].unitPrice", "must be given"),
		of("dear", func(o *crm.Order) { o.Lines[1].Quantity = 1_000_000_000; o.Lines[1].UnitPrice.Minor = 1_000_000 }, "lines[1].quantity", "minor units"),
		of("no total", func(o *crm.Order) { o.Price.Total = crm.Money{} }, "price.total", "must be given"),
		of("length of a purchase order's number", func(o *crm.Order) { o.PurchaseOrderNumber = text(strings.Repeat("1", crm.MaxWord+1)) }, "purchaseOrderNumber", "at most 1000"),
		of("length of a parcel's number", func(o *crm.Order) { o.Shipments[0].TrackingNumber = text(strings.Repeat("1", crm.MaxWord+1)) }, "shipments[0].trackingNumber", "at most 1000"),
		of("two currencies", func(o *crm.Order) { o.Lines[0].Tax.CurrencyCode = "EUR" }, "lines[0].tax", "currency of price.total"),
		of("currency of a refund", func(o *crm.Order) { o.Refunds[0].Amount.CurrencyCode = "EUR" }, "refunds[0].amount", "currency of price.total"),
		of("no currency", func(o *crm.Order) { o.Payments[0].Amount.CurrencyCode = "ZZZ" }, "payments[0].amount", "ISO 4217"),
		of("too much", func(o *crm.Order) { o.Payments[0].Amount.Minor = -crm.MaxMinor - 1 }, "payments[0].amount", "minor units"),
		of("line of another order", func(o *crm.Order) { o.Returns[0].Lines[0].Line = &crm.OrderLine{ID: "3"} }, "returns[0].lines[0].line", "one of the order's lines"),
		of("no line", func(o *crm.Order) { o.Shipments[0].Lines[0].Line = nil }, "shipments[0].lines[0].line", "must be given"),
		of("address of a parcel", func(o *crm.Order) { *o.Shipments[0].TrackingURL = "javascript:alert(1)" }, "shipments[0].trackingUrl", "https://"),
	}
}

func spoiledOthers() []spoiled {
	return []spoiled{
		spoil("score", recordtest.FullRecommendation(), func(r *crm.Recommendation) { r.Score = math.NaN() }, "score", "from 0 to 1"),
		spoil("list of references", recordtest.FullRecommendation(), func(r *crm.Recommendation) { r.BasedOnIDs[0] = "" }, "basedOn[0]", "must be given"),
		spoil("bytes of an external id", recordtest.FullTicket(), func(x *crm.Ticket) { x.ExternalID = text(strings.Repeat("é", 129)) }, "externalId", "256 bytes"),
		spoil("bytes of an external id", recordtest.FullInteraction(), func(x *crm.Interaction) { x.ExternalID = text(strings.Repeat("é", 129)) }, "externalId", "256 bytes"),
		spoil("bytes of an external id", recordtest.FullOrder(), func(x *crm.Order) { x.ExternalID = strings.Repeat("é", 129) }, "externalId", "256 bytes"),
		spoil("bytes of an external id", recordtest.FullProduct(), func(x *crm.Product) { x.ExternalID = strings.Repeat("é", 129) }, "externalId", "256 bytes"),
		spoil("length of a category", recordtest.FullTicket(), func(x *crm.Ticket) { x.Category = text(strings.Repeat("x", crm.MaxWord+1)) }, "category", "at most 1000"),
		spoil("satisfaction", recordtest.FullTicket(), func(x *crm.Ticket) { x.Satisfaction.Score = 6 }, "satisfaction.score", "from 1 to 5"),
		spoil("subject", recordtest.FullTicket(), func(x *crm.Ticket) { *x.Subjects[0] = crm.TicketSubject{} }, "subjects[0]", "must name"),
		spoil("requester", recordtest.FullTicket(), func(x *crm.Ticket) { x.RequesterID = "" }, "requester", "must be given"),
		spoil("ticket", recordtest.FullArticle(), func(a *crm.Article) { a.TicketID = "" }, "ticket", "must be given"),
		spoil("id", recordtest.FullTeam(), func(x *crm.Team) { x.ID = recordtest.FullCustomer().ID }, "", "id must be one of its kind"),
		spoil("derived", recordtest.FullTimelineRecord(), func(*crm.TimelineRecord) {}, "", "id must be one of its kind"),
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, list := range [][]spoiled{spoiledCustomers(), spoiledOrders(), spoiledOthers()} {
		for _, test := range list {
			t.Run(string(test.record.RecordKind())+"/"+test.name, func(t *testing.T) {
				var e *crm.Error
				if err := crm.Check(test.record); !errors.As(err, &e) || e.Code != crm.CodeInvalid {
					t.Fatalf("error %v, want INVALID", err)
				}
				if e.Field != test.field || !strings.Contains(e.Message, test.message) {
					t.Errorf("%s: %s\nwant %s: …%s…", e.Field, e.Message, test.field, test.message)
				}
			})
		}
	}
}

// What the fixture and the full records hold is right, and complete.
func TestGoodRecordsAreLeftAlone(t *testing.T) {
	full := []crm.Record{
		recordtest.FullTeam(), recordtest.FullEmployee(), recordtest.FullPartnerApp(), recordtest.FullCustomer(),
		recordtest.FullOrganization(), recordtest.FullProduct(), recordtest.FullOrder(), recordtest.FullTicket(),
		recordtest.FullArticle(), recordtest.FullInteraction(), recordtest.FullRecommendation(), recordtest.FullNextBestAction(),
	}
	for _, r := range append(full, fixture.Records().All()...) {
		if err := crm.Check(r); err != nil {
			t.Errorf("%s: %v", r.RecordID(), err)
		}
	}
	for _, r := range full {
		before := crm.Clone(r)
		crm.Complete(r)
		if diff := cmp.Diff(before, r); diff != "" {
			t.Errorf("%s is completed (-before +after):\n%s", r.RecordID(), diff)
		}
	}
}

// What a change was is bounded by nothing but the record's size: what could be stored
// can be changed, and the change be noted.
func TestNotesOfChangesHaveNoBoundsOfAttributes(t *testing.T) {
	var members strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&members, `"a%04d.$":1,`, i)
	}
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	value := crm.JSON(`{` + members.String() + `"b":` + deep + `,"c":"` + strings.Repeat("x", crm.MaxText+1) + `"}`)
	customer := recordtest.FullCustomer()
	entry := &crm.AuditEntry{
		ID: crm.NewID(crm.KindAuditEntry), EntityID: customer.ID, Action: "changeCustomer", Before: value, After: value, OccurredAt: customer.UpdatedAt,
	}
	event := &crm.Event{
		ID: crm.NewID(crm.KindEvent), Type: "customer.changed", EntityID: customer.ID, Revision: 1, Data: value, OccurredAt: customer.UpdatedAt,
	}
	for _, r := range []crm.Record{entry, event} {
		if err := crm.Check(r); err != nil {
			t.Errorf("%s: %v", r.RecordKind(), err)
		}
	}
	var e *crm.Error
	if entry.After = `{"b":1,"a":2}`; !errors.As(crm.Check(entry), &e) || e.Field != "after" {
		t.Errorf("what is not canonical: %v", e)
	}
	if entry.After = crm.JSON(`"` + strings.Repeat("x", crm.MaxRecordBytes) + `"`); crm.CodeOf(crm.Check(entry)) != crm.CodeInvalid {
		t.Error("a note of more than a record's size is taken")
	}
}

// Of several things that are wrong in an attribute the same one is named each time.
func TestTheFirstFaultOfAnAttribute(t *testing.T) {
	c := recordtest.FullCustomer()
	c.CustomAttributes[0].Value = crm.JSON(`{"":1,"a$":1,"b":` + strings.Repeat("1", crm.MaxDigits+1) + `}`)
	for range 50 {
		if err := crm.Check(c); !strings.Contains(fmt.Sprint(err), "must not be empty") {
			t.Fatal(err)
		}
	}
}
