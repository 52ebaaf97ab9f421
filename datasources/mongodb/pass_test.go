package mongodb_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// An order is about to be stored when its customer is removed, and the other way
// round: the first has it its way, and the other is refused.
func TestNoChildWithoutAParent(t *testing.T) {
	order, gone := store(orderOf(1, 1, 1, 1)), remove(id(crm.KindCustomer, 1))
	tests := []struct {
		name        string
		late, other crm.Changes
		before      int32 // commits of the late one's, before that of its records
		orders      int
	}{
		{"the order is first", order, gone, 1, 1}, // It makes its passes before.
		{"the removal is first", gone, order, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			uri := mongod.URI(t)
			s := opened(t, uri)
			wantCodes(t, commit(t, s, store(customer(1), customer(2))), "")
			wantCodes(t, commit(t, s, store(orderOf(2, 1, 2, 1))), "") // So that there are passes.
			held := newHold("commitTransaction", test.before)
			first := opened(t, uri, held.option())
			outcome := make(chan []crm.Code, 1)
			go func() { outcome <- commit(t, first, test.late) }()
			<-held.met
			aborted := newHold("abortTransaction", 0)
			aborted.pass()
			second := opened(t, uri, aborted.option())
			other := make(chan []crm.Code, 1)
			go func() { other <- commit(t, second, test.other) }()
			met(t, aborted, other)
			held.pass()
			wantCodes(t, <-outcome, "")
			wantCodes(t, <-other, crm.CodeInvalid)
			if n := counts(t, s)[crm.KindOrder]; n != 1+test.orders {
				t.Errorf("there are %d orders, want %d", n, 1+test.orders)
			}
		})
	}
}

// A removal reads as of its start. What is stored after that, by a process that
// has passes and by one that has to make them, it must not miss.
func TestARemovalMissesNothingStoredSinceItsStart(t *testing.T) {
	for name, newcomer := range map[string]bool{"with passes": false, "without passes": true} {
		t.Run(name, func(t *testing.T) {
			uri := mongod.URI(t)
			s := opened(t, uri)
			wantCodes(t, commit(t, s, store(customer(1), customer(2))), "")
			if !newcomer {
				wantCodes(t, commit(t, s, store(orderOf(2, 1, 2, 1))), "")
			}
			held := newHold("delete", 0)
			remover := opened(t, uri, held.option())
			outcome := make(chan []crm.Code, 1)
			go func() { outcome <- commit(t, remover, remove(id(crm.KindCustomer, 1))) }()
			<-held.met // It has looked for orders.
			wantCodes(t, commit(t, s, store(orderOf(1, 1, 1, 1))), "")
			held.pass()
			wantCodes(t, <-outcome, crm.CodeInvalid)
			found, err := s.ByID(t.Context(), crm.KindCustomer, []crm.ID{id(crm.KindCustomer, 1)}, nil)
			if err != nil || len(found) != 1 {
				t.Errorf("%d customers are left of one that has an order (%v)", len(found), err)
			}
		})
	}
}

// A process that did not store anything for days has passes that are gone.
func TestPassesThatAreGoneAreMadeAgain(t *testing.T) {
	uri := mongod.URI(t)
	s := opened(t, uri)
	passes := raw(t, uri).Collection("passes")
	wantCodes(t, commit(t, s, store(customer(1), orderOf(1, 1, 1, 1))), "")
	if _, err := passes.DeleteMany(context.Background(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, commit(t, s, store(orderOf(1, 1, 2, 1))), "")
	n, err := passes.CountDocuments(context.Background(), bson.D{{Key: "uses", Value: 1}, {Key: "used_at", Value: bson.D{{Key: "$exists", Value: true}}}})
	if err != nil || n != 1 {
		t.Errorf("%d passes are used (%v), want 1", n, err)
	}
}
