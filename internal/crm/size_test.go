package crm_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// wantHeld wants a record's size to be at least what files and stores have of it, and
// returns how much more than its JSON it is.
func wantHeld(t rapid.TB, r crm.Record) (more int) {
	t.Helper()
	form := record.FormOf(r.RecordKind())
	text, err := form.AppendJSON(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	size := crm.SizeOf(r)
	if size < len(text) {
		t.Errorf("the size is %d, its JSON has %d bytes:\n%.2000s", size, len(text), text)
	}
	if doc := form.AppendBSON(nil, r); 2*size < len(doc) {
		t.Errorf("the size is %d, its BSON has %d bytes, more than twice as many:\n%.2000s", size, len(doc), text)
	}
	return size - len(text)
}

func TestSizesHoldRandomRecords(t *testing.T) {
	kinds := crm.Descriptions()
	rapid.Check(t, func(t *rapid.T) {
		kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")].Kind
		r := recordtest.Random(kind, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
		wantHeld(t, r)
		if !crm.Describe(kind).Derived {
			crm.Complete(r)
			wantHeld(t, r)
		}
	})
}

// awkward are records of which a value's bytes in a file differ much from its own.
func awkward() map[string]crm.Record {
	of := func(change func(c *crm.Customer)) *crm.Customer {
		c := recordtest.FullCustomer()
		change(c)
		return c
	}
	order := recordtest.FullOrder()
	order.Lines[0].ID = strings.Repeat("\x01", crm.MaxWord)
	for range crm.MaxElements {
		order.Shipments[0].Lines = append(order.Shipments[0].Lines, crm.LineQuantity{Line: order.Lines[0]})
	}
	return map[string]crm.Record{
		"letters": of(func(c *crm.Customer) { c.Tags = slices.Repeat([]string{"a"}, crm.MaxElements) }),
		"nothing": of(func(c *crm.Customer) { c.Tags = make([]string, crm.MaxElements) }),
		"control": of(func(c *crm.Customer) { c.Tier = text(strings.Repeat("\x00\x01\n\x1f\x7f", 1000)) }),
		"quotes":  of(func(c *crm.Customer) { c.Tier = text(strings.Repeat(`"\<>&/`, 1000)) }),
		"ends":    of(func(c *crm.Customer) { c.Tier = text(strings.Repeat("\u2028\u2029\u202a\u2128", 1000)) }),
		"invalid": of(func(c *crm.Customer) { c.Tier = text(strings.Repeat("\xff\xe2\x80a\xe2", 1000)) }),
		"attributes": of(func(c *crm.Customer) {
			for i := range 1000 {
				c.CustomAttributes = append(c.CustomAttributes, crm.CustomAttribute{Name: strconv.Itoa(i), Value: `{"a":["\u0001",1e9]}`})
			}
		}),
		"consents": of(func(c *crm.Customer) { c.Consents = slices.Repeat(c.Consents, 1000) }),
		"changes": of(func(c *crm.Customer) {
			c.Changes = slices.Repeat([]crm.ProfileChange{{Fields: slices.Repeat([]string{"a"}, 200)}}, 1000)
		}),
		"emails":       of(func(c *crm.Customer) { c.Emails = make([]crm.EmailAddress, crm.MaxElements) }),
		"lines":        order,
		"customer":     recordtest.FullCustomer(),
		"organization": recordtest.FullOrganization(),
		"ticket":       recordtest.FullTicket(),
	}
}

func TestSizesHoldAwkwardRecords(t *testing.T) {
	for name, r := range awkward() {
		t.Run(name, func(t *testing.T) { wantHeld(t, r) })
	}
}

// A text counts what it has in JSON and no more, whatever it is made of: what a person
// has written may fill the record.
func TestSizesOfTextsAreExact(t *testing.T) {
	none := wantHeld(t, &crm.Team{ID: crm.NewID(crm.KindTeam), Name: "a"})
	for _, name := range []string{"“quoted” – ☺ 日本語 𝄞", `"\`, "\x01\u2028\xff\b\f\n\r\t\v\x7f", strings.Repeat("é", crm.MaxText)} {
		if more := wantHeld(t, &crm.Team{ID: crm.NewID(crm.KindTeam), Name: name}); more != none {
			t.Errorf("%.20q counts %d bytes too much", name, more-none)
		}
	}
}
