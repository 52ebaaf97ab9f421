package crm_test

import (
	"fmt"
	"slices"
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
	event := func(kind crm.TimelineKind, minute int, again string) *crm.OrderEvent {
		id := fmt.Sprintf("ord_shop.1/%s/%d%s", kind, instant(minute).UnixMilli(), again)
		return &crm.OrderEvent{ID: id, Kind: kind, OccurredAt: instant(minute)}
	}
	want := []*crm.OrderEvent{
		{ID: "ord_shop.1/ORDER_PLACED", Kind: crm.TimelineKindOrderPlaced, OccurredAt: instant(1)},
		event(crm.TimelineKindOrderPaid, 3, ""),
		event(crm.TimelineKindOrderShipped, 4, ""),
		event(crm.TimelineKindOrderShipped, 4, "-2"),
		event(crm.TimelineKindOrderDelivered, 6, ""),
		event(crm.TimelineKindOrderReturned, 7, ""),
		event(crm.TimelineKindOrderRefunded, 8, ""),
		{ID: "ord_shop.1/ORDER_CANCELED", Kind: crm.TimelineKindOrderCanceled, OccurredAt: instant(9)},
	}
	for _, e := range want {
		e.OrderID = "ord_shop.1"
	}
	if diff := cmp.Diff(want, eventfulOrder().Events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestEventsKeepTheirIDs has an order's lists grow at the front and turn round: what
// happened before has the ids that it had, in the order and in both timelines.
func TestEventsKeepTheirIDs(t *testing.T) {
	o := eventfulOrder()
	before := o.Events()
	o.Payments = append([]crm.Payment{{Status: crm.PaymentStatusCaptured, OccurredAt: instant(20)}}, o.Payments...)
	o.Refunds = append([]*crm.Refund{{OccurredAt: instant(21)}}, o.Refunds...)
	o.Returns = append([]*crm.Return{{RequestedAt: instant(22)}}, o.Returns...)
	o.Shipments = append([]*crm.Shipment{{ShippedAt: ptr(instant(23)), DeliveredAt: ptr(instant(24))}}, o.Shipments...)
	slices.Reverse(o.Shipments)
	after := o.Events()
	if diff := cmp.Diff(before, after[:len(before)]); diff != "" || len(after) != len(before)+5 {
		t.Errorf("events (-before +after):\n%s", diff)
	}
	shown := map[crm.ID][]*crm.OrderEvent{}
	for _, r := range o.TimelineRecords() {
		shown[r.CustomerID] = append(shown[r.CustomerID], r.Entry().(*crm.OrderEvent))
	}
	for _, customer := range []crm.ID{"cus_a", "cus_b"} {
		if diff := cmp.Diff(after, shown[customer]); diff != "" {
			t.Errorf("timeline of %s (-order +timeline):\n%s", customer, diff)
		}
	}
	// An entry as an earlier version has stored it, the second payment of the order.
	old := crm.TimelineRecord{ID: "ord_shop.1/ORDER_PAID/2/2", Kind: crm.TimelineKindOrderPaid, OccurredAt: instant(3), CustomerID: "cus_b", Ref: "ord_shop.1"}
	if diff := cmp.Diff(before[1], old.Entry()); diff != "" {
		t.Errorf("entry of before (-order +timeline):\n%s", diff)
	}
}

func TestOrderTimeline(t *testing.T) {
	o := &crm.Order{ID: "ord_shop.1", CustomerID: "cus_a", OrganizationID: "cus_b", PlacedAt: instant(1)}
	placed := func(id crm.ID, customer crm.ID) told {
		return told{id, crm.TimelineKindOrderPlaced, 1, customer, "ord_shop.1"}
	}
	want := []told{placed("ord_shop.1/ORDER_PLACED", "cus_a"), placed("ord_shop.1/ORDER_PLACED/2", "cus_b")}
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
