package crm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Upsert is what somebody says of a record, which may be stored already or not.
type Upsert struct {
	// Record has what is said, under its id.
	Record Record
	// Says tells whether a member was said; the others of Record mean nothing.
	Says func(member string) bool
	// Elements tells what is said of each element of a list that several systems add to
	// (Rule.Same), if the list is said, and of a part that they do (Rule.Shared), as of one
	// element; nil is what is said whole. Without it everything is.
	Elements func(member string) []Said
	// Words are those that a company permits for members of the record which are
	// texts, if they are said. What is restored has those of its time, and may be told
	// them again.
	Words map[string][]string
}

// Apply lays what is said over the stored record, nil for none: a member that is said
// replaces the whole member, the others stay. Of a list with Elements those that are
// said are changed, added or removed, and the others stay; so do the members of a part. A
// new record has version 1, and now as the time of its creation and last change, unless
// they are said. One that differs from what is stored counts one version up, has now, or
// what is said, as its last change, and a note in its history by actor. A new one that
// says its version is restored: nothing is added to it.
//
// There is nothing in the Changes if nothing differs; a version or a time of a last
// change alone is no difference. CodeInvalid is what Check returns.
func (u Upsert) Apply(stored Record, actor ActorRef, now time.Time) (Changes, error) {
	e := edit{
		stored: stored, says: u.Says, actor: actor, now: now.UTC().Truncate(time.Millisecond),
		version: 1, restored: stored == nil && u.Says("version"),
	}
	for _, member := range slices.Sorted(maps.Keys(u.Words)) {
		if err := u.checkWord(member, stored); err != nil && !e.restored {
			return Changes{}, err
		}
	}
	e.changed = e.now
	var next Record
	if stored == nil {
		next = Clone(u.Record)
		structures[next.RecordKind()].leaveOut(reflect.ValueOf(next).Elem(), u.said())
		e.begin(next)
	} else {
		next = Clone(stored)
		e.version = VersionOf(stored) + 1
		if at := memberOf(u.Record, "updatedAt"); at.IsValid() && u.Says("updatedAt") && !at.IsZero() {
			e.changed = at.Interface().(time.Time).UTC().Truncate(time.Millisecond)
		}
		var err error
		if e.origins, err = u.overlay(next); err != nil {
			return Changes{}, err
		}
	}
	if r, ok := next.(renewed); ok {
		r.renew(&e)
	}
	return e.conclude(next)
}

func (u Upsert) checkWord(member string, stored Record) error {
	m := StructureOf(u.Record.RecordKind()).Member(member)
	if m == nil || !u.Says(member) {
		return nil
	}
	word, given := m.textOf(u.Record)
	if !given || slices.Contains(u.Words[member], word) {
		return nil
	}
	if stored != nil {
		if had, _ := m.textOf(stored); had == word {
			return nil
		}
	}
	return Wrong(member, oneOf(u.Words[member]))
}

// overlay sets the members of a stored record that are said. Id, version and the time
// of the last change are nobody's to set, and a time of creation that is said to be none
// is the one that the record got. origins are those of merge, by list.
func (u Upsert) overlay(to Record) (origins map[string][]int, err error) {
	from := Clone(u.Record)
	s := structures[to.RecordKind()]
	x, y := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	if u.Elements != nil {
		clean(y, s) // what is said is compared with what is kept
	}
	said := u.said()
	said.Says = func(name string) bool {
		m := s.Member(name)
		return m.Class != ValueID && u.Says(name) && !followsFromOthers(name) && (name != "createdAt" || !y.Field(m.index).IsZero())
	}
	return s.overlay(x, y, said)
}

// said is what is said of the record.
func (u Upsert) said() Said { return Said{Says: u.Says, Elements: u.Elements} }

// followsFromOthers says whether a member only tells that others have changed.
func followsFromOthers(member string) bool { return member == "version" || member == "updatedAt" }

// Replace makes a record what its source says it is now, all of it: the Changes are
// empty if that is stored already. CodeInvalid is what Check returns. Kinds without a
// history alone are replaced.
func Replace(stored, next Record) (Changes, error) {
	next = Clone(next)
	Complete(next)
	if stored != nil && len(Differing(stored, next)) == 0 {
		return Changes{}, nil
	}
	return checkedPut(stored, next)
}

func checkedPut(stored, next Record) (Changes, error) {
	if err := Check(next); err != nil {
		return Changes{}, err
	}
	change := Change{Record: next}
	if stored != nil {
		change.Expect = VersionOf(stored)
	}
	return Put(change), nil
}

// edit is a record on its way from what is stored to what is next.
type edit struct {
	stored Record // nil for a new record
	says   func(member string) bool
	actor  ActorRef
	now    time.Time
	// changed is what the record has as the time of its last change if it changes.
	changed time.Time
	// version is what the record has if it changes.
	version  int
	restored bool
	// origins are where the elements of lists that were merged were in the stored ones
	// (merge), by list.
	origins map[string][]int
	// told are the consents whose history was said.
	told []*Consent
}

// renewed is a record with members that follow from what was stored, or from what
// was said.
type renewed interface{ renew(e *edit) }

// historied is a record that notes what was changed.
type historied interface {
	// remember adds a note. The oldest make room for it where there are too many.
	remember(change ProfileChange)
	// shorten takes the oldest entries out of the history until the record is smaller
	// by so many bytes, or nothing is left that may go.
	shorten(bytes int, e *edit)
}

// begin returns a new record its version and times where it has none.
func (e *edit) begin(next Record) {
	if version := memberOf(next, "version"); version.IsValid() {
		if version.Int() == 0 {
			version.SetInt(1)
		}
		e.version = int(version.Int())
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		if at := memberOf(next, name); at.IsValid() && at.IsZero() {
			at.Set(reflect.ValueOf(e.now))
		}
	}
}

// conclude completes and checks what is next, and gives it its version, its time and
// a note of the change if it differs from what is stored.
func (e *edit) conclude(next Record) (Changes, error) {
	Complete(next)
	if e.stored == nil {
		return checkedPut(nil, next)
	}
	names := slices.DeleteFunc(Differing(e.stored, next), followsFromOthers)
	if len(names) == 0 {
		return Changes{}, nil
	}
	slices.Sort(names)
	if version := memberOf(next, "version"); version.IsValid() {
		version.SetInt(int64(e.version))
	}
	if at := memberOf(next, "updatedAt"); at.IsValid() {
		at.Set(reflect.ValueOf(e.changed))
	}
	if h, ok := next.(historied); ok {
		if !e.says("changes") {
			h.remember(ProfileChange{
				ID:         fmt.Sprintf("%s/%s/%d", next.RecordID(), TimelineKindProfileChanged, e.version),
				OccurredAt: e.changed, ActorRef: e.actor, Fields: names,
			})
		}
		if bytes := recordSize(next) - MaxRecordBytes; bytes > 0 {
			h.shorten(bytes, e)
		}
	}
	return checkedPut(e.stored, next)
}

// memberOf is a member of a record; it is not valid if the kind has none of the name.
func memberOf(r Record, name string) reflect.Value {
	if m := structures[r.RecordKind()].Member(name); m != nil {
		return m.Of(r)
	}
	return reflect.Value{}
}

// renew makes somebody who is employed active unless something else is said.
func (e *Employee) renew(edit *edit) {
	if edit.stored == nil && !edit.says("active") {
		e.Active = true
	}
}
