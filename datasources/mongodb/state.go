package mongodb

import "maps"

// state is what is stored of the records that units touch, and what becomes of it
// while they are judged one after another.
type state struct {
	// initial is what was stored before the transaction, records what would be
	// stored now; both have an entry for every id that the units touch.
	initial, records map[string]held
	// present are parents that the units do not touch, if they are stored.
	present map[string]bool
	// owners are the ids of the records that have the unique values which the
	// units name, by uniqueName.
	owners map[string]string
	// references counts the records touched that have an id as parent, in each
	// field. It is known where a unit removes a parent.
	references map[string]int
	// blocked are ids that records not touched have as parent.
	blocked map[string]bool
	// refused are the units that cannot be stored, with the reason.
	refused map[*unit]error
}

// held is what is stored under an id.
type held struct {
	there   bool
	version int
	parents []string
	unique  []string
	by      *change // the change that made it so; nil if none did
}

// newState is what holds if none of the records to be stored is there yet.
func newState(units []*unit) *state {
	s := &state{
		initial: map[string]held{}, present: map[string]bool{}, blocked: map[string]bool{},
	}
	for _, u := range units {
		for _, c := range u.changes {
			if c.refused == nil {
				s.initial[c.id] = held{}
			}
		}
	}
	s.reset()
	return s
}

// reset undoes what was judged.
func (s *state) reset() {
	s.records, s.refused = maps.Clone(s.initial), map[*unit]error{}
	s.owners, s.references = map[string]string{}, map[string]int{}
}

// judge lets each unit have its effect, if each of its changes can be made.
func (s *state) judge(units []*unit) {
	for _, u := range units {
		before := make([]held, 0, len(u.changes))
		for _, c := range u.changes {
			if err := s.refusal(c); err != nil {
				s.refused[u] = err
				for i := len(before) - 1; i >= 0; i-- {
					s.set(u.changes[i].of, u.changes[i].id, before[i])
				}
				break
			}
			next := held{there: !c.removes(), parents: c.parents, unique: c.unique, by: c}
			if next.there {
				next.version = c.version
			}
			before = append(before, s.set(c.of, c.id, next))
		}
	}
}

// refusal says why a change cannot be made now: the first reason that crm.Store
// names.
func (s *state) refusal(c *change) error {
	if c.refused != nil {
		return c.refused
	}
	now := s.records[c.id]
	if now.there != (c.expect != 0) || now.version != c.expect {
		return c.conflict()
	}
	for _, value := range c.unique {
		if owner, taken := s.owners[uniqueName(c.of, value)]; taken && owner != c.id {
			return c.conflict()
		}
	}
	if c.removes() {
		if s.blocked[c.id] || s.references[c.id] > 0 {
			return c.invalid(messageParent, nil)
		}
		return nil
	}
	if c.orphan {
		return c.invalid(messageNoParent, nil)
	}
	for _, id := range c.parents {
		if !s.stored(id) {
			return c.invalid(messageNoParent, nil)
		}
	}
	return nil
}

func (s *state) stored(id string) bool {
	if now, touched := s.records[id]; touched {
		return now.there
	}
	return s.present[id]
}

// set changes what is stored under an id and gives what was before.
func (s *state) set(of *collection, id string, next held) (before held) {
	before = s.records[id]
	for _, value := range before.unique {
		if name := uniqueName(of, value); s.owners[name] == id {
			delete(s.owners, name)
		}
	}
	for _, parent := range before.parents {
		s.references[parent]--
	}
	s.records[id] = next
	for _, value := range next.unique {
		s.owners[uniqueName(of, value)] = id
	}
	for _, parent := range next.parents {
		s.references[parent]++
	}
	return before
}
