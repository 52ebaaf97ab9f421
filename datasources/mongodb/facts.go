package mongodb

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// factRow is one row of the aggregate of Facts: of orders in one currency, of
// tickets, or of interactions.
type factRow struct {
	ID struct {
		Customer string `bson:"customer"`
		Currency string `bson:"currency"`
	} `bson:"_id"`
	Orders    int        `bson:"orders"`
	Gross     int64      `bson:"gross"`
	Net       int64      `bson:"net"`
	First     time.Time  `bson:"first"`
	Last      time.Time  `bson:"last"`
	Open      int        `bson:"open"`
	Ratings   int        `bson:"ratings"`
	RatingSum int        `bson:"rating_sum"`
	Contact   *time.Time `bson:"contact"`
}

// Facts is one aggregate for all ids, over index keys alone.
func (s *Store) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	facts := make(map[crm.ID]*crm.CustomerFacts, len(ids))
	for _, id := range ids {
		facts[id] = &crm.CustomerFacts{}
	}
	wanted := unique(ids)
	if len(wanted) == 0 {
		return facts, nil
	}
	op := fmt.Sprintf("sum up %d customers", len(wanted))
	cursor, err := s.kinds[crm.KindOrder].docs.Aggregate(ctx, s.factStages(wanted), options.Aggregate().SetBatchSize(batch(8*len(wanted))))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	var rows []factRow
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, translate(ctx, op, err)
	}
	for i := range rows {
		add(facts[crm.ID(rows[i].ID.Customer)], &rows[i])
	}
	return facts, nil
}

func (s *Store) factStages(ids []string) bson.A {
	orders, tickets := s.kinds[crm.KindOrder], s.kinds[crm.KindTicket]
	stages := orderFacts(ids, crm.FieldCustomer, "")
	return append(stages,
		unionWith(orders, orderFacts(ids, crm.FieldOrganization, crm.FieldCustomer)),
		unionWith(tickets, ticketFacts(ids, crm.FieldCustomer, "")),
		unionWith(tickets, ticketFacts(ids, crm.FieldRequester, crm.FieldCustomer)),
		unionWith(s.kinds[crm.KindInteraction], bson.A{
			matchIDs(crm.FieldCustomer, ids),
			bson.D{{Key: "$group", Value: bson.D{
				{Key: "_id", Value: bson.D{{Key: "customer", Value: "$" + path(crm.FieldCustomer)}}},
				{Key: "contact", Value: bson.D{{Key: "$max", Value: "$" + path(crm.FieldOccurredAt)}}},
			}}},
		}),
	)
}

func unionWith(c *collection, stages bson.A) bson.D {
	return bson.D{{Key: "$unionWith", Value: bson.D{{Key: "coll", Value: c.Name}, {Key: "pipeline", Value: stages}}}}
}

func matchIDs(field crm.Field, ids []string, more ...bson.E) bson.D {
	match := bson.D{{Key: path(field), Value: bson.D{{Key: "$in", Value: ids}}}}
	return bson.D{{Key: "$match", Value: append(match, more...)}}
}

// project keeps the fields, and under "twice" whether the other field has the id
// too: that record is counted there.
func project(field, other crm.Field, fields ...crm.Field) bson.A {
	kept := bson.D{{Key: "_id", Value: 0}, {Key: "customer", Value: "$" + path(field)}}
	for _, f := range fields {
		kept = append(kept, bson.E{Key: string(f), Value: "$" + path(f)})
	}
	if other == "" {
		return bson.A{bson.D{{Key: "$project", Value: kept}}}
	}
	same := bson.D{{Key: "$eq", Value: bson.A{"$" + path(field), "$" + path(other)}}}
	return bson.A{
		bson.D{{Key: "$project", Value: append(kept, bson.E{Key: "twice", Value: same})}},
		bson.D{{Key: "$match", Value: bson.D{{Key: "twice", Value: false}}}},
	}
}

func orderFacts(ids []string, field, other crm.Field) bson.A {
	stages := bson.A{matchIDs(field, ids, bson.E{Key: path(crm.FieldCanceled), Value: crm.YesNo(false)})}
	stages = append(stages, project(field, other, crm.FieldCurrency, crm.FieldGross, crm.FieldNet, crm.FieldPlacedAt)...)
	return append(stages, bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "customer", Value: "$customer"}, {Key: "currency", Value: "$currency"}}},
		{Key: "orders", Value: bson.D{{Key: "$sum", Value: 1}}},
		{Key: "gross", Value: bson.D{{Key: "$sum", Value: "$gross"}}},
		{Key: "net", Value: bson.D{{Key: "$sum", Value: "$net"}}},
		{Key: "first", Value: bson.D{{Key: "$min", Value: "$placed_at"}}},
		{Key: "last", Value: bson.D{{Key: "$max", Value: "$placed_at"}}},
	}}})
}

func ticketFacts(ids []string, field, other crm.Field) bson.A {
	stages := append(bson.A{matchIDs(field, ids)}, project(field, other, crm.FieldOpen, crm.FieldSatisfaction)...)
	one := func(condition bson.D) bson.D {
		return bson.D{{Key: "$sum", Value: bson.D{{Key: "$cond", Value: bson.A{condition, 1, 0}}}}}
	}
	return append(stages, bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "customer", Value: "$customer"}}},
		{Key: "open", Value: one(bson.D{{Key: "$eq", Value: bson.A{"$open", crm.YesNo(true)}}})},
		{Key: "ratings", Value: one(bson.D{{Key: "$isNumber", Value: "$satisfaction"}})},
		{Key: "rating_sum", Value: bson.D{{Key: "$sum", Value: "$satisfaction"}}},
	}}})
}

// add puts a row into its customer's facts.
func add(f *crm.CustomerFacts, row *factRow) {
	f.OpenTickets += row.Open
	f.Ratings += row.Ratings
	f.RatingSum += row.RatingSum
	if row.Contact != nil {
		contact := row.Contact.UTC()
		f.LastContactAt = &contact
	}
	if row.Orders == 0 {
		return
	}
	f.AddOrders(crm.OrderFacts{
		CurrencyCode: row.ID.Currency, Count: row.Orders, Gross: row.Gross, Net: row.Net,
		First: row.First.UTC(), Last: row.Last.UTC(),
	})
}
