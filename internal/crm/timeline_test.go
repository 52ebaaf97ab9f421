package crm_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// told is a timeline entry as tests write it.
type told struct {
	ID       crm.ID
	Kind     crm.TimelineKind
	Minute   int
	Customer crm.ID
	Ref      crm.ID
}

func tell(records []*crm.TimelineRecord) []told {
	list := []told{}
	for _, r := range records {
		list = append(list, told{r.ID, r.Kind, int(r.OccurredAt.Sub(instant(0)).Minutes()), r.CustomerID, r.Ref})
	}
	return list
}

func eventfulOrder() *crm.Order {
	at := func(minute int) *time.Time { return ptr(instant(minute)) }
	return &crm.Order{
		ID: "ord_shop.1", CustomerID: "cus_a", OrganizationID: "cus_b", PlacedAt: instant(1),
		Payments: []crm.Payment{
			{Status: crm.PaymentStatusFailed, OccurredAt: instant(2)}, {Status: crm.PaymentStatusCaptured, OccurredAt: instant(3)},
		},
		Shipments:  []*crm.Shipment{{ShippedAt: at(4), DeliveredAt: at(6)}, {ShippedAt: at(4)}, {}},
		Returns:    []*crm.Return{{RequestedAt: instant(7)}},
		Refunds:    []*crm.Refund{{OccurredAt: instant(8)}},
		CanceledAt: at(9),
	}
}

func TestOrderEvents(t *testing.T) {
	want := []*crm.OrderEvent{
		{ID: "ord_shop.1/ORDER_PLACED/1", Kind: crm.TimelineKindOrderPlaced, OccurredAt: instant(1)},
		{ID: "ord_shop.1/ORDER_PAID/2", Kind: crm.TimelineKindOrderPaid, OccurredAt: instant(3)},
		{ID: "ord_shop.1/ORDER_SHIPPED/1", Kind: crm.TimelineKindOrderShipped, OccurredAt: instant(4)},
		{ID: "ord_shop.1/ORDER_SHIPPED/2", Kind: crm.TimelineKindOrderShipped, OccurredAt: instant(4)},
		{ID: "ord_shop.1/ORDER_DELIVERED/1", Kind: crm.TimelineKindOrderDelivered, OccurredAt: instant(6)},
		{ID: "ord_shop.1/ORDER_RETURNED/1", Kind: crm.TimelineKindOrderReturned, OccurredAt: instant(7)},
		{ID: "ord_shop.1/ORDER_REFUNDED/1", Kind: crm.TimelineKindOrderRefunded, OccurredAt: instant(8)},
		{ID: "ord_shop.1/ORDER_CANCELED/1", Kind: crm.TimelineKindOrderCanceled, OccurredAt: instant(9)},
	}
	for _, e := range want {
		e.OrderID = "ord_shop.1"
	}
	if diff := cmp.Diff(want, eventfulOrder().Events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestOrderTimeline(t *testing.T) {
	o := &crm.Order{ID: "ord_shop.1", CustomerID: "cus_a", OrganizationID: "cus_b", PlacedAt: instant(1)}
	placed := func(id crm.ID, customer crm.ID) told {
		return told{id, crm.TimelineKindOrderPlaced, 1, customer, "ord_shop.1"}
	}
	want := []told{placed("ord_shop.1/ORDER_PLACED/1", "cus_a"), placed("ord_shop.1/ORDER_PLACED/1/2", "cus_b")}
	if diff := cmp.Diff(want, tell(o.TimelineRecords())); diff != "" {
		t.Errorf("customer and organization (-want +got):\n%s", diff)
	}
	o.OrganizationID = "cus_a"
	if diff := cmp.Diff(want[:1], tell(o.TimelineRecords())); diff != "" {
		t.Errorf("both the same (-want +got):\n%s", diff)
	}
	o.CustomerID, o.OrganizationID = "", ""
	if got := o.TimelineRecords(); len(got) != 0 {
		t.Errorf("a guest's order has %d entries", len(got))
	}
	seen := map[crm.ID]bool{}
	for _, r := range eventfulOrder().TimelineRecords() {
		if seen[r.ID] {
			t.Errorf("entry %s comes twice", r.ID)
		}
		seen[r.ID] = true
	}
}

func TestTicketTimeline(t *testing.T) {
	ticket := &crm.Ticket{
		ID: "tkt_1", CustomerID: "cus_b", RequesterID: "cus_a", CreatedAt: instant(1), FirstResponseAt: ptr(instant(2)),
		ResolvedAt: ptr(instant(3)), ClosedAt: ptr(instant(3)),
	}
	want := []told{
		{"tkt_1/TICKET_OPENED", crm.TimelineKindTicketOpened, 1, "cus_b", "tkt_1"},
		{"tkt_1/TICKET_ANSWERED", crm.TimelineKindTicketAnswered, 2, "cus_b", "tkt_1"},
		{"tkt_1/TICKET_CLOSED", crm.TimelineKindTicketClosed, 3, "cus_b", "tkt_1"},
		{"tkt_1/TICKET_RESOLVED", crm.TimelineKindTicketResolved, 3, "cus_b", "tkt_1"},
		{"tkt_1/TICKET_OPENED/2", crm.TimelineKindTicketOpened, 1, "cus_a", "tkt_1"},
		{"tkt_1/TICKET_ANSWERED/2", crm.TimelineKindTicketAnswered, 2, "cus_a", "tkt_1"},
		{"tkt_1/TICKET_CLOSED/2", crm.TimelineKindTicketClosed, 3, "cus_a", "tkt_1"},
		{"tkt_1/TICKET_RESOLVED/2", crm.TimelineKindTicketResolved, 3, "cus_a", "tkt_1"},
	}
	if diff := cmp.Diff(want, tell(ticket.TimelineRecords())); diff != "" {
		t.Errorf("account and requester (-want +got):\n%s", diff)
	}
	ticket.RequesterID = ""
	ticket.Complete()
	if diff := cmp.Diff(want[:4], tell(ticket.TimelineRecords())); diff != "" {
		t.Errorf("the account asked (-want +got):\n%s", diff)
	}
}

func TestTimelineEntries(t *testing.T) {
	consent := &crm.ConsentChange{ID: "c1", OccurredAt: instant(1)}
	customer := &crm.Customer{
		ID: "cus_a", Consents: []*crm.Consent{{History: []*crm.ConsentChange{consent}}},
		Changes: []crm.ProfileChange{{ID: "p1", OccurredAt: instant(2)}},
	}
	order := &crm.Order{ID: "ord_shop.1", CustomerID: "cus_a", PlacedAt: instant(3)}
	ticket := &crm.Ticket{ID: crm.DerivedID(crm.KindTicket, "x", "1"), CustomerID: "cus_a", CreatedAt: instant(4)}
	interaction := &crm.Interaction{ID: crm.DerivedID(crm.KindInteraction, "x", "1"), CustomerID: "cus_a", OccurredAt: instant(5)}
	records := append(customer.TimelineRecords(), order.TimelineRecords()...)
	records = append(records, ticket.TimelineRecords()...)
	records = append(records, interaction.TimelineRecords()...)
	got := []crm.TimelineEntry{}
	for _, r := range records {
		got = append(got, r.Entry())
	}
	want := []crm.TimelineEntry{consent, &customer.Changes[0], order.Events()[0], ticket.Events()[0], &crm.Interaction{ID: interaction.ID, OccurredAt: instant(5)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
