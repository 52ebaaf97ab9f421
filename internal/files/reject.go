package files

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Rejects writes the report of rejected rows as CSV with the columns line,
// field, reason, record and file. A cell that a spreadsheet would run as a
// formula is defused with an apostrophe in front. Several imports may share one.
type Rejects struct {
	writer *csv.Writer
	begun  bool
}

// NewRejects makes a report that is written to w.
func NewRejects(w io.Writer) *Rejects { return &Rejects{writer: csv.NewWriter(w)} }

// Flush writes what is still buffered, at least the header.
func (r *Rejects) Flush() error {
	if err := r.begin(); err != nil {
		return err
	}
	r.writer.Flush()
	if err := r.writer.Error(); err != nil {
		return fmt.Errorf("write report of rejected rows: %w", err)
	}
	return nil
}

func (r *Rejects) begin() error {
	if r.begun {
		return nil
	}
	r.begun = true
	return r.row("line", "field", "reason", "record", "file")
}

func (r *Rejects) add(file string, line int, label string, why *fault) error {
	if err := r.begin(); err != nil {
		return err
	}
	return r.row(strconv.Itoa(line), why.field, why.reason, label, file)
}

func (r *Rejects) row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = defuse(cell)
	}
	if err := r.writer.Write(cells); err != nil {
		return fmt.Errorf("write report of rejected rows: %w", err)
	}
	return nil
}

// defuse puts an apostrophe before a cell that a spreadsheet would take for a
// formula (OWASP, CSV injection), also after white space that it trims, and before one
// that would lose an apostrophe of its own when it is read again.
func defuse(cell string) string {
	if formula(cell) || bare(cell) != cell {
		return "'" + cell
	}
	return cell
}

func formula(cell string) bool {
	rest := strings.TrimLeftFunc(cell, func(r rune) bool { return r == ' ' || r == '\u00a0' })
	return rest != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(rest)[0])
}

// figures are what a spreadsheet reads as a number, a date or a time, and numbers of
// phones and accounts: digits and what is written between them, nothing else.
var figures = regexp.MustCompile(`^[0-9(.,][0-9 .,:/()%+-]*$`)

// bare returns a cell without the apostrophe with which spreadsheets, and exports
// made for them, say that what follows is text: '7210448301122, '=A1, '+44 1632 960123.
// It is taken off only where without it a number or a formula would be read; one before
// words, as of 's-Hertogenbosch or '90s, is the word's own.
func bare(cell string) string {
	text, ok := strings.CutPrefix(cell, "'")
	inner := strings.TrimLeft(text, "'")
	isFigures := figures.MatchString(inner) && strings.ContainsAny(inner, "0123456789")
	if ok && (isFigures || formula(inner)) {
		return text
	}
	return cell
}

// fault says what is wrong with a field of a row, and what would be right.
type fault struct {
	line   int // of the row; 0 where the row as a whole has one
	field  string
	reason string
}

func newFault(field *path, reason string) *fault {
	return &fault{field: field.String(), reason: reason}
}

// clip shortens text from a file for a report and takes out what is not printable.
func clip(text string) string {
	const most = 60
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return clean
}

// path is a place in a record: emails[0].address. Its text is made only when
// something is wrong there.
type path struct {
	parent *path
	name   string
	index  int // of a list; -1 for a member
}

func (p *path) member(name string) *path { return &path{parent: p, name: name, index: -1} }
func (p *path) element(i int) *path      { return &path{parent: p, index: i} }

// maxSteps bounds the text of a path: a file may have 10,000 objects in each other.
const maxSteps = 16

// String returns the path, its beginning if it is long; "" is the record itself.
func (p *path) String() string {
	steps := make([]*path, 0, maxSteps)
	for ; p != nil; p = p.parent {
		steps = append(steps, p)
	}
	slices.Reverse(steps)
	var text strings.Builder
	for i, step := range steps[:min(len(steps), maxSteps)] {
		switch {
		case step.index >= 0:
			text.WriteString("[" + strconv.Itoa(step.index) + "]")
			continue
		case i > 0:
			text.WriteByte('.')
		}
		text.WriteString(step.name)
	}
	return text.String()
}

// unknownName stands in a report for the name of a member that there is not: it may be
// anything, also what is personal.
const unknownName = "?"

// shownField is the path of a field without what is no name of this program's.
func (run *run) shownField(field string) string {
	if field == "" {
		return ""
	}
	if run.names == nil {
		run.names = map[string]bool{apiKeyEnvelope: true}
		apiKeySchema().addNames(run.names)
		for _, h := range run.handlers {
			run.names[h.envelope] = true
			h.schema.addNames(run.names)
		}
	}
	parts := strings.Split(field, ".")
	for i, part := range parts {
		name, rest, _ := strings.Cut(part, "[")
		if !run.names[name] || strings.Trim(rest, "[]0123456789") != "" {
			parts[i] = unknownName
		}
	}
	return strings.Join(parts, ".")
}

// addNames adds the names of an object's members, and of those below.
func (s *schema) addNames(to map[string]bool) {
	if s.element != nil {
		s.element.addNames(to)
	}
	for name, member := range s.members {
		to[name] = true
		member.addNames(to)
	}
}
