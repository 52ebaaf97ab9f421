package files

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// checkScalar returns what is wrong with a value that has no parts.
func checkScalar(n *node, s *schema, at *path) *fault {
	want := nodeString
	switch s.shape {
	case shapeInt, shapeFloat:
		want = nodeNumber
	case shapeBool:
		want = nodeBool
	case shapeText, shapeEnum, shapeTime, shapeID, shapeObject, shapeList, shapeMoney, shapeJSON,
		shapeAttributes, shapeReference, shapeActor:
	}
	if n.kind != want {
		return newFault(at, "must be "+string(want)+", not "+string(n.kind))
	}
	reason := ""
	switch s.shape {
	case shapeText, shapeID:
		if why := checkText(n.text, s.most, at); why != nil {
			return why
		}
		if s.check != nil {
			reason = s.check(n.text)
		}
	case shapeEnum:
		if !slices.Contains(s.values, n.text) {
			reason = "must be one of " + strings.Join(s.values, ", ")
		}
	case shapeTime:
		reason = checkTime(n.text)
	case shapeInt:
		if value, err := strconv.ParseInt(n.text, 10, 64); err != nil || value < s.low || value > s.high {
			reason = "must be a whole number from " + strconv.FormatInt(s.low, 10) + " to " + strconv.FormatInt(s.high, 10)
		}
	case shapeFloat:
		if value, err := strconv.ParseFloat(n.text, 64); err != nil || value < float64(s.low) || value > float64(s.high) {
			reason = "must be a number from " + strconv.FormatInt(s.low, 10) + " to " + strconv.FormatInt(s.high, 10)
		}
	case shapeBool, shapeObject, shapeList, shapeMoney, shapeJSON, shapeAttributes, shapeReference, shapeActor:
	}
	if reason != "" {
		return newFault(at, reason)
	}
	return nil
}

// messageOf returns what an error says to callers.
func messageOf(err error) string {
	var e *crm.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return "is not valid"
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
