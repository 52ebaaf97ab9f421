package files

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// checkScalar returns what is wrong with the form of a value that has no parts.
func checkScalar(n *node, s *schema, at *path) *fault {
	want := nodeString
	switch s.shape {
	case shapeInt, shapeFloat:
		want = nodeNumber
	case shapeBool:
		want = nodeBool
	case shapeText, shapeTime, shapeID, shapeObject, shapeList, shapeMoney, shapeJSON, shapeAttributes, shapeReference, shapeActor, shapeEntry:
	}
	if n.kind != want {
		return newFault(at, "must be "+string(want)+", not "+string(n.kind))
	}
	switch s.shape {
	case shapeTime:
		switch instant, err := time.Parse(time.RFC3339, n.text); {
		case err != nil:
			return newFault(at, "must be an instant of RFC 3339 with its offset, such as 2010-12-01T08:26:00Z")
		case instant.Truncate(time.Millisecond).IsZero(): // what is stored for no time
			return newFault(at, "must be an instant of the years 1 to 9998, later than 0001-01-01T00:00:00Z")
		}
	case shapeInt:
		if _, err := strconv.Atoi(n.text); err != nil {
			return newFault(at, "must be a whole number of at most 18 digits")
		}
	case shapeFloat:
		if _, err := strconv.ParseFloat(n.text, 64); err != nil {
			return newFault(at, "must be a number that is not too large")
		}
	case shapeID:
		if n.text == "" { // It would count as none.
			return newFault(at, "must be an id")
		}
	case shapeText, shapeBool, shapeObject, shapeList, shapeMoney, shapeJSON, shapeAttributes, shapeReference, shapeActor, shapeEntry:
	}
	return nil
}

// faultOf is what an error of the domain says about a row.
func faultOf(err error) *fault {
	var e *crm.Error
	if !errors.As(err, &e) || e.Message == "" {
		return &fault{reason: "is not valid"}
	}
	return &fault{field: e.Field, reason: e.Message}
}

// suggest names the word that comes nearest to name.
func suggest(name string, words []string) string {
	best, least := "", len(name)/2+2
	for _, word := range words {
		if d := distance(strings.ToLower(clip(name)), strings.ToLower(word)); d < least {
			best, least = word, d
		}
	}
	if best == "" {
		return "the fields are " + strings.Join(words, ", ")
	}
	return "did you mean " + best + "?"
}

// distance counts the insertions, deletions and replacements of characters
// between two words (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		before := row[0]
		row[0] = i + 1
		for j, y := range to {
			replaced := before
			if x != y {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, before+1)
		}
	}
	return row[len(to)]
}
