package crm

import (
	"reflect"
	"slices"
	"strings"
)

// Said is what somebody says of one element of a list that several systems add to, or of
// a part that they do.
type Said struct {
	// Says tells whether a member was said; nil is all of them. Of a text there is nothing
	// else to say.
	Says func(member string) bool
	// Elements is what is said of each element of a list, as that of an Upsert.
	Elements func(member string) []Said
	// Remove says that the element is to go.
	Remove bool
}

func (s Said) says(member string) bool { return s.Says == nil || s.Says(member) }

// elements is what is said of each element of a list, or of a part alone; nil for what is
// said whole.
func (s Said) elements(m *Member) []Said {
	if s.Elements == nil || m.Same == nil && !m.Shared || !s.says(m.Name) {
		return nil
	}
	return s.Elements(m.Name)
}

// overlay lays the members of a structure that are said over those that are stored.
// origins are those of merge, by list; way leads to the structure.
func (s *Structure) overlay(stored, said reflect.Value, of Said, way ...step) (origins map[string][]int, err error) {
	origins = map[string][]int{}
	for i := range s.Members {
		m := &s.Members[i]
		if !of.says(m.Name) {
			continue
		}
		at, from := stored.Field(m.index), said.Field(m.index)
		switch elements := of.elements(m); {
		case elements == nil:
			at.Set(from)
		case m.List:
			origins[m.Name], err = m.merge(at, from, elements, way...)
		case at.IsNil():
			m.Part.leaveOut(from.Elem(), elements[0])
			if !m.Part.empty(from.Elem()) { // Nothing said changes nothing.
				at.Set(from)
			}
		default:
			_, err = m.Part.overlay(at.Elem(), from.Elem(), elements[0], append(slices.Clone(way), step{m.Name, -1})...)
		}
		if err != nil {
			return nil, err
		}
	}
	return origins, nil
}

// leaveOut takes the elements that are to be removed out of what is new.
func (s *Structure) leaveOut(v reflect.Value, of Said) {
	for i := range s.Members {
		m := &s.Members[i]
		said, at := of.elements(m), v.Field(m.index)
		switch {
		case said == nil:
		case !m.List:
			m.Part.leaveOut(at.Elem(), said[0])
		case slices.ContainsFunc(said, func(s Said) bool { return s.Remove }):
			kept := reflect.MakeSlice(at.Type(), 0, at.Len())
			for i := range at.Len() {
				if !said[i].Remove {
					kept = reflect.Append(kept, at.Index(i))
				}
			}
			at.Set(kept)
		}
	}
}

// empty says whether a structure has nothing in any member.
func (s *Structure) empty(v reflect.Value) bool {
	return !slices.ContainsFunc(s.Members, func(m Member) bool {
		at := v.Field(m.index)
		return !at.IsZero() && (!m.List || at.Len() > 0)
	})
}

// merging lays what is said of a list over the list that is stored.
type merging struct {
	*Member
	stored, said reflect.Value // lists
	of           []Said        // the elements of said
	way          []step        // to the structure that has the list
	// matches are, for each element of said, the one of stored that it is about, -1 for
	// none.
	matches []int
}

// merge lays elements that are said over those that are stored, of a list that is set
// in place. An element that is stored keeps its place and the members that are not said
// of it; a new one comes behind them. origins are, for each element that there is then,
// where it was in the list that was stored, -1 for a new one. What is wrong with an
// element is said with its place in what was said; way leads to the list.
func (m *Member) merge(stored, said reflect.Value, of []Said, way ...step) (origins []int, err error) {
	merge := merging{Member: m, stored: stored, said: said, of: of, way: way}
	merge.match()
	if err := merge.check(); err != nil {
		return nil, err
	}
	gone := map[int]bool{}
	for i, at := range merge.matches {
		switch {
		case at >= 0 && of[i].Remove:
			gone[at] = true
		case at >= 0:
			merge.lay(merge.part(stored.Index(at)), merge.part(said.Index(i)), of[i])
		}
	}
	list := reflect.MakeSlice(stored.Type(), 0, stored.Len()+said.Len())
	for i := range stored.Len() {
		if !gone[i] {
			list, origins = reflect.Append(list, stored.Index(i)), append(origins, i)
		}
	}
	for i, at := range merge.matches {
		if at < 0 && !of[i].Remove {
			list, origins = reflect.Append(list, said.Index(i)), append(origins, -1)
		}
	}
	stored.Set(list)
	merge.concede(list, origins)
	return origins, nil
}

// part is an element below its pointer.
func (m *merging) part(element reflect.Value) reflect.Value {
	if m.pointer {
		return element.Elem()
	}
	return element
}

// match finds the stored element that each said one is about: of several that are
// told apart by nothing, one that is as it is said to be, else the one that is most
// alike. What has nothing to be told from others by is about one that is as it is said
// to be and has nothing either: it comes last of the ways.
func (m *merging) match() {
	m.matches = make([]int, m.said.Len())
	free := make([]map[string][]int, len(m.Same)+1) // by key, for each way to tell elements apart
	for way := range free {
		free[way] = map[string][]int{}
		for i := range m.stored.Len() {
			if key := m.key(way, m.stored.Index(i)); key != "" {
				free[way][key] = append(free[way][key], i)
			}
		}
	}
	taken := map[int]bool{}
	for i := range m.matches {
		m.matches[i] = -1
	}
	for _, exact := range []bool{true, false} {
		for i := range m.matches {
			if m.matches[i] >= 0 {
				continue
			}
			if at := m.nearest(i, free, taken, exact); at >= 0 {
				m.matches[i], taken[at] = at, true
			}
		}
	}
}

// nearest is the free stored element that a said one is about, -1 for none.
func (m *merging) nearest(i int, free []map[string][]int, taken map[int]bool, exact bool) int {
	best, most := -1, -1
	for way := range free {
		key := m.key(way, m.said.Index(i))
		if key == "" {
			continue
		}
		candidates := slices.DeleteFunc(free[way][key], func(at int) bool { return taken[at] })
		free[way][key] = candidates
		for _, at := range candidates {
			if m.apart(way, i, at) {
				continue
			}
			alike, all := m.alike(m.part(m.said.Index(i)), m.part(m.stored.Index(at)), m.of[i])
			if all {
				return at
			}
			if !exact && way < len(m.Same) && alike > most {
				best, most = at, alike
			}
		}
		if best >= 0 {
			return best
		}
	}
	return best
}

// apart says whether an earlier way tells two elements apart that are the same by a
// later one.
func (m *merging) apart(way, said, stored int) bool {
	for earlier := range way {
		a, b := m.key(earlier, m.said.Index(said)), m.key(earlier, m.stored.Index(stored))
		if a != "" && b != "" && a != b {
			return true
		}
	}
	return false
}

// bare is the key of all that has nothing to be told from others by.
const bare = "bare"

// key is what tells an element from the others by one way, "" if it has nothing of it;
// the way after the last is that of what has nothing by any.
func (m *merging) key(way int, element reflect.Value) string {
	if way == len(m.Same) {
		for earlier := range way {
			if m.key(earlier, element) != "" {
				return ""
			}
		}
		return bare
	}
	element = m.part(element)
	if m.Part == nil {
		return element.String()
	}
	var key strings.Builder
	filled := false
	for _, name := range m.Same[way] {
		text := m.Part.Member(name).keyOf(element)
		filled = filled || text != ""
		key.WriteString(text)
		key.WriteByte(0)
	}
	if !filled {
		return ""
	}
	return key.String()
}

// keyOf is the text of a part's member by which elements are compared.
func (m *Member) keyOf(part reflect.Value) string {
	value := part.Field(m.index)
	if m.pointer {
		if value.IsNil() {
			return ""
		}
		value = value.Elem()
	}
	if m.fold != nil {
		return m.fold(value.String())
	}
	return value.String()
}

// alike counts the members that are as they are said to be; all says whether that is
// every one that is said.
func (m *merging) alike(said, stored reflect.Value, of Said) (n int, all bool) {
	if m.Part == nil {
		return 1, true
	}
	all = true
	for i := range m.Part.Members {
		member := &m.Part.Members[i]
		switch {
		case !of.says(member.Name):
		case sameMember(said.Field(member.index), stored.Field(member.index), member):
			n++
		default:
			all = false
		}
	}
	return n, all
}

// lay sets the members of a stored element that are said. If it has become another
// thing, nothing but what tells it from the others stays of the rest.
func (m *merging) lay(stored, said reflect.Value, of Said) {
	if m.Part == nil {
		return
	}
	anew := false
	if m.Anew != "" && of.says(m.Anew) {
		member := m.Part.Member(m.Anew)
		anew = member.keyOf(stored) != member.keyOf(said)
	}
	for i := range m.Part.Members {
		member := &m.Part.Members[i]
		switch at := stored.Field(member.index); {
		case of.says(member.Name):
			at.Set(said.Field(member.index))
		case anew && !slices.Contains(m.Same[0], member.Name):
			at.SetZero()
		}
	}
}

// concede takes what one element alone may have from the others, if it is said of one.
func (m *merging) concede(list reflect.Value, origins []int) {
	if m.Sole == "" {
		return
	}
	index := m.Part.Member(m.Sole).index
	said := map[int]bool{} // by the place in the list
	for i, at := range m.matches {
		if m.of[i].Remove || !m.of[i].says(m.Sole) || !m.part(m.said.Index(i)).Field(index).Bool() {
			continue
		}
		if at >= 0 {
			said[slices.Index(origins, at)] = true
		} else {
			said[m.newPlace(i, origins)] = true
		}
	}
	if len(said) == 0 {
		return
	}
	for i := range list.Len() {
		if !said[i] {
			m.part(list.Index(i)).Field(index).SetBool(false)
		}
	}
}

// newPlace is where a said element that is new stands in the list.
func (m *merging) newPlace(said int, origins []int) int {
	place := slices.Index(origins, -1)
	for i := range said {
		if m.matches[i] < 0 && !m.of[i].Remove {
			place++
		}
	}
	return place
}

// check returns what is wrong with what is said, with its place in what was said: the
// whole of an element that is new, and the members that are said of one that is stored.
func (m *merging) check() error {
	c := checker{steps: append(slices.Clone(m.way), step{})}
	for i := range m.said.Len() {
		c.steps[len(m.way)] = step{m.Name, i}
		if m.pointer && m.said.Index(i).IsNil() {
			return c.wrong("must not be null")
		}
		element := m.part(m.said.Index(i))
		switch {
		case m.of[i].Remove:
			if m.unnamed(i) {
				return c.wrong("must say what is to be removed")
			}
		case m.matches[i] < 0 || m.Part == nil:
			if err := c.value(m.said.Index(i), m.Member); err != nil {
				return err
			}
		default:
			if err := c.members(element, m.Part, m.of[i].says); err != nil {
				return err
			}
		}
	}
	return nil
}

// unnamed says whether nothing of an element tells it from others.
func (m *merging) unnamed(i int) bool {
	for way := range m.Same {
		if m.key(way, m.said.Index(i)) != "" {
			return false
		}
	}
	return true
}
