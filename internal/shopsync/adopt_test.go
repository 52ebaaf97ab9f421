package shopsync_test

import (
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/shopsync"
)

// A row of Shopify's export of customers, under our column names, and the same customer
// by the shop's API are one: the export writes ids and numbers with an apostrophe.
func TestAnExportAndTheShopAreOneCustomer(t *testing.T) {
	store := backends.SQLite(t, nil)
	const export = "externalIdentities[0].source,externalIdentities[0].externalId,givenName,familyName,emails[0].address,addresses[0].line1,addresses[0].city,addresses[0].countryCode,addresses[0].postalCode,phones[0].number\n" +
		"shop,'7210448301001,Đặng,O'Brien,person1@example.com,2 Hauptstraße,København,DK,'10116,'+49305550001\n"
	summary, err := files.Import(t.Context(), store, strings.NewReader(export), files.Options{Kind: "customers", Format: "csv"})
	if err != nil || summary.Created != 1 {
		t.Fatalf("%+v, %v", summary, err)
	}
	shop := &tape{source: "shop", customers: []*crm.ShopCustomer{{
		ExternalID: "7210448301001", GivenName: "Đặng", FamilyName: "O'Brien", Email: "person1@example.com", Phone: "+49305550001", UpdatedAt: noon(),
	}}}
	if r := run(t, store, []crm.Shop{shop}, shopsync.Options{})[0]; r.Written != 0 || r.Unmatched != 0 || r.Rejected != 0 {
		t.Errorf("%+v", r)
	}
	if text := dump(t, store); strings.Count(text, `{"customer":`) != 1 || !strings.Contains(text, `"+49305550001"`) || !strings.Contains(text, `"10116"`) {
		t.Errorf("%s", text)
	}
}
