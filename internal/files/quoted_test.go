package files_test

import (
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// The apostrophe with which spreadsheets say that figures are text is none of the text;
// one that belongs to a word is.
func TestApostrophesOfSpreadsheets(t *testing.T) {
	store := backends.SQLite(t, nil)
	const file = `externalIdentities[0].source,externalIdentities[0].externalId,givenName,familyName,phones[0].number,tags[0],tags[1],tags[2],addresses[0].line1,addresses[0].postalCode
shop,'7210448301122,'t Hart,'=Ann,'+49305550001,'90s,'=1+1,''=x,'s-Gravenweg 2,'10115
`
	summary, err := files.Import(t.Context(), store, strings.NewReader(file), files.Options{Kind: "customers", Format: "csv"})
	if err != nil || summary.Created != 1 {
		t.Fatalf("%+v, %v", summary, err)
	}
	var dumped strings.Builder
	if err := files.Dump(t.Context(), store, &dumped); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"externalId":"7210448301122"`, `"givenName":"'t Hart"`, `"familyName":"=Ann"`, `"number":"+49305550001"`,
		`"'90s"`, `"=1+1"`, `"'=x"`, `"line1":"'s-Gravenweg 2"`, `"postalCode":"10115"`,
	} {
		if !strings.Contains(dumped.String(), want) {
			t.Errorf("no %s in %s", want, dumped.String())
		}
	}
	id := crm.DerivedID(crm.KindCustomer, "shop", "7210448301122")
	if found, err := store.ByID(t.Context(), crm.KindCustomer, []crm.ID{id}, nil); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}
