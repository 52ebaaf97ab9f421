package access

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// maxScanned bounds the entries of the log that are read for a page, of whatever kinds
// they are.
const maxScanned = 1000

// Feed tells what was stored and removed to those who may know it of every record.
type Feed struct {
	log crm.Store
	// records are the latest as the caller may see them.
	records crm.Store
	policy  *Policy
}

// NewFeed returns the feed of a store, which is given undecorated by the policy.
func NewFeed(store crm.Store, policy *Policy) *Feed {
	return &Feed{log: store, records: Store(latest{store}, policy), policy: policy}
}

// latest is a store whose records are never older than its log.
type latest struct{ crm.Store }

// ByID is the store's Latest.
func (l latest) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	return l.Latest(ctx, kind, ids, want)
}

// Follows says whether the caller may follow a kind.
func (f *Feed) Follows(ctx context.Context, kind crm.Kind) (bool, error) {
	v, err := f.policy.view(ctx)
	return err == nil && v.followsNot(kind) == nil, err
}

// followsNot says why the caller may not follow a kind, nil if they may. Of a record
// that is gone nobody can tell any more who might have seen it: that it was there may
// be told only to those who see every record of the kind, whatever it holds.
func (v *view) followsNot(kind crm.Kind) error {
	switch d := crm.Describe(kind); {
	case d == nil || d.Change == "":
		return notForCallers()
	case v.all():
		return nil
	case v.portal():
		return noLists()
	case v.limited():
		return forbidden("a key with row limits follows no changes: of a record that was removed it is not known whose it was; read the lists again")
	case !v.finds(kind):
		return noScope()
	case !slices.Contains(wholeForPartners(), kind):
		return forbidden("partners do not follow this kind: which of its records they may see changes with other records")
	}
	return nil
}

// wholeForPartners are the kinds of which a partner with the scope and without row
// limits sees every record, whatever becomes of others. Articles may be internal,
// recommendations are withheld when their customer says so, and the rest is staff's.
func wholeForPartners() []crm.Kind {
	return []crm.Kind{crm.KindCustomer, crm.KindProduct, crm.KindOrder, crm.KindTicket, crm.KindInteraction}
}

// Changes returns what became of records of some kinds since a cursor, first records
// at most; without a cursor nothing, and the cursor of now. FORBIDDEN is a kind that
// the caller may not follow, CodeInvalid a cursor that is none, and CodeCursorExpired
// one that is not of this log.
func (f *Feed) Changes(ctx context.Context, kinds []crm.Kind, after *string, first int) (*crm.ChangePage, error) {
	v, err := f.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if len(kinds) == 0 {
		return nil, notForCallers()
	}
	for _, kind := range kinds {
		if err := v.followsNot(kind); err != nil {
			return nil, err
		}
	}
	var sealed []byte
	if after != nil {
		if sealed, err = decodeCursor(*after); err != nil {
			return nil, err
		}
	}
	seal, err := sealOf(ctx, f.log.Checkpoints())
	if err != nil {
		return nil, err
	}
	if after == nil {
		end, err := f.log.LogEnd(ctx)
		return &crm.ChangePage{Changes: []*crm.RecordChange{}, EndCursor: seal.cursor(end)}, err
	}
	read, err := f.read(ctx, seal, sealed, kinds, first)
	if err != nil {
		return nil, err
	}
	changes, err := f.changes(ctx, read)
	return &crm.ChangePage{Changes: changes, EndCursor: seal.cursor(read.end), HasNextPage: read.more}, err
}

// stretch is a part of the log.
type stretch struct {
	// entries are the last in the stretch of each record of the wanted kinds.
	entries []crm.LogEntry
	// end is the last entry that was read, of whatever kind, and more says that
	// others follow.
	end  crm.LogEntry
	more bool
}

// read reads on from a cursor until there are as many records as wanted, or so many
// entries that a page would take too long.
func (f *Feed) read(ctx context.Context, seal *seal, sealed []byte, kinds []crm.Kind, first int) (*stretch, error) {
	at := seal.open(sealed)
	// The entry at the cursor is read again, and one more than wanted, which says
	// whether more follow.
	entries, err := f.log.Log(ctx, max(at.number-1, 0), maxScanned+2)
	if err != nil {
		return nil, err
	}
	s := &stretch{}
	switch begun := len(entries) > 0; {
	case at.number > 0 && begun && seal.mark(entries[0]) == at:
		s.end, entries = entries[0], entries[1:]
	case at == seal.mark(crm.LogEntry{}) && (!begun || entries[0].Number == 1):
	default:
		return nil, expired()
	}
	s.take(entries[:min(len(entries), maxScanned)], kinds, first)
	s.more = len(entries) > 0 && s.end.Number < entries[len(entries)-1].Number
	return s, nil
}

// take takes entries until they are of more records than first.
func (s *stretch) take(entries []crm.LogEntry, kinds []crm.Kind, first int) {
	last := make(map[crm.ID]int64, first)
	taken := 0
	for _, e := range entries {
		if slices.Contains(kinds, e.ID.Kind()) {
			if _, again := last[e.ID]; !again && len(last) == first {
				break
			}
			last[e.ID] = e.Number
		}
		s.end = e
		taken++
	}
	for _, e := range entries[:taken] {
		if last[e.ID] == e.Number {
			s.entries = append(s.entries, e)
		}
	}
}

// changes returns what became of the records of a stretch, with one read for each
// kind.
//
// An entry is left out if the record is not as the entry has left it any more, and more
// of the log is to be read: the write that made it so has an entry further on, as
// entries of one record are in the order of its writes and the record is no older than
// its entry (Latest). At the end of the log the record is told of as it is all the same,
// so that one that is written all the time is not put off for ever. One that is gone
// without its entry saying so is left out there too: that it was removed is told by an
// entry that is still to come. Versions begin anew when a record is stored again, and
// some kinds have none: so a record may be told of twice, but is never missed.
func (f *Feed) changes(ctx context.Context, s *stretch) ([]*crm.RecordChange, error) {
	found, err := f.latest(ctx, s.entries)
	if err != nil {
		return nil, err
	}
	changes := []*crm.RecordChange{}
	for _, e := range s.entries {
		record := found[e.ID]
		change := &crm.RecordChange{RecordID: e.ID, Kind: crm.Describe(e.ID.Kind()).Change}
		switch {
		case record == nil && !e.Removed:
			continue
		case record == nil:
			change.Removed = true
		case s.more && (e.Removed || crm.VersionOf(record) != e.Version):
			continue
		default:
			change.Record, _ = record.(crm.Node)
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// latest returns the records of entries as the caller may see them.
func (f *Feed) latest(ctx context.Context, entries []crm.LogEntry) (map[crm.ID]crm.Record, error) {
	ids := make([]crm.ID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	found := make(map[crm.ID]crm.Record, len(ids))
	for _, d := range crm.Shown() {
		wanted := d.Only(ids)
		if len(wanted) == 0 {
			continue
		}
		records, err := f.records.ByID(ctx, d.Kind, wanted, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			found[r.RecordID()] = r
		}
	}
	return found, nil
}
