package exec

import "github.com/customer360/gateway/internal/crm"

// place is where a selection stands: in what was loaded for which field, and in a record
// of which kind.
type place struct {
	loaded *loaded
	kind   crm.Kind
}

// loaded are the names of what is selected of the records that a field loads, by kind.
type loaded struct {
	names map[crm.Kind][]string
	// whole are the kinds of which everything is needed.
	whole map[crm.Kind]bool
}

// enter goes into an object, which may be a record of a kind.
func (p *place) enter(kind crm.Kind) {
	if p.loaded == nil || kind == "" {
		return
	}
	p.kind = kind
	if p.loaded.names == nil {
		p.loaded.names, p.loaded.whole = map[crm.Kind][]string{}, map[crm.Kind]bool{}
	}
	if _, known := p.loaded.names[kind]; !known {
		p.loaded.names[kind] = nil
	}
}

// read notes that a field of a type is selected.
func (p *place) read(typ, field string, needs func(crm.Kind, string, string) ([]string, bool)) {
	if p.loaded == nil || p.kind == "" {
		return
	}
	names, ok := needs(p.kind, typ, field)
	if !ok {
		p.loaded.whole[p.kind] = true
	}
	p.loaded.names[p.kind] = append(p.loaded.names[p.kind], names...)
}

// members returns the members of each kind that are needed, nil for all of them.
func (l *loaded) members() map[crm.Kind]*crm.Members {
	if len(l.names) == 0 {
		return nil
	}
	members := make(map[crm.Kind]*crm.Members, len(l.names))
	for kind, names := range l.names {
		members[kind] = nil
		if one, err := crm.MembersOf(kind, names...); err == nil && !l.whole[kind] {
			members[kind] = one
		}
	}
	return members
}
