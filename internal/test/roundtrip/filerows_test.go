package roundtrip_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// owner is a customer that files' records hang on, desk a ticket.
func owner() *crm.Customer {
	return &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "file", "owner"), GivenName: ptr("Cy"), CreatedAt: day(), UpdatedAt: day(), Version: 1,
	}
}

func desk() *crm.Ticket {
	return &crm.Ticket{
		ID: crm.DerivedID(crm.KindTicket, "file", "desk"), Number: "T-1", Subject: "Hello", CustomerID: owner().ID,
		CreatedAt: day(), UpdatedAt: day(), Version: 1,
	}
}

// inFile is a row of a record that only a file holds: a plain one, changed.
func inFile[T any, P crm.RecordOf[T]](name string, plain T, change, got func(r P) any, want any) row {
	return row{
		name: name, file: func(n int) crm.Record {
			r := P(&plain)
			fresh := *r
			p := P(&fresh)
			rename(p, n)
			change(p)
			return p
		}, got: func(r crm.Record) any { return got(r.(P)) }, want: want,
	}
}

// notInFile is one that is refused.
func notInFile[T any, P crm.RecordOf[T]](name string, plain T, change func(r P) any, field string) row {
	r := inFile(name, plain, change, func(P) any { return nil }, nil)
	r.refused = field
	return r
}

// history is so many changes of a profile.
func history(n int) []crm.ProfileChange {
	list := make([]crm.ProfileChange, n)
	for i := range list {
		list[i] = crm.ProfileChange{
			ID: "change/" + strconv.Itoa(i+1), OccurredAt: day(), ActorRef: crm.ActorRef{System: "import"}, Fields: []string{"tags", "tier"},
		}
	}
	return list
}

func tags(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("tag %d", i)
	}
	return list
}

func fileRows() []row {
	type (
		customer = crm.Customer
		ticket   = crm.Ticket
	)
	plain, asked := *owner(), *desk()
	article := crm.Article{TicketID: asked.ID, Body: "Hello", CreatedAt: day()}
	call := crm.Interaction{
		CustomerID: plain.ID, Channel: crm.ChannelPhone, Direction: crm.DirectionInbound, Summary: "Asked", OccurredAt: day(), RecordedAt: day(),
	}
	offer := crm.Recommendation{
		CustomerID: plain.ID, ProductID: "prd_shop.1", Kind: crm.RecommendationKindUpSell, Reason: "Others took it", Model: "pairs", ModelVersion: "1", CreatedAt: day(),
	}
	long := strings.Repeat("é", 100_000)
	attribute := func(name, value string) func(c *customer) any {
		return func(c *customer) any {
			c.CustomAttributes = []crm.CustomAttribute{{Name: name, Value: crm.JSON(value)}}
			return nil
		}
	}
	first := func(c *customer) any { return string(c.CustomAttributes[0].Value) }
	deep := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1) }
	set := func(change func(c *customer)) func(c *customer) any {
		return func(c *customer) any { change(c); return nil }
	}
	return []row{
		inFile("10,000 profile changes", plain, set(func(c *customer) { c.Changes = history(10_000) }), func(c *customer) any { return len(c.Changes) }, 10_000),
		inFile("10,000 tags", plain, set(func(c *customer) { c.Tags = tags(10_000) }), func(c *customer) any { return len(c.Tags) }, 10_000),
		notInFile("10,001 tags", plain, set(func(c *customer) { c.Tags = tags(10_001) }), "tags"),
		inFile("a text in an attribute of 100,000 characters", plain, attribute("a", `"`+long+`"`), first, `"`+long+`"`),
		inFile("an attribute 12 deep", plain, attribute("a", deep(12)), first, deep(12)),
		notInFile("an attribute 13 deep", plain, attribute("a", deep(13)), "customAttributes[0].value"),
		notInFile("an attribute with a number of 101 digits", plain, attribute("a", strings.Repeat("1", 101)), "customAttributes[0].value"),
		notInFile("an attribute with $", plain, attribute("$where", "1"), "customAttributes[0].name"),
		notInFile("an attribute with a dot inside", plain, attribute("a", `{"b.c":1}`), "customAttributes[0].value"),
		inFile("a number as it is written", plain, attribute("a", `1.500e3`), first, `1.500e3`),
		inFile("a locale of many systems", plain, set(func(c *customer) { c.Language = ptr("en_GB") }), func(c *customer) any { return value(c.Language) }, "en-GB"),
		notInFile("no language", plain, set(func(c *customer) { c.Language = ptr("not a language") }), "language"),
		notInFile("a day that there is not", plain, set(func(c *customer) { c.Birthday = ptr(crm.Date("1981-02-29")) }), "birthday"),
		notInFile("one identity twice", plain, set(func(c *customer) {
			c.ExternalIdentities = []crm.ExternalIdentity{{Source: "erp", ExternalID: "1"}, {Source: "erp", ExternalID: "1"}}
		}), "externalIdentities[1].externalId"),
		notInFile("a loyalty class that there is not", plain, set(func(c *customer) { c.LoyaltyClass = ptr(crm.LoyaltyClass("PLATINUM")) }), "loyaltyClass"),
		inFile("a member of what was removed", plain, set(func(c *customer) {
			c.Memberships = []*crm.Membership{{OrganizationID: crm.DerivedID(crm.KindCustomer, "nowhere", "1"), Role: crm.MembershipRoleBuyer}}
		}), func(c *customer) any { return c.Memberships[0].OrganizationID }, crm.DerivedID(crm.KindCustomer, "nowhere", "1")),
		inFile("a subject of 100,000 characters", asked, func(r *ticket) any { r.Subject = long; return nil }, func(r *ticket) any { return r.Subject }, long),
		inFile("a ticket without a subject", asked, func(r *ticket) any { r.Subject = ""; return nil }, func(r *ticket) any { return r.Subject }, ""),
		notInFile("6 of 5 stars", asked, func(r *ticket) any {
			r.Satisfaction = &crm.Satisfaction{Score: 6, RatedAt: day()}
			return nil
		}, "satisfaction.score"),
		inFile("a body of 100,000 characters", article, func(r *crm.Article) any { r.Body = long; return nil }, func(r *crm.Article) any { return r.Body }, long),
		notInFile("an article of no ticket", article, func(r *crm.Article) any {
			r.TicketID = crm.DerivedID(crm.KindTicket, "nowhere", "1")
			return nil
		}, "ticket"),
		inFile("a call of no time", call, func(r *crm.Interaction) any { r.DurationSeconds = ptr(0); return nil }, func(r *crm.Interaction) any { return *r.DurationSeconds }, 0),
		notInFile("a call that took less than no time", call, func(r *crm.Interaction) any { r.DurationSeconds = ptr(-1); return nil }, "durationSeconds"),
		inFile("a score of 0", offer, func(r *crm.Recommendation) any { r.Score = 0; return nil }, func(r *crm.Recommendation) any { return r.Score }, 0.0),
		notInFile("a score above 1", offer, func(r *crm.Recommendation) any { r.Score = 1.0000001; return nil }, "score"),
	}
}
