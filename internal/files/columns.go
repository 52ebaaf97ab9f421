package files

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// column is a path into a record's JSON form that a CSV header names.
type column struct {
	name  string
	steps []step
	leaf  *schema
}

// step is one part of a path: a member, and the element of it if it is a list.
type step struct {
	name  string
	index int
}

// Indexes with a meaning of their own.
const (
	noIndex = -1
	// eachRow is "[]": every row appends an element.
	eachRow = -2
)

var stepForm = regexp.MustCompile(`^([^.\[\]]+)(\[([0-9]{0,3})\])?$`)

// columns reads a CSV header; what it does not know is CodeInvalid.
func columns(header []string, s *schema) ([]column, error) {
	list := make([]column, len(header))
	for i, cell := range header {
		if !utf8.ValidString(cell) {
			return nil, crm.Invalid(fmt.Sprintf("column %d must have a name in valid UTF-8", i+1))
		}
		name := strings.TrimSpace(cell)
		c, ok := findColumn(name, s)
		if !ok {
			// A file without a header has data here, which are not repeated.
			return nil, crm.Invalid(fmt.Sprintf("column %d of the first line, the header, is no field; %s", i+1, suggestColumn(name, s)))
		}
		for _, other := range list[:i] {
			if why := clash(c, other); why != "" {
				return nil, crm.Invalid(fmt.Sprintf("column %d (%q) %s", i+1, clip(name), why))
			}
		}
		list[i] = c
	}
	return list, nil
}

// clash says why two columns cannot stand in one file.
func clash(a, b column) string {
	switch {
	case a.name == b.name:
		return "must be there only once"
	case strings.HasPrefix(a.name, b.name+".") || strings.HasPrefix(b.name, a.name+"."):
		return "and " + b.name + " say the same thing: leave one out"
	case a.steps[0].name == b.steps[0].name && (a.steps[0].index == eachRow) != (b.steps[0].index == eachRow):
		return "must not be mixed with " + b.name + ": either a row for each element, or numbered columns"
	}
	return ""
}

func findColumn(name string, s *schema) (column, bool) {
	c := column{name: name}
	for i, part := range strings.Split(name, ".") {
		found := stepForm.FindStringSubmatch(part)
		if found == nil || s.members[found[1]] == nil {
			return column{}, false
		}
		at := step{name: found[1], index: noIndex}
		s = s.members[found[1]]
		if found[2] != "" {
			if s.shape != shapeList && s.shape != shapeAttributes {
				return column{}, false
			}
			index, err := strconv.Atoi(found[3])
			switch {
			case err == nil:
				at.index = index
			case i == 0:
				at.index = eachRow
			default:
				return column{}, false
			}
			s = s.element
		} else if s.shape == shapeAttributes {
			return attributeColumn(c, name, at)
		}
		c.steps = append(c.steps, at)
	}
	c.leaf = s
	return c, s.isLeaf()
}

// attributeColumn is customAttributes.NAME: the object form of custom attributes.
func attributeColumn(c column, name string, at step) (column, bool) {
	attribute, ok := strings.CutPrefix(name, at.name+".")
	c.steps = append(c.steps, at, step{name: attribute, index: noIndex})
	c.leaf = &schema{shape: shapeJSON}
	return c, ok && crm.CheckAttributeName(attribute) == "" && !strings.ContainsAny(attribute, "[]")
}

// isLeaf says whether a cell can hold the value.
func (s *schema) isLeaf() bool {
	switch s.shape {
	case shapeObject, shapeList, shapeMoney, shapeAttributes, shapeActor:
		return false
	case shapeText, shapeInt, shapeFloat, shapeBool, shapeTime, shapeJSON, shapeID, shapeReference, shapeEntry:
	}
	return true
}

// leaves lists the columns of a schema, lists with their first element.
func (s *schema) leaves(prefix string) []string {
	list := []string{}
	if s.isLeaf() {
		list = append(list, prefix)
	}
	switch s.shape {
	case shapeList:
		return s.element.leaves(prefix + "[0]")
	case shapeAttributes:
		return []string{prefix + ".NAME"}
	case shapeObject, shapeMoney, shapeReference, shapeActor, shapeEntry:
		if prefix != "" {
			prefix += "."
		}
		for _, name := range s.names {
			list = append(list, s.members[name].leaves(prefix+name)...)
		}
	case shapeText, shapeInt, shapeFloat, shapeBool, shapeTime, shapeJSON, shapeID:
	}
	return list
}

var indexForm = regexp.MustCompile(`\[[0-9]*\]`)

func suggestColumn(name string, s *schema) string {
	if reason := suggest(indexForm.ReplaceAllString(clip(name), "[0]"), s.leaves("")); strings.HasPrefix(reason, "did") {
		return reason
	}
	return "columns are paths such as " + strings.Join(s.leaves("")[:3], ", ")
}

// convert makes of a cell a value of the leaf's type. A cell that does not convert
// stays text, and the schema then says what is wrong with it.
func (s *schema) convert(cell string) *node {
	trimmed := strings.TrimSpace(cell)
	switch s.shape {
	case shapeInt, shapeFloat:
		if numberForm.MatchString(trimmed) {
			return &node{kind: nodeNumber, text: trimmed}
		}
	case shapeBool:
		if word := strings.ToLower(trimmed); word == "true" || word == "false" {
			return &node{kind: nodeBool, text: word}
		}
	case shapeJSON:
		if n, why := parseValue([]byte(trimmed)); why == nil {
			return n
		}
		return textNode(cell)
	case shapeText:
		if !s.trimmed {
			return textNode(cell)
		}
	case shapeEntry:
		return s.members[entryValue].convert(cell)
	case shapeTime, shapeID, shapeReference, shapeObject, shapeList, shapeMoney, shapeAttributes, shapeActor:
	}
	return textNode(trimmed)
}

// errLong is a CSV record without an end in sight.
var errLong = errors.New("a CSV record is longer than " + maxLine)
