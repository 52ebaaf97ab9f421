package recordtest

import "github.com/customer360/gateway/internal/crm"

// MemberNames lists names of a kind's members, as crm.MembersOf takes them: each by its
// path, and each by its type.
func MemberNames(kind crm.Kind) []string {
	var names []string
	var gather func(s *crm.Structure, prefix string)
	gather = func(s *crm.Structure, prefix string) {
		for i := range s.Members {
			m := &s.Members[i]
			names = append(names, prefix+m.Name, s.Type.Name()+"."+m.Name)
			if m.Part != nil {
				gather(m.Part, prefix+m.Name+".")
			}
		}
	}
	gather(crm.StructureOf(kind), "")
	return names
}
