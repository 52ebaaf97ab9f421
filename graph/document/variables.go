package document

import "github.com/vektah/gqlparser/v2/gqlerror"

// Variables checks the JSON text of a request's variables, before it is decoded,
// against Limits.VariableValues and Limits.VariableDepth. It does not check that the
// text is JSON; decoding does.
func (p *Planner) Variables(text []byte) *gqlerror.Error {
	values, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			// The outermost object is the variables themselves.
			if depth++; depth > plus(p.limits.VariableDepth, 1) {
				return refuse(CodeLimitExceeded, "The variables nest deeper than %d lists and objects.", p.limits.VariableDepth)
			}
			values++
		case '}', ']':
			depth--
		case ',':
			values++
		}
		if values > p.limits.VariableValues {
			return refuse(CodeLimitExceeded, "The variables have more than %d values.", p.limits.VariableValues)
		}
	}
	return nil
}
