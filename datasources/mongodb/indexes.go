package mongodb

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// index is one index: its fields in order, all ascending, as a list and its
// reverse read the same index. What follows the id is there so that filters,
// counts and sums are answered by the index, without the documents.
type index struct {
	fields []crm.Field
	sparse bool // only of records that have the first field
}

func on(fields ...crm.Field) index { return index{fields: fields} }

// some is an index of the records that have the first field.
func some(fields ...crm.Field) index { return index{fields: fields, sparse: true} }

// indexesOf returns the indexes of a kind: those made for the queries that the graph
// makes, or for a kind that has none the standard ones.
func indexesOf(d *crm.Description) []index {
	if made, there := madeIndexes()[d.Kind]; there {
		return made
	}
	return standardIndexes(d)
}

// madeIndexes are indexes that were made for queries of the graph, by kind.
func madeIndexes() map[crm.Kind][]index {
	named := []index{on(crm.FieldName, crm.FieldID)}
	return map[crm.Kind][]index{
		crm.KindTeam:       named,
		crm.KindEmployee:   named,
		crm.KindPartnerApp: named,
		crm.KindCustomer:   customerIndexes(),
		crm.KindProduct: {
			on(crm.FieldName, crm.FieldID),
			on(crm.FieldUpdatedAt, crm.FieldID),
			on(crm.FieldSource, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldSKU, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldCategory, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
			on(crm.FieldTokens, crm.FieldName, crm.FieldID, crm.FieldUpdatedAt),
		},
		crm.KindOrder:   orderIndexes(),
		crm.KindTicket:  ticketIndexes(),
		crm.KindArticle: {on(crm.FieldTicket, crm.FieldCreatedAt, crm.FieldID, crm.FieldVisibility)},
		crm.KindInteraction: {
			on(crm.FieldCustomer, crm.FieldOccurredAt, crm.FieldID, crm.FieldChannel, crm.FieldThread),
			some(crm.FieldThread, crm.FieldOccurredAt, crm.FieldID),
		},
		crm.KindRecommendation: {
			on(crm.FieldCustomer, crm.FieldRank, crm.FieldID, crm.FieldStatus, crm.FieldKind),
		},
		crm.KindNextBestAction: {on(crm.FieldCustomer, crm.FieldRank, crm.FieldID, crm.FieldStatus)},
		crm.KindTimeline: {
			on(crm.FieldCustomer, crm.FieldOccurredAt, crm.FieldID),
			on(crm.FieldCustomer, crm.FieldKind, crm.FieldOccurredAt, crm.FieldID),
			on(crm.FieldRef),
		},
	}
}

// standardIndexes are those of a kind that nobody has made any for: one for each
// order of its lists, and one for each field that lists are filtered by, with the
// kind's first order behind it. The kind's other texts follow, so that conditions on
// them are checked and counted without the documents.
func standardIndexes(d *crm.Description) []index {
	list := []index{}
	first := firstOrder(d)
	for _, key := range d.Keys {
		switch key.Class {
		case crm.ClassSortable, crm.ClassTime:
			list = append(list, on(key.Field, crm.FieldID))
		case crm.ClassText, crm.ClassMany:
			fields := append([]crm.Field{key.Field}, first...)
			for _, other := range d.Keys {
				if other.Class == crm.ClassText && other.Parent == "" && other.Field != key.Field {
					fields = append(fields, other.Field)
				}
			}
			list = append(list, on(fields...))
		case crm.ClassNumber: // It sorts the lists of a parent.
		}
	}
	return list
}

// firstOrder is how a kind's lists are sorted first of all: by its first time,
// else its first number or sortable text, and by id.
func firstOrder(d *crm.Description) []crm.Field {
	for _, classes := range [][]crm.Class{{crm.ClassTime}, {crm.ClassNumber, crm.ClassSortable}} {
		for _, key := range d.Keys {
			if slices.Contains(classes, key.Class) {
				return []crm.Field{key.Field, crm.FieldID}
			}
		}
	}
	return []crm.Field{crm.FieldID}
}

func customerIndexes() []index {
	list := []index{
		on(crm.FieldUpdatedAt, crm.FieldID, crm.FieldCreatedAt, crm.FieldName),
		on(crm.FieldCreatedAt, crm.FieldID, crm.FieldUpdatedAt, crm.FieldName),
		on(crm.FieldName, crm.FieldID),
		some(crm.FieldEmail, crm.FieldID),
		some(crm.FieldPhone, crm.FieldID),
		some(crm.FieldIdentity, crm.FieldID),
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

// keys returns the index's fields as the server has them.
func (i index) keys() bson.D {
	keys := make(bson.D, len(i.fields))
	for n, field := range i.fields {
		keys[n] = bson.E{Key: path(field), Value: 1}
	}
	return keys
}

// model returns an index as the driver has it, with the server's own name for it.
func (i index) model() mongo.IndexModel {
	opts := options.Index()
	if i.sparse {
		opts.SetPartialFilterExpression(bson.D{{Key: path(i.fields[0]), Value: bson.D{{Key: "$exists", Value: true}}}})
	}
	return mongo.IndexModel{Keys: i.keys(), Options: opts}
}
