package upstream

// An answer of very many very small values takes little room on the way and very
// much in memory: "[0,0,0" makes a record of several hundred bytes out of two.
// So their number is bounded as well. What shops say has 100 bytes or more for
// each object and each item of a list, on average.
const (
	bytesPerValue = 48
	leastValues   = 1000
	maxDepth      = 10000 // encoding/json has the same bound
)

// values counts the objects and the items of lists in a JSON text that comes in
// parts. Nothing is decoded: a text that is no JSON has some number too.
type values struct {
	objects, items int
	lists          []bool // for each value that is open, whether it is a list
	quoted         bool   // within a text
	escaped        bool   // behind a backslash
}

// within counts a part, and says whether the numbers are at most so many.
func (v *values) within(part []byte, most int) bool {
	for _, c := range part {
		if v.quoted {
			switch {
			case v.escaped:
				v.escaped = false
			case c == '\\':
				v.escaped = true
			case c == '"':
				v.quoted = false
			}
			continue
		}
		switch c {
		case '"':
			v.quoted = true
		case '{':
			v.objects++
			v.lists = append(v.lists, false)
		case '[':
			v.items++
			v.lists = append(v.lists, true)
		case '}', ']':
			v.lists = v.lists[:max(len(v.lists)-1, 0)]
		case ',':
			if n := len(v.lists); n > 0 && v.lists[n-1] {
				v.items++
			}
		}
		if len(v.lists) > maxDepth {
			return false
		}
	}
	return max(v.objects, v.items) <= most
}
