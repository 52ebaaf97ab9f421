package mongodb

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/customer360/gateway/internal/crm"
)

// encode returns a record's document: what is written down of it, and beside that
// the keys that it is found by.
func (c *collection) encode(r crm.Record, keys crm.Keys) (bson.Raw, error) {
	doc := c.form.AppendBSON(nil, r)
	doc = doc[:len(doc)-1] // Without its end, which is a zero.
	start, doc := bsoncore.AppendDocumentElementStart(doc, "keys")
	doc = c.appendKeys(doc, keys)
	doc, err := bsoncore.AppendDocumentEnd(doc, start)
	if err != nil {
		return nil, err
	}
	return bsoncore.AppendDocumentEnd(doc, 0)
}

// appendKeys appends what a record is found by, sorted by field. What is empty is
// absent, but for text that lists are sorted by: every record has one.
func (c *collection) appendKeys(doc []byte, keys crm.Keys) []byte {
	for _, key := range c.sorted {
		name, field := string(key.Field), key.Field
		switch key.Class {
		case crm.ClassText, crm.ClassSortable:
			if text := keys.Text[field]; text != "" || key.Class == crm.ClassSortable {
				doc = bsoncore.AppendStringElement(doc, name, text)
			}
		case crm.ClassTime:
			doc = bsoncore.AppendDateTimeElement(doc, name, keys.Time[field].UnixMilli())
		case crm.ClassNumber:
			if n, there := keys.Number[field]; there {
				doc = bsoncore.AppendInt64Element(doc, name, n)
			}
		case crm.ClassMany:
			if values := keys.Many[field]; len(values) > 0 {
				list := bsoncore.NewArrayBuilder()
				for _, value := range values {
					list.AppendString(value)
				}
				doc = bsoncore.AppendArrayElement(doc, name, list.Build())
			}
		}
	}
	return doc
}

// sortedKeys returns a kind's keys, sorted by field.
func sortedKeys(d *crm.Description) []crm.KeyField {
	return slices.SortedFunc(slices.Values(d.Keys), func(a, b crm.KeyField) int {
		return strings.Compare(string(a.Field), string(b.Field))
	})
}

// projection leaves out of a reply what is not wanted, and what records are found by.
func projection(want *crm.Members) bson.D {
	if want == nil {
		return bson.D{{Key: "keys", Value: 0}}
	}
	paths := want.Paths()
	chosen := make(bson.D, len(paths))
	for i, path := range paths {
		if path == "id" {
			path = "_id"
		}
		chosen[i] = bson.E{Key: path, Value: 1}
	}
	return chosen
}
