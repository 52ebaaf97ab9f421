package mongodb

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// migrateTime bounds Migrate for a caller without a deadline: an index of a
// large collection takes longer than any query may.
const migrateTime = time.Hour

// index is one index: its fields in order, all ascending, as a list and its
// reverse read the same index. What follows the id is there so that filters,
// counts and sums are answered by the index, without the documents.
type index struct {
	fields []crm.Field
	unique bool
	sparse bool // only of records that have the first field
}

func on(fields ...crm.Field) index { return index{fields: fields} }

// some is an index of the records that have the first field.
func some(fields ...crm.Field) index { return index{fields: fields, sparse: true} }

// collectionIndexes are the indexes of one collection.
type collectionIndexes struct {
	collection string
	indexes    []index
}

// allIndexes is every index, each for queries that the graph makes.
func allIndexes() []collectionIndexes {
	return []collectionIndexes{
		{teams, []index{on(crm.FieldName, crm.FieldID)}},
		{employees, []index{on(crm.FieldName, crm.FieldID)}},
		{partnerApps, []index{on(crm.FieldName, crm.FieldID)}},
		{customers, customerIndexes()},
		{products, []index{
			on(crm.FieldName, crm.FieldID),
			on(crm.FieldUpdatedAt, crm.FieldID),
			on(crm.FieldSource, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldSKU, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldCategory, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldTokens, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
		}},
		{orders, orderIndexes()},
		{tickets, ticketIndexes()},
		{articles, []index{on(crm.FieldTicket, crm.FieldCreatedAt, crm.FieldID, crm.FieldVisibility)}},
		{interactions, []index{
			on(crm.FieldCustomer, crm.FieldOccurredAt, crm.FieldID, crm.FieldChannel, crm.FieldThread),
			some(crm.FieldThread, crm.FieldOccurredAt, crm.FieldID),
		}},
		{recommendations, []index{
			on(crm.FieldCustomer, crm.FieldRank, crm.FieldID, crm.FieldStatus, crm.FieldKind),
		}},
		{nextBestActions, []index{on(crm.FieldCustomer, crm.FieldRank, crm.FieldID, crm.FieldStatus)}},
		{timeline, []index{
			on(crm.FieldCustomer, crm.FieldOccurredAt, crm.FieldID),
			on(crm.FieldCustomer, crm.FieldKind, crm.FieldOccurredAt, crm.FieldID),
			on(crm.FieldRef),
		}},
	}
}

func customerIndexes() []index {
	list := []index{
		on(crm.FieldUpdatedAt, crm.FieldID, crm.FieldCreatedAt, crm.FieldName),
		on(crm.FieldCreatedAt, crm.FieldID, crm.FieldUpdatedAt, crm.FieldName),
		on(crm.FieldName, crm.FieldID),
		some(crm.FieldEmail, crm.FieldID),
		some(crm.FieldPhone, crm.FieldID),
		{fields: []crm.Field{crm.FieldIdentity}, unique: true, sparse: true},
		some(crm.FieldOrganization, crm.FieldName, crm.FieldID, crm.FieldStatus),
		on(crm.FieldTokens, crm.FieldUpdatedAt, crm.FieldID, crm.FieldCreatedAt, crm.FieldName),
	}
	single := []crm.Field{crm.FieldStatus, crm.FieldKind, crm.FieldLifecycle, crm.FieldLoyalty, crm.FieldOwner}
	return append(list, filters(single, []crm.Field{crm.FieldTag, crm.FieldSegment},
		crm.FieldUpdatedAt, crm.FieldID, crm.FieldCreatedAt, crm.FieldName)...)
}

// filters is an index for each field that lists are filtered by: then the
// sort's fields, then the other fields with one value, so that filters of
// several fields are checked and counted without the documents.
func filters(single, many []crm.Field, sort ...crm.Field) []index {
	list := []index{}
	for _, field := range append(slices.Clone(single), many...) {
		fields := append([]crm.Field{field}, sort...)
		for _, other := range single {
			if other != field {
				fields = append(fields, other)
			}
		}
		list = append(list, on(fields...))
	}
	return list
}

func orderIndexes() []index {
	facts := []crm.Field{
		crm.FieldPlacedAt, crm.FieldID, crm.FieldCanceled, crm.FieldCurrency, crm.FieldGross, crm.FieldNet,
		crm.FieldStatus, crm.FieldFinancial, crm.FieldFulfillment, crm.FieldSource, crm.FieldUpdatedAt,
	}
	list := []index{
		on(append([]crm.Field{crm.FieldCustomer}, append(facts, crm.FieldOrganization)...)...),
		some(append([]crm.Field{crm.FieldOrganization}, append(facts, crm.FieldCustomer)...)...),
		on(crm.FieldPlacedAt, crm.FieldID, crm.FieldUpdatedAt),
		on(crm.FieldUpdatedAt, crm.FieldID, crm.FieldPlacedAt),
		on(crm.FieldNumber, crm.FieldPlacedAt, crm.FieldID, crm.FieldUpdatedAt),
		on(crm.FieldTokens, crm.FieldPlacedAt, crm.FieldID, crm.FieldUpdatedAt),
	}
	single := []crm.Field{crm.FieldSource, crm.FieldStatus, crm.FieldFinancial, crm.FieldFulfillment}
	return append(list, filters(single, nil, crm.FieldPlacedAt, crm.FieldID, crm.FieldUpdatedAt)...)
}

func ticketIndexes() []index {
	facts := []crm.Field{
		crm.FieldCreatedAt, crm.FieldID, crm.FieldOpen, crm.FieldSatisfaction, crm.FieldStatus, crm.FieldType,
		crm.FieldPriority, crm.FieldChannel, crm.FieldAssignee, crm.FieldQueue, crm.FieldUpdatedAt,
	}
	list := []index{
		on(append([]crm.Field{crm.FieldCustomer}, append(facts, crm.FieldRequester)...)...),
		on(append([]crm.Field{crm.FieldRequester}, append(facts, crm.FieldCustomer)...)...),
		on(crm.FieldCreatedAt, crm.FieldID, crm.FieldUpdatedAt),
		on(crm.FieldUpdatedAt, crm.FieldID, crm.FieldCreatedAt),
		on(crm.FieldTokens, crm.FieldCreatedAt, crm.FieldID, crm.FieldUpdatedAt),
	}
	single := []crm.Field{
		crm.FieldStatus, crm.FieldOpen, crm.FieldType, crm.FieldPriority, crm.FieldChannel, crm.FieldAssignee, crm.FieldQueue,
	}
	return append(list, filters(single, nil, crm.FieldCreatedAt, crm.FieldID, crm.FieldUpdatedAt)...)
}

// keys gives the index's fields as the server has them.
func (i index) keys() bson.D {
	keys := make(bson.D, len(i.fields))
	for n, field := range i.fields {
		keys[n] = bson.E{Key: path(field), Value: 1}
	}
	return keys
}

// model gives an index as the driver has it, with the server's own name for it.
func (i index) model() mongo.IndexModel {
	opts := options.Index()
	if i.unique {
		opts.SetUnique(true)
	}
	if i.sparse {
		opts.SetPartialFilterExpression(bson.D{{Key: path(i.fields[0]), Value: bson.D{{Key: "$exists", Value: true}}}})
	}
	return mongo.IndexModel{Keys: i.keys(), Options: opts}
}

// Migrate makes the collections and indexes that are missing and drops none.
// It may take as long as it needs, up to an hour if ctx has no deadline; a
// server that stops answering in the middle is noticed by the driver's
// heartbeat, within 10 s and the time-out.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil { // Within the usual time-out.
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, migrateTime)
		defer cancel()
	}
	for _, c := range allIndexes() {
		models := make([]mongo.IndexModel, len(c.indexes))
		for i, index := range c.indexes {
			models[i] = index.model()
		}
		if _, err := s.database.Collection(c.collection).Indexes().CreateMany(ctx, models); err != nil {
			return translate(ctx, "make the indexes of "+c.collection, err)
		}
	}
	if err := s.migrateAPIKeys(ctx); err != nil {
		return err
	}
	return s.migrateSeen(ctx)
}

// migrateSeen has the server clear away keys whose time has passed; it looks
// about once a minute.
func (s *Store) migrateSeen(ctx context.Context) error {
	_, err := s.database.Collection(seenKeys).Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{{Key: seenUntil, Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0),
	})
	return translate(ctx, "make the index of "+seenKeys, err)
}
