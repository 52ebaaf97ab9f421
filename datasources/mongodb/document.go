package mongodb

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/internal/crm"
)

// document is a record as it is stored.
type document[R any] struct {
	Record *R     `bson:",inline"`
	Keys   bson.D `bson:"keys"`
}

// encode gives a record's document.
func (k *kind[T, R]) encode(item *T) (bson.Raw, error) {
	return bson.Marshal(document[R]{Record: k.record(item), Keys: storedKeys(k.keys(item))})
}

// decode gives a document's record.
func (k *kind[T, R]) decode(raw bson.Raw) (*T, error) {
	written := new(R)
	if err := bson.Unmarshal(raw, written); err != nil {
		return nil, err
	}
	return k.domain(written), nil
}

// storedKeys gives what a record is found by, sorted by field. Empty text is
// absent, but for names: lists are sorted by them, so every record has one.
func storedKeys(keys crm.Keys) bson.D {
	stored := make(bson.D, 0, len(keys.Text)+len(keys.Time)+len(keys.Number)+len(keys.Many))
	for field, text := range keys.Text {
		if text != "" || field == crm.FieldName {
			stored = append(stored, bson.E{Key: string(field), Value: text})
		}
	}
	for field, at := range keys.Time {
		stored = append(stored, bson.E{Key: string(field), Value: bson.DateTime(at.UnixMilli())})
	}
	for field, n := range keys.Number {
		stored = append(stored, bson.E{Key: string(field), Value: n})
	}
	for field, values := range keys.Many {
		if len(values) > 0 {
			stored = append(stored, bson.E{Key: string(field), Value: values})
		}
	}
	slices.SortFunc(stored, func(a, b bson.E) int { return strings.Compare(a.Key, b.Key) })
	return stored
}

// withoutKeys leaves out of a reply what records are found by.
func withoutKeys() bson.D { return bson.D{{Key: "keys", Value: 0}} }
