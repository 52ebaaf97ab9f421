package files

import "fmt"

// EnumValues returns the values of every enumeration by its type's name.
func EnumValues() map[string][]string {
	values := map[string][]string{}
	for typ, list := range enums() {
		values[typ.Name()] = list
	}
	return values
}

// SchemaGaps names what the tables beside the schemas lack.
func SchemaGaps() []string {
	gaps := []string{}
	for _, h := range handlers() {
		visitSchema(h.about().schema, map[*schema]bool{}, func(s *schema) {
			if s.shape == shapeReference && s.to == "" {
				gaps = append(gaps, fmt.Sprintf("a reference of %s names no kind", h.about().name))
			}
			if s.shape == shapeInt && s.high == 0 {
				gaps = append(gaps, fmt.Sprintf("a whole number of %s has no bounds", h.about().name))
			}
		})
	}
	return gaps
}

func visitSchema(s *schema, seen map[*schema]bool, f func(*schema)) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	f(s)
	visitSchema(s.element, seen, f)
	for _, m := range s.members {
		visitSchema(m, seen, f)
	}
}
