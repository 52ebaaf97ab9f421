package mongodb

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/internal/crm"
)

// shape says what a kind's fields hold; the id and what is not there are text.
type shape map[crm.Field]crm.Class

func shapeOf(d *crm.Description) shape {
	s := make(shape, len(d.Keys))
	for _, key := range d.Keys {
		s[key.Field] = key.Class
	}
	return s
}

// path returns where a field is in a document.
func path(field crm.Field) string {
	if field == crm.FieldID {
		return "_id"
	}
	return "keys." + string(field)
}

// filter returns the conditions of a count as one document. Every value has a type that
// is chosen here, so none of them can act as an operator.
func (s shape) filter(where []crm.Predicate) bson.D {
	conditions := bson.A{}
	for _, p := range where {
		value := s.condition(p)
		if p.Absent { // What is null may be checked in the document, what is no text never is.
			value = bson.D{{Key: "$not", Value: bson.D{{Key: "$gte", Value: ""}}}}
		}
		conditions = append(conditions, bson.D{{Key: path(p.Field), Value: value}})
	}
	return conjunction(conditions)
}

// conjunction returns the document that all conditions hold, without a needless $and.
func conjunction(conditions bson.A) bson.D {
	switch len(conditions) {
	case 0:
		return bson.D{}
	case 1:
		return conditions[0].(bson.D)
	}
	return bson.D{{Key: "$and", Value: conditions}}
}

func (s shape) condition(p crm.Predicate) bson.D {
	switch {
	case p.After != nil || p.Before != nil:
		return between(p.After, p.Before)
	case p.In != nil:
		return in(p.In)
	case p.Present:
		return bson.D{{Key: "$gt", Value: ""}}
	case p.Absent:
		return bson.D{{Key: "$eq", Value: nil}} // One key, behind which the index is in the list's order.
	case s[p.Field] == crm.ClassMany:
		return anyPrefixed(p.Prefix)
	}
	return prefixed(p.Prefix)
}

// maxPattern bounds what goes into a regular expression, in bytes.
const maxPattern = 1 << 10

// anyPrefixed is the condition that one of many values begins with prefix. It is
// an anchored literal, every character quoted, which the planner makes the exact
// range of keys: filters, counts and sorts then read no document but those of
// the page. For the same range as $elemMatch it reads all that match; that
// serves what a pattern cannot hold.
func anyPrefixed(prefix string) bson.D {
	if prefix == "" || len(prefix) > maxPattern || strings.ContainsAny(prefix, "\x00|\n") || !utf8.ValidString(prefix) {
		return bson.D{{Key: "$elemMatch", Value: prefixed(prefix)}}
	}
	return bson.D{{Key: "$regex", Value: bson.Regex{Pattern: "^" + regexp.QuoteMeta(prefix)}}}
}

// in is the condition of having one of some values. Text that is empty is
// absent, even where it is stored, to be sorted by or among others.
func in(list []string) bson.D {
	values := make([]string, 0, len(list))
	for _, v := range list {
		if v != "" {
			values = append(values, v)
		}
	}
	if len(values) == 1 {
		return bson.D{{Key: "$eq", Value: values[0]}}
	}
	return bson.D{{Key: "$in", Value: values}}
}

// between is the condition of lying strictly between two instants. Stored times
// are whole milliseconds, so a bound within one is met by that one's start.
func between(after, before *time.Time) bson.D {
	condition := bson.D{}
	if after != nil {
		condition = append(condition, bson.E{Key: "$gt", Value: bson.DateTime(after.UnixMilli())})
	}
	if before != nil {
		operator := "$lt"
		if before.Nanosecond()%int(time.Millisecond) != 0 {
			operator = "$lte"
		}
		condition = append(condition, bson.E{Key: operator, Value: bson.DateTime(before.UnixMilli())})
	}
	return condition
}

// prefixed is the condition of beginning with prefix, as a range of strings: an
// index serves it as it is, and no character means anything.
func prefixed(prefix string) bson.D {
	condition := bson.D{{Key: "$gte", Value: prefix}}
	if end, ok := successor(prefix); ok {
		condition = append(condition, bson.E{Key: "$lt", Value: end})
	}
	return condition
}

// successor returns the first string after all that begin with prefix; ok is
// false if there is none. Code points and their bytes in UTF-8 sort alike.
func successor(prefix string) (end string, ok bool) {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch last {
		case utf8.MaxRune:
			continue
		case 0xd7ff: // What follows are surrogates, which no text holds.
			return prefix + "\ue000", true
		}
		return prefix + string(last+1), true
	}
	return "", false
}

// order is a list's order as it is read: backward from its end.
type order struct {
	field crm.Field
	desc  bool
}

func readingOrder(q crm.Query) order {
	return order{field: q.Sort.Field, desc: q.Sort.Desc != q.Page.Backward}
}

// keys returns the sort of that order.
func (o order) keys() bson.D {
	direction := 1
	if o.desc {
		direction = -1
	}
	if o.field == crm.FieldID {
		return bson.D{{Key: "_id", Value: direction}}
	}
	return bson.D{{Key: path(o.field), Value: direction}, {Key: "_id", Value: direction}}
}

// page returns the conditions of a query: its own and its page's bounds.
func (s shape) page(q crm.Query) bson.D {
	conditions := bson.A{}
	for _, p := range q.Where {
		conditions = append(conditions, bson.D{{Key: path(p.Field), Value: s.condition(p)}})
	}
	after, before := "$gt", "$lt"
	if q.Sort.Desc {
		after, before = before, after
	}
	if q.Page.After != nil {
		conditions = append(conditions, s.beyond(q.Sort.Field, after, *q.Page.After))
	}
	if q.Page.Before != nil {
		conditions = append(conditions, s.beyond(q.Sort.Field, before, *q.Page.Before))
	}
	if q.Page.After != nil && q.Page.Before != nil && q.Sort.Field != crm.FieldID {
		// An index is read within one $or only; this keeps it to the stretch.
		conditions = append(conditions, bson.D{{Key: path(q.Sort.Field), Value: bson.D{
			{Key: after + "e", Value: s.value(q.Sort.Field, *q.Page.After)},
			{Key: before + "e", Value: s.value(q.Sort.Field, *q.Page.Before)},
		}}})
	}
	return conjunction(conditions)
}

// beyond is the condition of lying past a position, on the side of operator.
func (s shape) beyond(field crm.Field, operator string, at crm.Position) bson.D {
	past := bson.D{{Key: "_id", Value: bson.D{{Key: operator, Value: string(at.ID)}}}}
	if field == crm.FieldID {
		return past
	}
	value := s.value(field, at)
	tie := append(bson.D{{Key: path(field), Value: value}}, past...)
	return bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: path(field), Value: bson.D{{Key: operator, Value: value}}}}, tie,
	}}}
}

// value returns what a position has for a field, as it is stored.
func (s shape) value(field crm.Field, at crm.Position) any {
	switch s[field] {
	case crm.ClassTime:
		return bson.DateTime(at.Time.UnixMilli())
	case crm.ClassNumber:
		return at.Number
	default:
		return at.Text
	}
}

// unique returns the ids that can name anything, each once, in order.
func unique(ids []crm.ID) []string {
	seen := make(map[crm.ID]bool, len(ids))
	kept := make([]string, 0, len(ids))
	for _, id := range ids {
		if id != "" && !seen[id] && utf8.ValidString(string(id)) {
			seen[id] = true
			kept = append(kept, string(id))
		}
	}
	return slices.Clip(kept)
}
