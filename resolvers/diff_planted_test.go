package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"testing"
)

// planted are faults of an executor, as its answers show them. They leave an answer as
// it is that they do not concern.
var planted = map[string]func(t *testing.T, body []byte) []byte{
	"null stays below what must be null": func(t *testing.T, body []byte) []byte {
		var answer struct {
			Data   any
			Errors []struct{ Path []any }
		}
		decode(t, body, &answer)
		for _, e := range answer.Errors {
			if len(beyondNull(answer.Data, e.Path)) == 0 {
				continue
			}
			at := bytes.Index(body, []byte(`"data":`))
			return append(body[:at:at], bytes.Replace(body[at:], []byte(`:null`), []byte(`:{}`), 1)...)
		}
		return body
	},
	"errors stand as they came": func(t *testing.T, body []byte) []byte {
		var answer struct{ Errors []json.RawMessage }
		decode(t, body, &answer)
		if len(answer.Errors) < 2 {
			return body
		}
		first, second := answer.Errors[0], answer.Errors[1]
		return bytes.Replace(body, []byte(string(first)+","+string(second)), []byte(string(second)+","+string(first)), 1)
	},
	"a value instead of its mask": func(_ *testing.T, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"•••"`), []byte(`"Zoe"`))
	},
	"null instead of a mask": func(_ *testing.T, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"•••"`), []byte(`null`))
	},
	"what is masked is not told": func(_ *testing.T, body []byte) []byte {
		return regexp.MustCompile(`,"extensions":\{"masked":\[[^]]*\]\}`).ReplaceAll(body, nil)
	},
	"an error without its place": func(_ *testing.T, body []byte) []byte {
		return regexp.MustCompile(`,"locations":\[[^]]*\]`).ReplaceAll(body, nil)
	},
	"another order of fields": func(_ *testing.T, body []byte) []byte {
		return regexp.MustCompile(`("edges":\[[^]]*\]),("nodes":\[[^]]*\])`).ReplaceAll(body, []byte("$2,$1"))
	},
	"true for false": func(_ *testing.T, body []byte) []byte {
		return bytes.Replace(body, []byte(`:false`), []byte(`:true`), 1)
	},
}

// TestPlantedFaultsAreFound makes the levels' answers wrong in one way each. The
// comparison of random documents must find it, and must find nothing but for that.
func TestPlantedFaultsAreFound(t *testing.T) {
	p := faultyPair(t)
	found, concerned := map[string]int{}, map[string]int{}
	eachAsk(variedOver(p), 1, fewDocuments/2, func(a ask) ([]byte, bool) {
		ctx := with(context.Background(), a.faults)
		want := p.reference.outcome(ctx, t, a.request(t), a.who)
		right := p.levels.outcome(ctx, t, a.request(t), a.who)
		for what, plant := range planted {
			wrong := right
			if wrong.body = plant(t, bytes.Clone(right.body)); bytes.Equal(wrong.body, right.body) {
				continue
			}
			concerned[what]++
			if difference(want, wrong) != "" {
				found[what]++
			}
		}
		return want.body, true
	})
	for what := range planted {
		if concerned[what] == 0 || found[what] != concerned[what] {
			t.Errorf("%s: found in %d of %d answers", what, found[what], concerned[what])
		}
	}
}
