package sqlite

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// statement is a query being written. Values are only ever parameters; names
// of tables and columns come from the descriptions of kinds.
type statement struct {
	text strings.Builder
	args []any
}

func (s *statement) add(parts ...string) {
	for _, p := range parts {
		s.text.WriteString(p)
	}
}

func (s *statement) bind(args ...any) { s.args = append(s.args, args...) }

// maxIn bounds the parameters of one IN list; longer lists go as one of JSON.
const maxIn = 200

// where adds " AND …" for each predicate on the rows that alias names.
func (s *statement) where(k *kind, alias string, where []crm.Predicate) error {
	for _, p := range where {
		s.add(" AND ")
		if slices.Contains(k.many, p.Field) {
			s.add(alias, ".row IN (SELECT row FROM ", k.keyTable(), " WHERE field = ", quote(p.Field), " AND ")
			if err := s.condition("value", crm.ClassMany, p); err != nil {
				return err
			}
			s.add(")")
			continue
		}
		if err := s.single(k, alias+".", p); err != nil {
			return err
		}
	}
	return nil
}

// among adds the same conditions for rows that an index finds already, in the
// order of the sort column: a plus keeps SQLite from choosing another index,
// which would read every row that fulfils the condition.
func (s *statement) among(k *kind, alias string, where []crm.Predicate, sort crm.KeyField) error {
	for _, p := range where {
		s.add(" AND ")
		if slices.Contains(k.many, p.Field) {
			s.add("EXISTS (SELECT 1 FROM ", k.keyTable(), " f WHERE f.field = ", quote(p.Field), " AND f.row = ", alias, ".row AND ")
			if err := s.condition("f.value", crm.ClassMany, p); err != nil {
				return err
			}
			s.add(")")
			continue
		}
		prefix := "+" + alias + "."
		if p.Field == sort.Field {
			prefix = alias + "."
		}
		if err := s.single(k, prefix, p); err != nil {
			return err
		}
	}
	return nil
}

// single adds a condition on a column.
func (s *statement) single(k *kind, prefix string, p crm.Predicate) error {
	c, ok := k.column(p.Field)
	if !ok {
		return unknown(k, p.Field)
	}
	return s.condition(prefix+ident(c.Field), c.Class, p)
}

// condition adds what predicate p asks of an expression.
func (s *statement) condition(expression string, class crm.Class, p crm.Predicate) error {
	switch {
	case p.In != nil && texts(class):
		s.in(expression, p.In)
	case p.Prefix != "" && texts(class):
		s.prefix(expression, p.Prefix)
	case p.Present && class == crm.ClassText:
		s.add(expression, " > ''") // Unlike IS NOT NULL, a range of the index.
	case p.Absent && class == crm.ClassText:
		s.add(expression, " IS NULL")
	case (p.After != nil || p.Before != nil) && class == crm.ClassTime:
		s.within(expression, p.After, p.Before)
	default:
		return &crm.Error{Code: crm.CodeInternal, Op: "compile a condition on " + string(p.Field)}
	}
	return nil
}

// in asks for one of the values. Text that is empty is absent, even where it is
// stored to be sorted by.
func (s *statement) in(expression string, values []string) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	switch {
	case len(values) == 0:
		s.add("FALSE")
	case len(values) == 1:
		s.add(expression, " = ?")
		s.bind(values[0])
	case len(values) <= maxIn:
		s.add(expression, " IN (?", strings.Repeat(", ?", len(values)-1), ")")
		for _, v := range values {
			s.bind(v)
		}
	default:
		s.add(expression, " IN (SELECT value FROM json_each(?))")
		s.bind(jsonList(values))
	}
}

// prefix asks for text from the prefix up to, and without, the next text in
// byte order that does not begin with it. Both bounds work on an index.
func (s *statement) prefix(expression, prefix string) {
	s.add("(", expression, " >= ?")
	s.bind(prefix)
	if end, ok := successor(prefix); ok {
		s.add(" AND ", expression, " < ?")
		s.bind(end)
	}
	s.add(")")
}

// successor returns the first text in byte order after all that begin with
// prefix; there is none after bytes of 0xFF. It need not be UTF-8: SQLite
// compares a parameter's bytes as they are.
func successor(prefix string) (next string, ok bool) {
	end := []byte(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return string(end[:i+1]), true
		}
	}
	return "", false
}

// within asks for an instant strictly between two. Stored instants are whole
// milliseconds: the one that holds the end of the range is inside it if the end
// is past its beginning.
func (s *statement) within(expression string, after, before *time.Time) {
	join := "("
	if after != nil {
		s.add(join, expression, " > ?")
		s.bind(after.UnixMilli())
		join = " AND "
	}
	if before != nil {
		end := before.UnixMilli()
		if time.UnixMilli(end).Before(*before) {
			end++
		}
		s.add(join, expression, " < ?")
		s.bind(end)
	}
	s.add(")")
}

// page adds the bounds of a page, its order and the number of rows that tell
// whether more follow.
func (s *statement) page(alias string, sort crm.KeyField, q crm.Query) {
	backward := q.Sort.Desc != q.Page.Backward
	key, id := alias+"."+ident(sort.Field), alias+".id"
	bound := func(p *crm.Position, past bool) {
		if p == nil {
			return
		}
		comparison := ">"
		if past == q.Sort.Desc {
			comparison = "<"
		}
		if sort.Field == crm.FieldID {
			s.add(" AND ", id, " ", comparison, " ?")
			s.bind(string(p.ID))
			return
		}
		s.add(" AND (", key, ", ", id, ") ", comparison, " (?, ?)")
		s.bind(place(sort, p), string(p.ID))
	}
	bound(q.Page.After, true)
	bound(q.Page.Before, false)
	direction := ""
	if backward {
		direction = " DESC"
	}
	s.add(" ORDER BY ")
	if sort.Field != crm.FieldID {
		s.add(key, direction, ", ")
	}
	s.add(id, direction, " LIMIT ")
	s.limit(max(q.Page.Limit, 0))
}

// limit adds how many rows a page reads: one more than it has. SQLite prepares a
// statement anew each time that a bound limit is another value than at its last time
// or not known yet, which costs as much as a small query; for the sizes that pages mostly
// have it is part of the text. Any other is bound, so that there are few texts.
func (s *statement) limit(page int) {
	switch page {
	case 0, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 50, 100:
		s.add(strconv.Itoa(page + 1))
	default:
		s.add("?")
		s.bind(page + 1)
	}
}

// place returns a position's value in the sort column.
func place(sort crm.KeyField, p *crm.Position) any {
	switch sort.Class {
	case crm.ClassTime:
		return p.Time.UnixMilli()
	case crm.ClassNumber:
		return p.Number
	case crm.ClassText, crm.ClassSortable, crm.ClassMany:
	}
	return p.Text
}

func unknown(k *kind, field crm.Field) error {
	return &crm.Error{Code: crm.CodeInternal, Op: "compile a query of " + k.Name + ": no field " + string(field)}
}

// quote returns a described field as an SQL text.
func quote(field crm.Field) string { return "'" + string(field) + "'" }

// numbers returns whole numbers as a JSON list.
func numbers(values []int64) string {
	list := []byte("[")
	for i, v := range values {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, v, 10)
	}
	return string(append(list, ']'))
}

// jsonList returns values as a JSON list, without those that JSON cannot carry.
func jsonList[S ~string](values []S) string {
	list := make([]string, 0, len(values))
	for _, v := range values {
		if portable(string(v)) {
			list = append(list, string(v))
		}
	}
	encoded, err := json.Marshal(list)
	if err != nil { // a list of texts always encodes
		return "[]"
	}
	return string(encoded)
}

// portable says whether JSON can carry a text to SQLite unchanged.
func portable(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "\x00")
}
