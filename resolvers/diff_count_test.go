package resolvers_test

import (
	"slices"
	"testing"
)

// count notes what an answer has, by the names of inAnswers.
func count(t testing.TB, saw map[string]int, body []byte) {
	t.Helper()
	var answer struct {
		Data   any
		Errors []struct {
			Path       []any
			Extensions map[string]any
		}
		Extensions struct{ Masked []string }
	}
	decode(t, body, &answer)
	note := func(what string, is bool) {
		if is {
			saw[what]++
		}
	}
	note("whole", len(answer.Errors) == 0)
	note("masked", len(answer.Extensions.Masked) > 0)
	note("several errors", len(answer.Errors) > 1)
	note("no data", answer.Data == nil && len(answer.Errors) > 0 && len(answer.Errors[0].Path) > 0)
	for _, e := range answer.Errors {
		code, _ := e.Extensions["code"].(string)
		note(code, true)
		note("not valid", len(e.Path) == 0)
		note("error of a source", e.Extensions["source"] != nil)
		if len(e.Path) == 0 {
			continue
		}
		_, inList := e.Path[len(e.Path)-1].(float64)
		note("error in a list", inList)
		missing := beyondNull(answer.Data, e.Path)
		note("null for an error", len(missing) == 0)
		note("null above the error", len(missing) > 0)
		note("null above a list", slices.ContainsFunc(missing, func(element any) bool { _, is := element.(float64); return is }))
	}
}

// beyondNull returns the rest of a path that lies below the null that ends it in data.
func beyondNull(data any, path []any) []any {
	for i, element := range path {
		switch at := data.(type) {
		case map[string]any:
			key, _ := element.(string)
			data = at[key]
		case []any:
			n, _ := element.(float64)
			if int(n) >= len(at) {
				return path[i:]
			}
			data = at[int(n)]
		default:
			return path[i:]
		}
	}
	return nil
}
