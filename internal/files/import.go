package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Sizes of what is held at once.
const (
	batchRows  = 500
	batchBytes = 4 << 20
	maxKnown   = 100_000
)

// Options says how a file is imported.
type Options struct {
	// Kind is what the file holds. NDJSON whose lines are enveloped, as Dump
	// writes them, needs none.
	Kind Kind
	// Format is NDJSON if empty.
	Format Format
	// Name is the file's name in the report of rejected rows.
	Name string
	// Clock returns the time of records that have none; nil is the system's.
	Clock func() time.Time
	// Rejects takes the report of rejected rows; nil drops it.
	Rejects *Rejects
	// Progress is told from time to time how many bytes and lines, or CSV rows,
	// were read; it may be nil.
	Progress func(bytes, rows int64)
	// APIKeys says that API keys, which dumps hold, are taken; they are rejected
	// otherwise.
	APIKeys bool
	// CustomerGroups are the groups that customers may be in; nil is
	// DefaultCustomerGroups.
	CustomerGroups []string
}

// DefaultCustomerGroups are the customer groups of a company that configured none.
func DefaultCustomerGroups() []string {
	return []string{"household", "small business", "enterprise", "government", "education"}
}

// Import reads records from r and stores each under its id: new ones are made,
// stored ones get the members that the row has. Rows that are wrong are
// rejected and reported, the others go on. Rows that refer to a customer or a
// ticket further down wait for it, in a temporary file.
//
// A CodeInvalid error says that the whole file or the options are wrong (an
// unknown column, no kind); any error leaves what was stored before it, and the
// same import may simply be run again.
func Import(ctx context.Context, store crm.Store, r io.Reader, options Options) (summary Summary, err error) {
	run, err := newRun(store, r, options)
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, run.close()) }()
	read := run.readLines
	if options.Format == FormatCSV {
		read = run.readCSV
	}
	if err := read(ctx); err != nil {
		return run.summary, err
	}
	if err := run.flush(ctx); err != nil {
		return run.summary, err
	}
	return run.summary, run.settleWaiting(ctx)
}

// run is one import.
type run struct {
	store    crm.Store
	input    *counter
	options  Options
	words    map[string][]string // of members that are texts (crm.Upsert)
	handlers map[Kind]*handler
	summary  Summary
	lines    int64

	// known remembers records of the store that rows refer to, with their roles: they
	// refer to the same ones again and again. One that is removed meanwhile is noticed
	// by the store.
	known   map[crm.ID]string
	pending []*row
	size    int
	waiting *waiting
	// names are those of members that there are; nil until one is wanted.
	names map[string]bool
	// patience says how long rows that refer to nothing still wait.
	patience patience
}

func newRun(store crm.Store, r io.Reader, options Options) (*run, error) {
	if options.Kind != "" {
		if _, err := ParseKind(string(options.Kind)); err != nil {
			return nil, err
		}
	}
	switch options.Format {
	case "", FormatNDJSON, FormatCSV:
	default:
		return nil, crm.Invalid("a format must be ndjson or csv")
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	groups := options.CustomerGroups
	if groups == nil {
		groups = DefaultCustomerGroups()
	}
	return &run{
		store: store, input: &counter{reader: r}, options: options, words: map[string][]string{"customerGroup": groups},
		handlers: handlers(), waiting: newWaiting(), known: map[crm.ID]string{},
	}, nil
}

func (run *run) close() error {
	err := run.waiting.close()
	if run.options.Rejects != nil {
		err = errors.Join(err, run.options.Rejects.Flush())
	}
	return err
}

// count adds one to an outcome.
func (run *run) count(outcome *int) {
	*outcome++
	run.summary.Read++
}

// take makes a row of a record and keeps it for the next batch.
func (run *run) take(ctx context.Context, h *handler, n *node, line int) error {
	r, label, why := build(h, n, line)
	if why != nil {
		return run.refuse(line, label, why)
	}
	if len(run.pending) > 0 && run.pending[0].handler != h {
		if err := run.flush(ctx); err != nil {
			return err
		}
	}
	run.pending = append(run.pending, r)
	if run.size += len(r.text); len(run.pending) >= batchRows || run.size >= batchBytes {
		return run.flush(ctx)
	}
	return nil
}

// flush stores the rows at hand, then the articles that came inside of them.
func (run *run) flush(ctx context.Context) error {
	rows := run.pending
	run.pending, run.size = nil, 0
	for ; len(rows) > 0; rows = rows[min(batchRows, len(rows)):] {
		some := rows[:min(batchRows, len(rows))]
		if err := run.storeRows(ctx, some); err != nil {
			return err
		}
	}
	if run.options.Progress != nil {
		run.options.Progress(run.input.read, run.lines)
	}
	return nil
}

// storeRows stores rows of one kind, then what is inside of them.
func (run *run) storeRows(ctx context.Context, rows []*row) error {
	for rest := rows; len(rest) > 0; {
		done, err := rest[0].handler.process(ctx, run, rest)
		if err != nil {
			return err
		}
		rest = rest[done:]
	}
	var children []*row
	for _, r := range rows {
		children = append(children, r.children...)
	}
	for ; len(children) > 0; children = children[min(batchRows, len(children)):] {
		if err := run.storeRows(ctx, children[:min(batchRows, len(children))]); err != nil {
			return err
		}
	}
	return nil
}

// owners returns the records of the store that have the external identities which
// rows have or refer to.
func (run *run) owners(ctx context.Context, rows []*row) (owners, error) {
	wanted := map[crm.Kind]map[string]bool{}
	want := func(of identity) {
		if wanted[of.kind] == nil {
			wanted[of.kind] = map[string]bool{}
		}
		wanted[of.kind][of.key] = true
	}
	for _, r := range rows {
		for _, key := range r.keys {
			want(r.own(key))
		}
		for _, of := range r.identities {
			want(of)
		}
	}
	found := owners{}
	for kind, keys := range wanted {
		for some := range slices.Chunk(slices.Collect(maps.Keys(keys)), batchRows) {
			if err := run.lookUp(ctx, found, crm.Describe(kind), some); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// lookUp adds the records of a kind that have one of the keys.
func (run *run) lookUp(ctx context.Context, found owners, d *crm.Description, keys []string) error {
	page, err := run.store.List(ctx, d.Kind, crm.Query{
		Where: []crm.Predicate{{Field: d.Unique, In: keys}},
		Sort:  crm.Sort{Field: crm.FieldID},
		Page:  crm.PageRequest{Limit: len(keys)},
	})
	if err != nil {
		return fmt.Errorf("look up %d external identities: %w", len(keys), err)
	}
	for _, record := range page.Items {
		for _, key := range record.Keys().Many[d.Unique] {
			found[identity{d.Kind, key}] = record.RecordID()
		}
	}
	return nil
}

// reject reports a row, with all that is inside of it.
func (run *run) reject(r *row, why *fault) error {
	r.children = nil
	return run.refuse(r.line, r.label(), why)
}

// refuse reports a line.
func (run *run) refuse(line int, label string, why *fault) error {
	run.count(&run.summary.Rejected)
	if run.options.Rejects == nil {
		return nil
	}
	if why.line > 0 {
		line = why.line
	}
	shown := *why
	shown.field = run.shownField(why.field)
	return run.options.Rejects.add(run.options.Name, line, label, &shown)
}
