package files

import (
	"context"
	"fmt"
	"slices"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// batch is rows of one kind, each another record, on their way to the store.
type batch[D, R any] struct {
	spec   *spec[D, R]
	run    *run
	stored map[crm.ID]*D
	// local are the customers of earlier rows, with whether they are organizations.
	local  map[crm.ID]bool
	writes []crm.Write[D]
	rows   []*row // of the writes
}

func (s *spec[D, R]) process(ctx context.Context, run *run, rows []*row) (int, error) {
	owners, err := run.owners(ctx, rows)
	if err != nil {
		return 0, err
	}
	rows = adopt(rows, owners)
	b := &batch[D, R]{spec: s, run: run, local: map[crm.ID]bool{}}
	records, err := b.load(ctx, rows, owners)
	if err != nil {
		return 0, err
	}
	for i, r := range rows {
		if err := b.stage(r, records[i], owners); err != nil {
			return 0, err
		}
	}
	return len(rows), b.store(ctx)
}

// adopt gives rows the ids under which the store knows them, and gives those
// that can go together: up to the first that is, or names, a record of one
// before it.
func adopt(rows []*row, owners map[string]crm.ID) []*row {
	ids, keys := map[crm.ID]bool{}, map[string]crm.ID{}
	for i, r := range rows {
		id := r.id
		if r.byIdentity {
			if owner, ok := owners[r.keys[0]]; ok {
				id = owner
			}
		}
		if ids[id] || r.names(keys) {
			return rows[:i]
		}
		r.id = id
		ids[id] = true
		for _, key := range r.keys {
			keys[key] = id
		}
	}
	return rows
}

// names says whether the row names one of the customers that have keys, under
// another id than theirs.
func (r *row) names(keys map[string]crm.ID) bool {
	for _, key := range r.keys {
		if _, ok := keys[key]; ok {
			return true
		}
	}
	for id, key := range r.identities {
		if owner, ok := keys[key]; ok && owner != id {
			return true
		}
	}
	return false
}

// load reads what is stored of the rows, and what they refer to.
func (b *batch[D, R]) load(ctx context.Context, rows []*row, owners map[string]crm.ID) ([]*R, error) {
	ids := make([]crm.ID, len(rows))
	records := make([]*R, len(rows))
	wanted := map[crm.Kind][]crm.ID{}
	for i, r := range rows {
		ids[i] = r.id
		given, err := b.record(r, owners)
		if err != nil {
			return nil, err
		}
		records[i] = given
		b.spec.references(given, func(ref reference) {
			if kind := ref.id.Kind(); kind != "" {
				wanted[kind] = append(wanted[kind], *ref.id)
			}
		})
	}
	var err error
	if b.stored, err = b.spec.records(b.run.store).ByID(ctx, ids); err != nil {
		return nil, fmt.Errorf("read %d stored %s: %w", len(ids), b.spec.name, err)
	}
	return records, b.find(ctx, wanted)
}

// find notes which of the customers and tickets exist.
func (b *batch[D, R]) find(ctx context.Context, wanted map[crm.Kind][]crm.ID) error {
	if len(b.run.known) > maxKnown {
		clear(b.run.known)
	}
	if ids := b.unknown(crm.KindCustomer, wanted); len(ids) > 0 {
		found, err := crm.Of[crm.Customer](b.run.store).ByID(ctx, ids)
		if err != nil {
			return fmt.Errorf("read %d customers referred to: %w", len(ids), err)
		}
		for id, c := range found {
			b.run.known[id] = c.Kind == crm.CustomerKindOrganization
		}
	}
	if ids := b.unknown(crm.KindTicket, wanted); len(ids) > 0 {
		found, err := crm.Of[crm.Ticket](b.run.store).ByID(ctx, ids)
		if err != nil {
			return fmt.Errorf("read %d tickets referred to: %w", len(ids), err)
		}
		for id := range found {
			b.run.known[id] = false
		}
	}
	return nil
}

// unknown returns the ids of a kind that the store has to be asked for.
func (b *batch[D, R]) unknown(kind crm.Kind, wanted map[crm.Kind][]crm.ID) []crm.ID {
	return slices.DeleteFunc(crm.Only(kind, wanted[kind]), func(id crm.ID) bool {
		_, known := b.run.known[id]
		return known
	})
}

// lookup says whether a customer or ticket exists, and is an organization: one
// of the store's, or of the rows before in this batch, which count first.
func (b *batch[D, R]) lookup(id crm.ID) (organization, known bool) {
	if organization, known = b.local[id]; known {
		return organization, true
	}
	organization, known = b.run.known[id]
	return organization, known
}

// record makes the row's record, with its id and with the ids that the store
// has for customers named by external identity.
func (b *batch[D, R]) record(r *row, owners map[string]crm.ID) (*R, error) {
	decoded, err := b.spec.decode(r.text)
	if err != nil {
		return nil, err
	}
	given := decoded.(*R)
	*b.spec.meta(given).id = r.id
	b.spec.references(given, func(ref reference) {
		if owner, ok := owners[r.identities[*ref.id]]; ok {
			*ref.id = owner
		}
	})
	return given, nil
}

// stage decides what becomes of a row.
func (b *batch[D, R]) stage(r *row, given *R, owners map[string]crm.ID) error {
	if b.run.waits(r.id) {
		return b.run.postpone(r, nil)
	}
	for _, key := range r.keys {
		if owner, taken := owners[key]; taken && owner != r.id {
			return b.run.reject(r, &fault{field: "externalIdentities", reason: "must not be another customer's"})
		}
	}
	var lost, unfit *fault
	b.spec.references(given, func(ref reference) {
		organization, known := b.lookup(*ref.id)
		switch {
		case *ref.id == "":
		case !known && lost == nil:
			lost = &fault{field: ref.field, reason: "must be a record that is in the store or in the file"}
		case known && ref.organization && !organization && unfit == nil:
			unfit = &fault{field: ref.field, reason: "must be an organization"}
		}
	})
	switch {
	case unfit != nil:
		return b.run.reject(r, unfit)
	case lost != nil:
		return b.run.postpone(r, lost)
	}
	stored := b.stored[r.id]
	m, why := b.spec.merge(b.run, r, given, stored)
	if why != nil {
		return b.run.reject(r, why)
	}
	if c, ok := any(m.record).(*record.Customer); ok {
		b.local[r.id] = c.Kind == crm.CustomerKindOrganization
		delete(b.run.known, r.id) // its kind may change
	}
	if !m.changed {
		b.run.count(&b.run.summary.Unchanged)
		return nil
	}
	b.writes = append(b.writes, crm.Write[D]{Record: b.spec.read(m.record), Expect: b.spec.expect(stored)})
	b.rows = append(b.rows, r)
	return nil
}

// expect returns the version that the store must still have.
func (s *spec[D, R]) expect(stored *D) int {
	if stored == nil {
		return 0
	}
	if version := s.meta(s.write(stored)).version; version != nil {
		return *version
	}
	return 1
}

// store writes what is staged.
func (b *batch[D, R]) store(ctx context.Context) error {
	if len(b.writes) == 0 {
		return nil
	}
	results, err := b.spec.records(b.run.store).Write(ctx, b.writes)
	if err != nil {
		return fmt.Errorf("write %d %s: %w", len(b.writes), b.spec.name, err)
	}
	for i, err := range results {
		if err != nil && crm.CodeOf(err) == crm.CodeConflict {
			err = b.again(ctx, b.rows[i])
		} else {
			err = b.settled(b.rows[i], b.writes[i].Expect, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settled counts a write that was done, or rejects its row.
func (b *batch[D, R]) settled(r *row, expect int, err error) error {
	switch {
	case err == nil && expect == 0:
		b.run.count(&b.run.summary.Created)
		return nil
	case err == nil:
		b.run.count(&b.run.summary.Updated)
		return nil
	}
	switch crm.CodeOf(err) {
	case crm.CodeConflict:
		return b.run.reject(r, &fault{reason: "the record was changed by somebody else at the same time, or has another's " +
			"external identity; import it again"})
	case crm.CodeInvalid:
		return b.run.reject(r, &fault{reason: "the store does not take it: " + messageOf(err)})
	case crm.CodeNotFound, crm.CodeAmbiguous, crm.CodeUnauthenticated, crm.CodeForbidden, crm.CodeUnavailable,
		crm.CodeRateLimited, crm.CodeUnsupported, crm.CodeInternal:
	}
	return fmt.Errorf("write one of %s: %w", b.spec.name, err)
}

// again reads, merges and writes a row once more whose record somebody else
// wrote in the meantime.
func (b *batch[D, R]) again(ctx context.Context, r *row) error {
	owners, err := b.run.owners(ctx, []*row{r})
	if err != nil {
		return err
	}
	adopt([]*row{r}, owners)
	given, err := b.record(r, owners)
	if err != nil {
		return err
	}
	records := b.spec.records(b.run.store)
	found, err := records.ByID(ctx, []crm.ID{r.id})
	if err != nil {
		return fmt.Errorf("read one of %s again: %w", b.spec.name, err)
	}
	stored := found[r.id]
	m, why := b.spec.merge(b.run, r, given, stored)
	switch {
	case why != nil:
		return b.run.reject(r, why)
	case !m.changed:
		b.run.count(&b.run.summary.Unchanged)
		return nil
	}
	write := crm.Write[D]{Record: b.spec.read(m.record), Expect: b.spec.expect(stored)}
	results, err := records.Write(ctx, []crm.Write[D]{write})
	if err != nil {
		return fmt.Errorf("write one of %s again: %w", b.spec.name, err)
	}
	return b.settled(r, write.Expect, results[0])
}
