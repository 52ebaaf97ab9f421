package crm

import (
	"slices"
	"strings"
	"sync"
)

// Members says which members of the records of one kind are wanted, and which of the
// parts inside them; nil is all of them. The id, and the version where there is one,
// are wanted by themselves, and with a line that is pointed at the line's own place
// and id. What is wanted of a part is wanted wherever a record holds such a part, as
// far as the place itself is wanted: of a shipping address what is wanted of a
// billing address.
//
// It never changes: what there is of it may be used at once from anywhere, and kept.
type Members struct {
	of *shape
	// wanted has for each structure, by its number, a bit for each of its members.
	wanted []uint64
	paths  func() []string
}

// MembersOf returns the members of a kind that have one of the names. A name is a
// path in JSON's spelling, "placedAt", "lines.quantity", and a part that is named is
// wanted whole, "lines". Or it is a type and one member, "OrderLine.quantity",
// "Order.lines": that member alone, without the place that holds the type and without
// what the part holds; so names can be put together type by type. A name of no
// member is CodeInvalid.
func MembersOf(kind Kind, names ...string) (*Members, error) {
	s := shapes[kind]
	if s == nil {
		return nil, &Error{Code: CodeInvalid, Op: "name members", Message: "there is no such kind of record"}
	}
	m := s.none()
	for _, name := range names {
		if !m.add(name) {
			return nil, &Error{Code: CodeInvalid, Op: "name members of " + s.root.Type.Name() + ": " + name, Message: "there is no member of that name"}
		}
	}
	m.complete()
	return m, nil
}

// MustMembers is MembersOf for names that stand in the program: it panics if there is
// no member of one of them.
func MustMembers(kind Kind, names ...string) *Members {
	m, err := MembersOf(kind, names...)
	if err != nil {
		panic(err)
	}
	return m
}

// Kind is the kind whose members they are, "" for nil.
func (m *Members) Kind() Kind {
	if m == nil {
		return ""
	}
	return m.of.kind
}

// In returns what is wanted of a structure, by its number: a bit for each of its
// members.
func (m *Members) In(structure int) uint64 {
	if m == nil {
		return ^uint64(0)
	}
	return m.wanted[structure]
}

// With returns what one of the two wants, which are of one kind.
func (m *Members) With(other *Members) *Members {
	switch {
	case m == nil || other == nil:
		return nil
	case m.of != other.of:
		panic("crm: members of two kinds are put together")
	case m.covers(other):
		return m
	case other.covers(m):
		return other
	}
	sum := m.of.none()
	for i := range sum.wanted {
		sum.wanted[i] = m.wanted[i] | other.wanted[i]
	}
	return sum
}

// covers says whether m, which is not nil, wants all that other wants.
func (m *Members) covers(other *Members) bool {
	for i, bits := range other.wanted {
		if bits&^m.wanted[i] != 0 {
			return false
		}
	}
	return true
}

// Has says whether a member is wanted, of a part any of it; a name is as in
// MembersOf. One that is no member's is not.
func (m *Members) Has(name string) bool {
	if m == nil {
		return true
	}
	s := m.of
	if owner, member, ok := s.qualified(name); ok {
		i := owner.index(member)
		return i >= 0 && m.wanted[owner.Number]&(1<<i) != 0
	}
	at := s.root
	for _, step := range strings.Split(name, ".") {
		if at == nil {
			return false
		}
		i := at.index(step)
		if i < 0 || m.wanted[at.Number]&(1<<i) == 0 {
			return false
		}
		at = s.behind(&at.Members[i])
	}
	return true
}

// Paths lists what is wanted by the places in a record, none of them inside of
// another: "id", "price.total", "lines" for a part that is wanted whole. A part of
// which nothing inside is wanted, but how many there are, is a path to nothing:
// "lines.-". nil is nil.
func (m *Members) Paths() []string {
	if m == nil {
		return nil
	}
	return m.paths()
}

// partOnly is the name of no member.
const partOnly = "-"

func (m *Members) listPaths() []string {
	return m.pathsIn(m.of.root, "", nil)
}

func (m *Members) pathsIn(at *Structure, prefix string, list []string) []string {
	for i := range at.Members {
		member := &at.Members[i]
		path := prefix + member.Name
		switch part := member.Part; {
		case m.wanted[at.Number]&(1<<i) == 0:
		case part == nil || m.whole(part):
			list = append(list, path)
		case m.wanted[part.Number] == 0:
			list = append(list, path+"."+partOnly)
		default:
			list = m.pathsIn(part, path+".", list)
		}
	}
	return list
}

// whole says whether all that a structure holds is wanted.
func (m *Members) whole(s *Structure) bool {
	if m.wanted[s.Number] != s.all() {
		return false
	}
	return !slices.ContainsFunc(s.Members, func(member Member) bool { return member.Part != nil && !m.whole(member.Part) })
}

// add wants what has the name.
func (m *Members) add(name string) bool {
	s := m.of
	if owner, member, ok := s.qualified(name); ok {
		i := owner.index(member)
		if i < 0 {
			return false
		}
		m.wanted[owner.Number] |= 1 << i
		return true
	}
	at := s.root
	for rest := name; ; {
		step, behind, more := strings.Cut(rest, ".")
		i := at.index(step)
		if i < 0 {
			return false
		}
		m.wanted[at.Number] |= 1 << i
		next := s.behind(&at.Members[i])
		if !more {
			if next != nil {
				m.addWhole(next)
			}
			return true
		}
		if next == nil {
			return false
		}
		at, rest = next, behind
	}
}

func (m *Members) addWhole(s *Structure) {
	m.wanted[s.Number] = s.all()
	for i := range s.Members {
		if part := s.Members[i].Part; part != nil {
			m.addWhole(part)
		}
	}
}

// complete wants what belongs to what is wanted.
func (m *Members) complete() {
	s := m.of
	m.wanted[s.root.Number] |= s.always
	for _, p := range s.pointing {
		if m.wanted[p.from]&p.bit != 0 {
			m.wanted[s.root.Number] |= p.list
			m.wanted[p.to] |= p.id
		}
	}
}

// shape is what the members of a kind are found by.
type shape struct {
	kind  Kind
	root  *Structure
	parts map[string]*Structure // by their Go name, root among them
	// always are the bits of root that are wanted by themselves.
	always   uint64
	pointing []pointer
	numbers  int // of all structures
	// keys are what records' keys are computed from.
	keys map[Field]*Members
}

// pointer is a member that points at a line of the same record.
type pointer struct {
	from int // the structure that it is in
	bit  uint64
	list uint64 // root's bit of the lines
	to   int
	id   uint64
}

// shapes are those of every kind. It is never written to.
var shapes = shapesOf(descriptions, structures)

func shapesOf(kinds []*Description, of map[Kind]*Structure) map[Kind]*shape {
	all := make(map[Kind]*shape, len(kinds))
	numbers := 0
	for _, d := range kinds {
		s := &shape{kind: d.Kind, root: of[d.Kind], parts: map[string]*Structure{}}
		s.gather(s.root)
		for _, part := range s.parts {
			numbers = max(numbers, part.Number+1)
		}
		for _, name := range []string{"id", "version"} {
			if i := s.root.index(name); i >= 0 && (name == "id" || d.Versioned) {
				s.always |= 1 << i
			}
		}
		s.findPointers()
		all[d.Kind] = s
	}
	for _, d := range kinds {
		s := all[d.Kind]
		s.numbers = numbers
		s.keys = map[Field]*Members{FieldID: s.of(nil)}
		for _, key := range d.Keys {
			from := key.From
			if from == nil {
				from = []string{fieldMember(key.Field)}
			}
			s.keys[key.Field] = s.of(from)
		}
	}
	return all
}

// fieldMember is the member that is called as a field is: placedAt for placed_at.
func fieldMember(field Field) string {
	words := strings.Split(string(field), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// of wants what has the names, which stand in this program.
func (s *shape) of(names []string) *Members {
	m := s.none()
	for _, name := range names {
		if !m.add(name) {
			panic("crm: " + s.root.Type.Name() + " has no member " + name)
		}
	}
	m.complete()
	return m
}

func (s *shape) gather(part *Structure) {
	s.parts[part.Type.Name()] = part
	for i := range part.Members {
		if inside := part.Members[i].Part; inside != nil {
			s.gather(inside)
		}
	}
}

func (s *shape) findPointers() {
	for _, part := range s.parts {
		for i := range part.Members {
			if part.Members[i].Class != ValueLine {
				continue
			}
			lines := s.parts[part.Members[i].Type.Name()]
			p := pointer{from: part.Number, bit: 1 << i, to: lines.Number, id: 1 << lines.index("id")}
			for i := range s.root.Members {
				if s.root.Members[i].Part == lines {
					p.list = 1 << i
				}
			}
			s.pointing = append(s.pointing, p)
		}
	}
}

// none wants nothing.
func (s *shape) none() *Members {
	m := &Members{of: s, wanted: make([]uint64, s.numbers)}
	m.paths = sync.OnceValue(m.listPaths)
	return m
}

// behind is what a member leads to, nil for a single value: a part, or the lines that it
// points at.
func (s *shape) behind(m *Member) *Structure {
	if m.Class == ValueLine {
		return s.parts[m.Type.Name()]
	}
	return m.Part
}

// qualified takes a name apart that begins with a type.
func (s *shape) qualified(name string) (owner *Structure, member string, ok bool) {
	typ, member, ok := strings.Cut(name, ".")
	if !ok || s.parts[typ] == nil {
		return nil, "", false
	}
	return s.parts[typ], member, true
}

// index is the place of a member among the structure's, -1 if there is none of the name.
func (s *Structure) index(name string) int {
	return slices.IndexFunc(s.Members, func(m Member) bool { return m.Name == name })
}

// all are the bits of all members.
func (s *Structure) all() uint64 { return 1<<len(s.Members) - 1 }

// KeyMembers returns what a kind's records have to have for one of their keys to be
// computed, and their place in a list that is sorted by it.
func KeyMembers(kind Kind, field Field) *Members {
	s := shapes[kind]
	if s == nil || s.keys[field] == nil {
		return nil
	}
	return s.keys[field]
}

// Reads returns what a store reads of the kind's records: what is wanted, and what the
// places of records are computed from that are sorted by one of the fields. Members of
// another kind are CodeInvalid.
func (d *Description) Reads(want *Members, sorted ...Field) (*Members, error) {
	if want == nil {
		return nil, nil
	}
	if want.of.kind != d.Kind {
		return nil, &Error{Code: CodeInvalid, Op: "read some members of " + d.Name, Message: "the members are of another kind of record"}
	}
	for _, field := range sorted {
		want = want.With(KeyMembers(d.Kind, field))
	}
	return want, nil
}
