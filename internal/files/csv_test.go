package files_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

func asCSV(kind files.Kind) files.Options {
	return files.Options{Kind: kind, Format: files.FormatCSV}
}

func TestCSVCustomers(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	const text = "\ufeffexternalIdentities[0].source,externalIdentities[0].externalId,givenName,familyName," +
		"emails[0].address,emails[0].primary,emails[1].address,tags[0],tags[1],memberships[0].organization.source," +
		"memberships[0].organization.externalId,memberships[0].role,customAttributes.shoe size,customAttributes.vip,birthday\r\n" +
		"shop,c2,Bo,\"Lee, \"\"Jr\"\"\",bo@example.com,TRUE,,b,a,erp,o1,BUYER,007,true,1980-02-29\r\n" +
		"shop,c3,Cy,,,,cy@example.com,,only,,,,,,\r\n"
	if summary := loadAll(t, store, text, asCSV("customers")); summary.Created != 2 {
		t.Errorf("summary %+v, want 2 created", summary)
	}
	bo := one(t, crm.Of[crm.Customer](store), crm.DerivedID(crm.KindCustomer, "shop", "c2"))
	if bo.DisplayName != `Bo Lee, "Jr"` || *bo.Birthday != "1980-02-29" {
		t.Errorf("name %q, birthday %v", bo.DisplayName, bo.Birthday)
	}
	if diff := cmp.Diff([]crm.EmailAddress{{Address: "bo@example.com", Primary: true}}, bo.Emails); diff != "" {
		t.Errorf("emails (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]crm.CustomAttribute{{Name: "shoe size", Value: `"007"`}, {Name: "vip", Value: "true"}}, bo.CustomAttributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if len(bo.Memberships) != 1 || bo.Memberships[0].OrganizationID != crm.DerivedID(crm.KindCustomer, "erp", "o1") {
		t.Errorf("memberships %+v", bo.Memberships)
	}
	cy := one(t, crm.Of[crm.Customer](store), crm.DerivedID(crm.KindCustomer, "shop", "c3"))
	if diff := cmp.Diff([]string{"only"}, cy.Tags); diff != "" || len(cy.Memberships) != 0 || cy.Emails[0].Address != "cy@example.com" {
		t.Errorf("tags %v, %d memberships, emails %v", cy.Tags, len(cy.Memberships), cy.Emails)
	}
	if summary := loadAll(t, store, text, asCSV("customers")); summary.Unchanged != 2 {
		t.Errorf("again: %+v, want 2 unchanged", summary)
	}
}

const lineHeader = "source,externalId,customer.source,customer.externalId,placedAt,lines[].sku,lines[].title,lines[].quantity,lines[].unitPrice.amount,lines[].unitPrice.currencyCode\n"

func TestCSVOrderLines(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, foreign, files.Options{})
	const text = lineHeader +
		"shop,2001,shop,c1,2024-01-01T00:00:00Z,A,Pot,2,1.50,GBP\n" +
		"shop,2001,shop,c1,2024-01-01T00:00:00Z,B,Lid,1,0.25,GBP\n" +
		"shop,2001,,,,C,Box,1,0,GBP\n" +
		"shop,2002,,,2024-01-02T00:00:00Z,A,Pot,1,1.50,GBP\n"
	if summary := loadAll(t, store, text, asCSV("orders")); summary.Created != 2 {
		t.Errorf("summary %+v, want 2 created", summary)
	}
	order := one(t, crm.Of[crm.Order](store), "ord_shop.2001")
	var lines []string
	for _, l := range order.Lines {
		lines = append(lines, fmt.Sprintf("%s %s %d %d %d", l.ID, *l.SKU, l.Quantity, l.UnitPrice.Minor, l.Total.Minor))
	}
	if diff := cmp.Diff([]string{"1 A 2 150 300", "2 B 1 25 25", "3 C 1 0 0"}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if order.Price.Total.Minor != 325 || order.CustomerID != ann {
		t.Errorf("total %v, customer %q", order.Price.Total, order.CustomerID)
	}
	if guest := one(t, crm.Of[crm.Order](store), "ord_shop.2002"); len(guest.Lines) != 1 || guest.CustomerID != "" {
		t.Errorf("%d lines, customer %q", len(guest.Lines), guest.CustomerID)
	}
}

func TestCSVRejects(t *testing.T) {
	store := newStore(t)
	const text = lineHeader +
		"shop,1,,,2024-01-01T00:00:00Z,A,Pot,two,1.50,GBP\n" +
		"shop,2,,,2024-01-01T00:00:00Z,A,Pot,1,1.50,GBP\n" +
		"shop,2,,,2024-01-02T00:00:00Z,B,Pot,1,1.50,GBP\n" +
		"shop,0,,,2024-01-01T00:00:00Z,A,Pot,1,1.50,GBP\n" +
		"shop,3,x\n" +
		"shop,4,,,2024-01-01T00:00:00Z,A,P\"ot,1,1.50,GBP\n" +
		"shop,5,,,2024-01-01T00:00:00Z,A,\xff,1,1.50,GBP\n" +
		"shop,6,,,2024-01-01T00:00:00Z,A,\"two\nlines\",1,1.50,GBP\n" +
		"shop,7,,,2024-01-01T00:00:00Z,A,Pot,1,1.505,GBP\n"
	summary, rejects := load(t, store, text, asCSV("orders"))
	if summary.Created != 1 {
		t.Errorf("summary %+v, want 1 created", summary)
	}
	var got []string
	for _, r := range rejects {
		got = append(got, r.Line+" "+r.Field+" "+r.Record)
	}
	want := []string{
		"2 lines[0].quantity ord_shop.1", "4 placedAt shop:2", "5  shop:0", "6  ", "7  ", "8  shop:5",
		"11 lines[0].unitPrice ord_shop.7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rejects (-want +got):\n%s\n%+v", diff, rejects)
	}
	if o := one(t, crm.Of[crm.Order](store), "ord_shop.6"); o.Lines[0].Title != "two\nlines" {
		t.Errorf("title %q", o.Lines[0].Title)
	}
}

func TestCSVWithoutGroups(t *testing.T) {
	store := newStore(t)
	const text = "source,externalId,title\nshop,1,Pot\nshop,2\nshop,3,\"a\"b\nshop,4,\xff\nshop,5,Lid\n"
	summary, rejects := load(t, store, text, asCSV("products"))
	if summary.Created != 2 || len(rejects) != 3 || rejects[2].Field != "title" {
		t.Errorf("summary %+v, rejects %+v", summary, rejects)
	}
}

// An order of very many rows is refused, and those around it come through.
func TestCSVGroupIsBounded(t *testing.T) {
	store := newStore(t)
	row := func(id string, n int) string {
		return strings.Repeat("shop,"+id+",,,2024-01-01T00:00:00Z,A,"+strings.Repeat("x", 60)+",1,1.50,GBP\n", n)
	}
	summary, rejects := load(t, store, lineHeader+row("1", 1)+row("2", 12_000)+row("3", 2_000), asCSV("orders"))
	if summary.Created != 2 || len(rejects) != 1 || !strings.Contains(rejects[0].Reason, "at most") {
		t.Errorf("summary %+v, rejects %+v", summary, rejects)
	}
	if o := one(t, crm.Of[crm.Order](store), "ord_shop.3"); len(o.Lines) != 2_000 {
		t.Errorf("%d lines, want 2000", len(o.Lines))
	}
}
