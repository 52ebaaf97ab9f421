package files

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// batch is rows of one kind, each another record, on their way to the store.
type batch struct {
	*handler
	run    *run
	owners owners
	stored map[crm.ID]crm.Record
	// local are the records of earlier rows, with their roles.
	local   map[crm.ID]string
	changes []crm.Changes
	rows    []*row // of the changes
}

// owners are the records that have an external identity.
type owners map[identity]crm.ID

// importer is who did what an import does.
func importer() crm.ActorRef { return crm.ActorRef{System: "import"} }

// process stores rows, which are of its kind, up to the first that has to wait for
// those before it, and says how many that were: at least one.
func (h *handler) process(ctx context.Context, run *run, rows []*row) (int, error) {
	owners, err := run.owners(ctx, rows)
	if err != nil {
		return 0, err
	}
	rows = adopt(rows, owners)
	b := &batch{handler: h, run: run, owners: owners, local: map[crm.ID]string{}}
	records, err := b.load(ctx, rows)
	if err != nil {
		return 0, err
	}
	for i, r := range rows {
		if records[i] == nil {
			continue
		}
		if err := b.stage(r, records[i]); err != nil {
			return 0, err
		}
	}
	return len(rows), b.store(ctx)
}

// adopt returns rows the ids under which the store knows them, and returns those
// that can go together: up to the first that is, or names, a record of one
// before it.
func adopt(rows []*row, owners owners) []*row {
	ids, keys := map[crm.ID]bool{}, map[identity]crm.ID{}
	for i, r := range rows {
		id := r.id
		if r.byIdentity {
			if owner, ok := owners[r.own(r.keys[0])]; ok {
				id = owner
			}
		}
		if ids[id] || r.names(keys) {
			return rows[:i]
		}
		r.id = id
		ids[id] = true
		for _, key := range slices.Concat(r.keys, r.lost) {
			keys[r.own(key)] = id
		}
	}
	return rows
}

// own is an identity that the row's record has.
func (r *row) own(key string) identity { return identity{r.handler.Kind, key} }

// names says whether the row names one of the records that have keys, under another
// id than theirs.
func (r *row) names(keys map[identity]crm.ID) bool {
	for _, key := range r.keys {
		if _, ok := keys[r.own(key)]; ok {
			return true
		}
	}
	for id, of := range r.identities {
		if owner, ok := keys[of]; ok && owner != id {
			return true
		}
	}
	return false
}

// load reads what is stored of the rows, and what they refer to. A row that is no record
// is rejected, and nil in the list.
func (b *batch) load(ctx context.Context, rows []*row) ([]crm.Record, error) {
	ids := make([]crm.ID, len(rows))
	records := make([]crm.Record, len(rows))
	wanted := map[crm.Kind][]crm.ID{}
	for i, r := range rows {
		ids[i] = r.id
		given, why := b.record(r)
		if why != nil {
			if err := b.run.reject(r, why); err != nil {
				return nil, err
			}
			continue
		}
		records[i] = given
		crm.References(given, func(ref crm.Reference) {
			if kind := ref.ID.Kind(); ref.Exists && kind != "" {
				wanted[kind] = append(wanted[kind], *ref.ID)
			}
		})
	}
	found, err := b.run.store.ByID(ctx, b.Kind, ids, nil)
	if err != nil {
		return nil, fmt.Errorf("read %d stored %s: %w", len(ids), b.name, err)
	}
	b.stored = make(map[crm.ID]crm.Record, len(found))
	for _, record := range found {
		b.stored[record.RecordID()] = record
	}
	return records, b.run.find(ctx, wanted)
}

// find notes which of the records that are referred to exist.
func (run *run) find(ctx context.Context, wanted map[crm.Kind][]crm.ID) error {
	if len(run.known) > maxKnown {
		clear(run.known)
	}
	for kind, all := range wanted {
		ids := slices.DeleteFunc(crm.Only(kind, all), func(id crm.ID) bool {
			_, known := run.known[id]
			return known
		})
		if len(ids) == 0 {
			continue
		}
		found, err := run.store.ByID(ctx, kind, ids, nil)
		if err != nil {
			return fmt.Errorf("read %d records referred to: %w", len(ids), err)
		}
		for _, record := range found {
			run.known[record.RecordID()] = crm.RoleOf(record)
		}
	}
	return nil
}

// role says whether a record exists, and what it is: one of the store's, or of the
// rows before in this batch, which count first.
func (b *batch) role(id crm.ID) (role string, known bool) {
	if role, known = b.local[id]; known {
		return role, true
	}
	role, known = b.run.known[id]
	return role, known
}

// record makes the row's record, with its id and with the ids that the store has for
// what is named by external identity.
func (b *batch) record(r *row) (crm.Record, *fault) {
	given, why := r.decode()
	if why != nil {
		return nil, why
	}
	crm.StructureOf(b.Kind).Member("id").Of(given).SetString(string(r.id))
	if len(r.identities) > 0 {
		crm.References(given, func(ref crm.Reference) {
			if owner, ok := b.owners[r.identities[*ref.ID]]; ok {
				*ref.ID = owner
			}
		})
	}
	return given, nil
}

// stage decides what becomes of a row.
func (b *batch) stage(r *row, given crm.Record) error {
	if b.run.waits(r.id) {
		return b.run.postpone(r, nil)
	}
	for _, key := range r.keys {
		if owner, taken := b.owners[r.own(key)]; taken && owner != r.id {
			return b.run.reject(r, &fault{field: b.identities, reason: "must not be another " + b.envelope + "'s"})
		}
	}
	lost, unfit := b.dangling(r, given)
	switch {
	case unfit != nil:
		return b.run.reject(r, unfit)
	case lost != nil:
		return b.run.postpone(r, lost)
	}
	changes, err := b.upsert(r, given, b.stored[r.id])
	if err != nil {
		return b.run.reject(r, faultOf(err))
	}
	next := b.stored[r.id]
	if len(changes.Records) > 0 {
		next = changes.Records[0].Record
	}
	b.local[r.id] = crm.RoleOf(next)
	delete(b.run.known, r.id) // its role may change
	if len(changes.Records) == 0 {
		b.run.count(&b.run.summary.Unchanged)
		return nil
	}
	b.changes, b.rows = append(b.changes, changes), append(b.rows, r)
	return nil
}

// restores says whether a row is a new record with its version, as Dump writes it.
func (b *batch) restores(r *row) bool { return b.stored[r.id] == nil && r.has("version") }

// dangling returns the first reference to what is nowhere, and the first to something
// else than it must be. A store keeps references to what was removed later, if that is
// no parent: what is restored may have them, and what has them may be told so again. It waits for none that it names by id. One
// that it names by external identity may come further down with an id of its own.
func (b *batch) dangling(r *row, given crm.Record) (lost, unfit *fault) {
	restored, had := b.restores(r), b.references(r.id)
	crm.References(given, func(ref crm.Reference) {
		if !ref.Exists || had[reference{ref.Member, *ref.ID}] {
			return
		}
		switch role, known := b.role(*ref.ID); {
		case !known && lost == nil && (!restored || !b.mayDangle(r, given, *ref.ID)):
			lost = &fault{field: ref.Field(), reason: "must be a record that is in the store or in the file"}
		case known && ref.Role != "" && role != ref.Role && !restored && unfit == nil:
			unfit = &fault{field: ref.Field(), reason: "must be an " + strings.ToLower(ref.Role)}
		}
	})
	return lost, unfit
}

// reference is a member that refers to a record.
type reference struct {
	member *crm.Member
	id     crm.ID
}

// references returns what a stored record refers to.
func (b *batch) references(id crm.ID) map[reference]bool {
	stored := b.stored[id]
	if stored == nil {
		return nil
	}
	had := map[reference]bool{}
	crm.References(stored, func(ref crm.Reference) {
		if ref.Exists {
			had[reference{ref.Member, *ref.ID}] = true
		}
	})
	return had
}

// mayDangle says whether a restored record may name a record that is nowhere.
func (b *batch) mayDangle(r *row, given crm.Record, id crm.ID) bool {
	if _, byIdentity := r.identities[id]; byIdentity && b.run.patience == waitForAll {
		return false
	}
	parents := given.Keys().Text
	return !slices.ContainsFunc(b.Keys, func(key crm.KeyField) bool { return key.Parent != "" && parents[key.Field] == string(id) })
}

// upsert returns what is to be stored of a row.
func (b *batch) upsert(r *row, given, stored crm.Record) (crm.Changes, error) {
	said := crm.Upsert{Record: given, Says: r.has, Elements: r.elements, Words: b.run.words}
	return said.Apply(stored, importer(), b.run.options.Clock())
}

// store writes what is staged.
func (b *batch) store(ctx context.Context) error {
	if len(b.changes) == 0 {
		return nil
	}
	outcomes, err := b.run.store.Commit(ctx, b.changes)
	if err != nil {
		return fmt.Errorf("write %d %s: %w", len(b.changes), b.name, err)
	}
	for i, outcome := range outcomes {
		if outcome != nil && crm.CodeOf(outcome) == crm.CodeConflict {
			err = b.again(ctx, b.rows[i])
		} else {
			err = b.settled(b.rows[i], b.changes[i], outcome)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settled counts a write that was done, or rejects its row.
func (b *batch) settled(r *row, changes crm.Changes, outcome error) error {
	switch {
	case outcome == nil && changes.Records[0].Expect == 0:
		b.run.count(&b.run.summary.Created)
		return nil
	case outcome == nil:
		b.run.count(&b.run.summary.Updated)
		return nil
	}
	switch crm.CodeOf(outcome) {
	case crm.CodeConflict:
		return b.run.reject(r, &fault{reason: "the record was changed by somebody else at the same time, or has another's " +
			"external identity; import it again"})
	case crm.CodeInvalid:
		why := faultOf(outcome)
		why.reason = "the store does not take it: " + why.reason
		return b.run.reject(r, why)
	case crm.CodeNotFound, crm.CodeCursorExpired, crm.CodeAmbiguous, crm.CodeUnauthenticated, crm.CodeForbidden, crm.CodeUnavailable,
		crm.CodeRateLimited, crm.CodeTooLarge, crm.CodeOverloaded, crm.CodeUnsupported, crm.CodeInternal:
	}
	return fmt.Errorf("write one of %s: %w", b.name, outcome)
}

// again reads, merges and writes a row once more whose record somebody else
// wrote in the meantime.
func (b *batch) again(ctx context.Context, r *row) error {
	owners, err := b.run.owners(ctx, []*row{r})
	if err != nil {
		return err
	}
	adopt([]*row{r}, owners)
	b.owners = owners
	given, why := b.record(r)
	if why != nil {
		return b.run.reject(r, why)
	}
	found, err := b.run.store.ByID(ctx, b.Kind, []crm.ID{r.id}, nil)
	if err != nil {
		return fmt.Errorf("read one of %s again: %w", b.name, err)
	}
	var stored crm.Record
	if len(found) > 0 {
		stored = found[0]
	}
	changes, err := b.upsert(r, given, stored)
	switch {
	case err != nil:
		return b.run.reject(r, faultOf(err))
	case len(changes.Records) == 0:
		b.run.count(&b.run.summary.Unchanged)
		return nil
	}
	outcomes, err := b.run.store.Commit(ctx, []crm.Changes{changes})
	if err != nil {
		return fmt.Errorf("write one of %s again: %w", b.name, err)
	}
	return b.settled(r, changes, outcomes[0])
}
