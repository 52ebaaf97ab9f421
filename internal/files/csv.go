package files

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// guard ends a CSV record that goes on for too long: an unclosed quote would
// swallow the rest of the file.
type guard struct {
	reader io.Reader
	since  int // bytes read since the last record
}

// Read reads on, unless that is too much for one record.
func (g *guard) Read(p []byte) (int, error) {
	if g.since > MaxLine+1<<16 {
		return 0, errLong
	}
	n, err := g.reader.Read(p)
	g.since += n
	return n, err
}

// table reads the rows of a CSV file.
type table struct {
	reader  *csv.Reader
	guard   *guard
	columns []column
	// keyed are the columns that say which record a row is of; empty if no
	// column is one element per row.
	keyed []int
}

// keyColumns are the columns by which rows belong together.
func (h *handler) keyColumns() []string {
	return []string{"id", "source", "externalId", h.identities + "[0].source", h.identities + "[0].externalId"}
}

func newTable(input io.Reader, h *handler) (*table, error) {
	g := &guard{reader: input}
	buffered := bufio.NewReader(g)
	if mark, err := buffered.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark)) // peeked, so it is there
	}
	t := &table{reader: csv.NewReader(buffered), guard: g}
	t.reader.FieldsPerRecord = -1
	t.reader.ReuseRecord = true
	header, err := t.reader.Read()
	var broken *csv.ParseError
	switch {
	case errors.Is(err, io.EOF), errors.As(err, &broken), errors.Is(err, errLong):
		return nil, crm.Invalid("a CSV file must begin with a header line of column names, separated by commas")
	case err != nil:
		return nil, fmt.Errorf("read the CSV header: %w", err)
	}
	if t.columns, err = columns(header, h.schema); err != nil {
		return nil, err
	}
	grouped := slices.ContainsFunc(t.columns, func(c column) bool { return c.steps[0].index == eachRow })
	for i, c := range t.columns {
		if grouped && slices.Contains(h.keyColumns(), c.name) {
			t.keyed = append(t.keyed, i)
		}
	}
	return t, nil
}

// next returns the next row's cells, valid until the call after it, and its line.
func (t *table) next() (cells []string, line int, err error) {
	t.guard.since = 0
	cells, err = t.reader.Read()
	if err != nil {
		return nil, 0, err
	}
	line, _ = t.reader.FieldPos(0)
	for i, cell := range cells {
		cells[i] = bare(cell)
	}
	return cells, line, nil
}

// key says which record a row is of; "" is one of its own.
func (t *table) key(cells []string) string {
	var key strings.Builder
	filled := false
	for _, i := range t.keyed {
		filled = filled || cells[i] != ""
		key.WriteString(cells[i])
		key.WriteByte(0)
	}
	if !filled {
		return ""
	}
	return key.String()
}

// readCSV reads CSV: a row is a record, or with columns such as lines[].sku
// consecutive rows of the same record are one.
func (run *run) readCSV(ctx context.Context) error {
	h := run.handlers[run.options.Kind]
	if h == nil {
		return crm.Invalid("CSV needs a kind: customers, orders, products and so on")
	}
	t, err := newTable(run.input, h)
	if err != nil {
		return err
	}
	g := &grouping{run: run, handler: h, table: t}
	for {
		cells, line, err := t.next()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return g.emit(ctx)
		case errors.Is(err, errLong):
			return crm.Invalid("a CSV record must have at most " + maxLine + ": a quote may not be closed; the rest of the file was not read")
		case errors.As(err, &broken):
			err = g.unreadable(ctx, broken.StartLine, theRow(broken.StartLine, broken.Line)+" is not valid CSV: quotes must be doubled inside a quoted cell, and closed")
		case err != nil:
			return fmt.Errorf("read CSV: %w", err)
		case len(cells) != len(t.columns):
			err = g.unreadable(ctx, line, theRow(line, line+lineBreaks(cells))+" must have as many cells as the header: "+strconv.Itoa(len(t.columns)))
		default:
			err = g.add(ctx, cells, line)
		}
		if err != nil {
			return err
		}
	}
}

// theRow names a row that could not be read. A quote that is not closed makes one row of
// several lines: whoever corrects it must know how many.
func theRow(first, last int) string {
	if last <= first {
		return "the row"
	}
	return fmt.Sprintf("what was read as one row, lines %d to %d,", first, last)
}

// lineBreaks counts the lines that begin inside of a row's cells.
func lineBreaks(cells []string) (n int) {
	for _, cell := range cells {
		n += strings.Count(cell, "\n")
	}
	return n
}

// grouping makes records of rows.
type grouping struct {
	run     *run
	handler *handler
	table   *table
	open    *group
	// torn says that the row before could not be read.
	torn bool
}

// add takes a row: one more of the open record, or the first of the next.
func (g *grouping) add(ctx context.Context, cells []string, line int) error {
	g.run.lines++
	key := g.table.key(cells)
	if g.open == nil || key == "" || key != g.open.key {
		if err := g.emit(ctx); err != nil {
			return err
		}
		g.open = &group{table: g.table, line: line, key: key}
		if g.torn {
			g.open.why = besideUnreadable()
		}
		g.torn = false
	}
	g.open.add(cells, line)
	return nil
}

// besideUnreadable is the fault of a record with an unreadable row beside it.
func besideUnreadable() *fault {
	return &fault{reason: "the row beside it could not be read and may be part of it: correct that one and import again"}
}

// unreadable reports a row. Where records have many rows the records beside it are
// rejected too: the row may be a part of either, and half an order must not be stored.
func (g *grouping) unreadable(ctx context.Context, line int, reason string) error {
	g.run.lines++
	if len(g.table.keyed) > 0 {
		g.torn = true
		if g.open != nil && g.open.why == nil {
			g.open.why = besideUnreadable()
		}
	}
	if err := g.emit(ctx); err != nil {
		return err
	}
	return g.run.refuse(line, "", &fault{reason: reason})
}

// emit hands the open record on.
func (g *grouping) emit(ctx context.Context) error {
	if g.open == nil {
		return nil
	}
	done := g.open
	g.open = nil
	n, why := done.value()
	if why != nil {
		return g.run.refuse(done.line, done.label(), why)
	}
	return g.run.take(ctx, g.handler, n, done.line)
}

// group is the rows of one record.
type group struct {
	table *table
	line  int // the first row's
	key   string
	root  *node
	first []string // the first row's cells
	rows  int
	size  int
	why   *fault
}

func (g *group) label() string {
	return clip(strings.Trim(strings.ReplaceAll(g.key, "\x00", ":"), ":"))
}

// add lays a row's cells into the record.
func (g *group) add(cells []string, line int) {
	for _, cell := range cells {
		g.size += len(cell)
	}
	if g.why == nil {
		g.why = g.check(cells)
		if g.why != nil {
			g.why.line = line
		}
	}
	if g.why != nil {
		return
	}
	if g.root == nil {
		g.root, g.first = &node{kind: nodeObject}, slices.Clone(cells)
	}
	for i, c := range g.table.columns {
		if cells[i] == "" || (g.rows > 0 && c.steps[0].index != eachRow) {
			continue
		}
		g.root.set(c.steps, g.rows, c.leaf.convert(cells[i]))
	}
	g.rows++
}

// check returns what is wrong with a row.
func (g *group) check(cells []string) *fault {
	if g.size > MaxLine {
		return &fault{reason: "a record must have at most " + maxLine}
	}
	for i, c := range g.table.columns {
		if !utf8.ValidString(cells[i]) {
			return &fault{field: c.name, reason: "must be valid UTF-8"}
		}
		if g.rows > 0 && c.steps[0].index != eachRow && cells[i] != "" && cells[i] != g.first[i] {
			return &fault{field: c.name, reason: "must be as in the first row of the same record, or empty"}
		}
	}
	if g.rows >= crm.MaxElements {
		return &fault{reason: "a record must have at most " + strconv.Itoa(crm.MaxElements) + " rows"}
	}
	return nil
}

// value returns the record.
func (g *group) value() (*node, *fault) {
	if g.why != nil {
		return nil, g.why
	}
	g.root.compact()
	return g.root, nil
}

// set lays a value at the end of a path; row counts for steps that are one
// element per row.
func (n *node) set(steps []step, row int, value *node) {
	at := steps[0]
	child := n.get(at.name)
	if at.index == noIndex {
		if len(steps) == 1 {
			n.members = append(n.members, member{at.name, value})
			return
		}
		if child == nil {
			child = &node{kind: nodeObject}
			n.members = append(n.members, member{at.name, child})
		}
		child.set(steps[1:], row, value)
		return
	}
	if child == nil {
		child = &node{kind: nodeList}
		n.members = append(n.members, member{at.name, child})
	}
	index := at.index
	if index == eachRow {
		index = row
	}
	for len(child.list) <= index {
		child.list = append(child.list, nil)
	}
	if len(steps) == 1 {
		child.list[index] = value
		return
	}
	if child.list[index] == nil {
		child.list[index] = &node{kind: nodeObject}
	}
	child.list[index].set(steps[1:], row, value)
}

// compact takes out the elements of lists that no cell filled.
func (n *node) compact() {
	n.list = slices.DeleteFunc(n.list, func(element *node) bool { return element == nil })
	for _, element := range n.list {
		element.compact()
	}
	for _, m := range n.members {
		m.value.compact()
	}
}
