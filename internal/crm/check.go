package crm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// checked is a record with rules about more than one of its members.
type checked interface {
	// check returns the first thing that is wrong, of a record whose members are
	// right each by itself; nil if there is none.
	check() *Error
}

// Check returns the first thing that is wrong with a record, as a CodeInvalid whose
// Field names the member; nil if there is none. What it finds nothing wrong with can
// be stored, and a dump brings it back. It is called for every record that is
// committed (Change.Check), by whichever writer. docs/records.md has the rules.
func Check(r Record) error {
	d := Describe(r.RecordKind())
	if d == nil || d.Derived || r.RecordID().Kind() != d.Kind {
		return Invalid("a record's id must be one of its kind")
	}
	c := checker{steps: make([]step, 0, 8)}
	if err := c.structure(reflect.ValueOf(r).Elem(), structures[d.Kind]); err != nil {
		return err
	}
	if size := recordSize(r); size > MaxRecordBytes || size > MaxRecordBytes/2 && size+max(0, keysSize(r)-smallKeys)/2 > MaxRecordBytes {
		return Invalid("a record must have at most 8 MiB, and what it is found by counts once and a half")
	}
	if whole, ok := r.(checked); ok {
		if err := whole.check(); err != nil {
			return err
		}
	}
	return nil
}

// CheckSaid is Check of the members of a record that somebody says, each by itself,
// whatever the others may be. The record need not be complete.
func CheckSaid(r Record, says func(member string) bool) error {
	v := reflect.ValueOf(Clone(r)).Elem()
	s := structures[r.RecordKind()]
	clean(v, s)
	c := checker{steps: make([]step, 0, 8)}
	if err := c.members(v, s, says); err != nil {
		return err
	}
	return nil
}

// Wrong is a CodeInvalid about a member of a record.
func Wrong(field, message string) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: message}
}

// mustBeGiven is about a member that is missing.
func mustBeGiven(field string) *Error { return Wrong(field, "must be given") }

// checker walks through a record.
type checker struct {
	steps      []step
	attributes int
}

// step is a member on the way to a value, with the element if it is a list; without a
// name it is the element of a list in a list.
type step struct {
	name  string
	index int // -1 for none
}

// field is the path of the value that is looked at: emails[0].address.
func (c *checker) field() string {
	var path strings.Builder
	for i, s := range c.steps {
		if i > 0 && s.name != "" {
			path.WriteByte('.')
		}
		path.WriteString(s.name)
		if s.index >= 0 {
			path.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return path.String()
}

func (c *checker) wrong(message string) *Error { return Wrong(c.field(), message) }

func (c *checker) structure(v reflect.Value, s *Structure) *Error {
	return c.members(v, s, nil)
}

// members checks the members that are said; nil is all of them.
func (c *checker) members(v reflect.Value, s *Structure, says func(member string) bool) *Error {
	c.steps = append(c.steps, step{})
	for i := range s.Members {
		m := &s.Members[i]
		if says != nil && !says(m.Name) {
			continue
		}
		at := &c.steps[len(c.steps)-1]
		at.name, at.index = m.Name, -1
		if err := c.member(v.Field(m.index), m); err != nil {
			return err
		}
	}
	c.steps = c.steps[:len(c.steps)-1]
	return nil
}

// member checks a member's value, or each of its values.
func (c *checker) member(v reflect.Value, m *Member) *Error {
	if !m.List {
		return c.value(v, m)
	}
	n := v.Len()
	if n > MaxElements {
		return c.wrong("must have at most " + strconv.Itoa(MaxElements) + " elements")
	}
	last := len(c.steps) - 1
	for i := range n {
		c.steps[last].index = i
		if element := v.Index(i); m.pointer && element.IsNil() {
			return c.wrong("must not be null")
		} else if err := c.value(element, m); err != nil {
			return err
		}
	}
	c.steps[last].index = -1
	return nil
}

func (c *checker) value(v reflect.Value, m *Member) *Error {
	if m.pointer {
		if v.IsNil() {
			if m.Needed {
				return mustBeGiven(c.field())
			}
			return nil
		}
		if v = v.Elem(); m.Class == ValueWord && v.Len() == 0 {
			return c.wrong(oneOf(m.Words))
		}
	}
	switch m.Class {
	case ValuePart:
		return c.structure(v, m.Part)
	case ValueText:
		return c.text(v.String(), m)
	case ValueWord:
		return c.word(v.String(), m)
	case ValueReference:
		return c.reference(ID(v.String()), m)
	case ValueMoney:
		return c.money(v.Addr().Interface().(*Money), m)
	case ValueTime:
		return c.time(v.Addr().Interface().(*time.Time), m)
	case ValueJSON:
		if v.String() == "" && !m.Needed {
			return nil
		}
		return c.json(JSON(v.String()), m)
	case ValueInt, ValueFloat:
		return c.number(v, m)
	case ValueBool, ValueID, ValueLine:
	}
	return nil
}

func (c *checker) text(text string, m *Member) *Error {
	if text == "" {
		if m.Needed || m.pointer && m.check != nil && m.check("") != "" {
			return mustBeGiven(c.field())
		}
		return nil
	}
	if message := textFault(text, m.Most); message != "" {
		return c.wrong(message)
	}
	if m.clean != nil && m.clean(text) != text {
		return c.wrong("must be completed before it is stored")
	}
	if m.check != nil {
		if message := m.check(text); message != "" {
			return c.wrong(message)
		}
	}
	return nil
}

// textFault returns what is wrong with a text's length and characters; "" is nothing.
func textFault(text string, most int) string {
	switch {
	case len(text) > most && utf8.RuneCountInString(text) > most:
		return "must have at most " + strconv.Itoa(most) + " characters"
	case strings.IndexByte(text, 0) >= 0:
		return "must not have NUL"
	case !utf8.ValidString(text):
		return "must be valid UTF-8"
	}
	return ""
}

func (c *checker) word(word string, m *Member) *Error {
	switch {
	case slices.Contains(m.Words, word):
		return nil
	case word == "":
		return mustBeGiven(c.field())
	}
	return c.wrong(oneOf(m.Words))
}

func oneOf(words []string) string { return "must be one of " + strings.Join(words, ", ") }

func (c *checker) reference(id ID, m *Member) *Error {
	if id == "" {
		if m.Needed {
			return mustBeGiven(c.field())
		}
		return nil
	}
	switch kind := id.Kind(); {
	case m.Actor:
		if kind != KindEmployee && kind != KindCustomer && kind != KindPartnerApp {
			return c.wrong("must be the id of an employee (emp_…), a customer (cus_…) or a partner app (app_…)")
		}
	case kind == "" && m.Refers == "":
		return c.wrong("must be the id of a record")
	case m.Refers != "" && kind != m.Refers:
		return c.wrong(MustBeID(m.Refers))
	}
	return nil
}

func (c *checker) money(money *Money, m *Member) *Error {
	switch {
	case *money == Money{}:
		if m.Needed || m.pointer {
			return mustBeGiven(c.field())
		}
		return nil
	case !currencyKnown(money.CurrencyCode):
		return c.wrong("a currency code must be one of ISO 4217 in capitals, such as EUR")
	case money.Minor > MaxMinor || money.Minor < -MaxMinor:
		return c.wrong("must be at most 100000000000000 minor units")
	}
	return nil
}

func currencyKnown(code string) bool {
	switch code {
	case "EUR", "GBP", "USD": // most, without a search
		return true
	}
	_, ok := Exponent(code)
	return ok
}

func (c *checker) time(t *time.Time, m *Member) *Error {
	switch {
	case t.Truncate(time.Millisecond).IsZero():
		if m.Needed {
			return mustBeGiven(c.field())
		}
	case outOfRange(*t):
		return c.wrong("must be an instant of the years 1 to 9998")
	}
	return nil
}

func (c *checker) number(v reflect.Value, m *Member) *Error {
	if m.Class == ValueInt {
		if n := v.Int(); n < m.Low || n > m.High {
			return c.wrong(fmt.Sprintf("must be a whole number from %d to %d", m.Low, m.High))
		}
		return nil
	}
	if n := v.Float(); math.IsNaN(n) || n < float64(m.Low) || n > float64(m.High) {
		return c.wrong(fmt.Sprintf("must be a number from %d to %d", m.Low, m.High))
	}
	return nil
}

// json checks a JSON value. The bounds of attributes are not those of what the program
// itself notes of a record, such as what a change was: an attribute more must not make
// it impossible to write down that one was taken away.
func (c *checker) json(value JSON, m *Member) *Error {
	decoded, canonical, err := readJSON([]byte(value))
	if err != nil || canonical != value {
		return c.wrong("must be a JSON value as canonical text")
	}
	if !m.attribute {
		return nil
	}
	c.attributes++
	return c.free(decoded, 1)
}

// free checks the value of a custom attribute: names, number, size and depth.
func (c *checker) free(value any, depth int) *Error {
	if c.attributes > MaxAttributes {
		return c.wrong("a record must have at most 1000 custom attributes, with the members inside them")
	}
	switch v := value.(type) {
	case string:
		if message := textFault(v, MaxText); message != "" {
			return c.wrong(message)
		}
	case json.Number:
		if len(v) > MaxDigits {
			return c.wrong("must have numbers of at most 100 digits")
		}
	case []any:
		if depth > MaxAttributeDepth || len(v) > MaxElements {
			return c.wrong("must have lists of at most 10000 elements, at most 12 deep in each other")
		}
		c.steps = append(c.steps, step{})
		for i, element := range v {
			c.steps[len(c.steps)-1].index = i
			if err := c.free(element, depth+1); err != nil {
				return err
			}
		}
		c.steps = c.steps[:len(c.steps)-1]
	case map[string]any:
		if depth > MaxAttributeDepth {
			return c.wrong("must have objects at most 12 deep in each other")
		}
		for _, name := range slices.Sorted(maps.Keys(v)) { // The first fault is always the same.
			if message := CheckAttributeName(name); message != "" {
				return c.wrong(message)
			}
			c.attributes++
			if err := c.free(v[name], depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
