package demo_test

import (
	"slices"
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// ids are the ids of all records that are written before the one that is looked at.
type ids map[crm.ID]bool

// refers: id is "" or that of a record of one of the kinds, of any without kinds.
func (known ids) refers(t *testing.T, from, id crm.ID, kinds ...crm.Kind) {
	t.Helper()
	if id != "" && (!known[id] || len(kinds) > 0 && !slices.Contains(kinds, id.Kind())) {
		t.Errorf("%s refers to %s, which is not there (yet)", from, id)
	}
}

// TestReferences: a record that others refer to is there, and is written before
// them; no id is there twice.
func TestReferences(t *testing.T) {
	d, known := generate(t), ids{}
	for _, r := range d.Records() {
		id := r.RecordID()
		crm.References(r, func(ref crm.Reference) {
			if ref.Refers != "" {
				known.refers(t, id, *ref.ID, ref.Refers)
			} else if *ref.ID != id {
				known.refers(t, id, *ref.ID)
			}
		})
		if id.Kind() != r.RecordKind() {
			t.Errorf("%s is no id of its kind", id)
		}
		if known[id] {
			t.Errorf("%s is there twice", id)
		}
		known[id] = true
	}
	for _, x := range d.Products {
		if want := crm.DerivedID(crm.KindProduct, x.Source, x.ExternalID); x.ID != want {
			t.Errorf("product %s has not the id %s", x.ID, want)
		}
	}
	for _, x := range d.Interactions {
		for _, p := range x.Participants {
			if p.ActorRef == (crm.ActorRef{}) {
				t.Errorf("%s has a participant without a name", x.ID)
			}
		}
	}
	checkCustomers(t, d, known)
	checkOrders(t, d, known)
	checkTickets(t, d, known)
}

func checkCustomers(t *testing.T, d *demo.Data, known ids) {
	t.Helper()
	roles, parents := map[crm.MembershipRole]int{}, 0
	members := map[crm.ID]int{}
	for _, x := range d.Customers {
		known.refers(t, x.ID, x.OwnerID, crm.KindEmployee)
		known.refers(t, x.ID, x.ReferredByID, crm.KindCustomer)
		known.refers(t, x.ID, x.ParentID, crm.KindCustomer)
		for _, m := range x.Memberships {
			known.refers(t, x.ID, m.OrganizationID, crm.KindCustomer)
			roles[m.Role]++
			members[m.OrganizationID]++
		}
		if x.ParentID != "" {
			parents++
		}
		if x.ParentID != "" && x.Kind != crm.CustomerKindOrganization || len(x.Memberships) > 0 && x.Kind != crm.CustomerKindPerson {
			t.Errorf("%s: only organizations have a parent, only people memberships", x.ID)
		}
	}
	if len(roles) != 4 || parents == 0 {
		t.Errorf("memberships have the roles %v, %d organizations a parent; want all four and some", roles, parents)
	}
	for _, x := range d.Customers[:60] {
		if n := members[x.ID]; n < 2 || n > 5 {
			t.Errorf("organization %s has %d members", x.ID, n)
		}
	}
}

func checkOrders(t *testing.T, d *demo.Data, known ids) {
	t.Helper()
	boughtFor := 0
	for _, x := range d.Orders {
		known.refers(t, x.ID, x.CustomerID, crm.KindCustomer)
		known.refers(t, x.ID, x.OrganizationID, crm.KindCustomer)
		if x.OrganizationID != "" {
			boughtFor++
		}
		for _, l := range x.Lines {
			known.refers(t, x.ID, l.ProductID, crm.KindProduct)
		}
		for _, s := range x.Shipments {
			for _, l := range s.Lines {
				if !slices.Contains(x.Lines, l.Line) || l.Quantity != l.Line.Quantity {
					t.Errorf("%s ships a line that is not its own", x.ID)
				}
			}
		}
		if net := x.NetTotal(); net.Minor < 0 {
			t.Errorf("%s refunds more than it cost", x.ID)
		}
	}
	if boughtFor == 0 {
		t.Error("no order was bought for an organization")
	}
}

func checkTickets(t *testing.T, d *demo.Data, known ids) {
	t.Helper()
	number := ""
	for _, x := range d.Tickets {
		for _, id := range []crm.ID{x.CustomerID, x.RequesterID} {
			known.refers(t, x.ID, id, crm.KindCustomer)
		}
		known.refers(t, x.ID, x.QueueID, crm.KindTeam)
		known.refers(t, x.ID, x.AssigneeID, crm.KindEmployee)
		for _, s := range x.Subjects {
			known.refers(t, x.ID, s.OrderID, crm.KindOrder)
			known.refers(t, x.ID, s.ProductID, crm.KindProduct)
		}
		if x.Number <= number {
			t.Errorf("ticket %s comes after %s", x.Number, number)
		}
		number = x.Number
	}
	articles := map[crm.ID]int{}
	for _, x := range d.Articles {
		known.refers(t, x.ID, x.TicketID, crm.KindTicket)
		known.refers(t, x.ID, x.AuthorRef.ID, crm.KindCustomer, crm.KindEmployee)
		articles[x.TicketID]++
	}
	for _, x := range d.Tickets {
		if n := articles[x.ID]; n < 1 || n > 4 {
			t.Errorf("ticket %s has %d articles, want 1 to 4", x.Number, n)
		}
	}
}

// TestTimelineIDs: the entries that a store derives have different ids.
func TestTimelineIDs(t *testing.T) {
	records := []*crm.TimelineRecord{}
	for _, r := range generate(t).Records() {
		records = append(records, crm.TimelineOf(r)...)
	}
	seen := map[crm.ID]bool{}
	for _, r := range records {
		if seen[r.ID] {
			t.Errorf("timeline entry %s is there twice", r.ID)
		}
		seen[r.ID] = true
	}
}

// TestRecommendations: what is recommended as bought together was not bought
// before, what it is based on was.
func TestRecommendations(t *testing.T) {
	d := generate(t)
	bought, articles := map[crm.ID]map[crm.ID]bool{}, map[crm.ID]map[string]bool{}
	article := func(product crm.ID) string {
		_, code, _ := product.Source()
		return code
	}
	note := func(customer, product crm.ID) {
		if bought[customer] == nil {
			bought[customer], articles[customer] = map[crm.ID]bool{}, map[string]bool{}
		}
		bought[customer][product], articles[customer][article(product)] = true, true
	}
	for _, o := range d.Orders {
		for _, l := range o.Lines {
			note(o.CustomerID, l.ProductID)
			note(o.OrganizationID, l.ProductID)
		}
	}
	known := ids{}
	for _, p := range d.Products {
		known[p.ID] = true
	}
	models, count := map[string]int{}, map[crm.ID]int{}
	for _, r := range d.Recommendations {
		models[r.Model]++
		count[r.CustomerID]++
		known.refers(t, r.ID, r.ProductID, crm.KindProduct)
		if r.Score <= 0 || r.Score > 1 || r.Reason == "" || count[r.CustomerID] > 3 {
			t.Errorf("%s: score %v, reason %q, number %d of its customer", r.ID, r.Score, r.Reason, count[r.CustomerID])
		}
		if again := r.Kind == crm.RecommendationKindReplenish; bought[r.CustomerID][r.ProductID] != again || articles[r.CustomerID][article(r.ProductID)] != again {
			t.Errorf("%s: %s of %s, bought: %t", r.ID, r.Kind, r.ProductID, !again)
		}
		for _, id := range r.BasedOnIDs {
			if !bought[r.CustomerID][id] {
				t.Errorf("%s is based on %s, which was not bought", r.ID, id)
			}
		}
	}
	for _, model := range []string{"bought-together", "repeat-purchase", "best-sellers"} {
		if models[model] == 0 {
			t.Errorf("model %s recommends nothing", model)
		}
	}
}
