package matrix_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// leak is something that an asker got and may not have.
type leak struct {
	asker, question, what string
	paths                 []string
}

func (l leak) String() string { return l.asker + ": " + l.question + ": " + l.what }

// detector finds in answers what their asker may not have.
type detector struct {
	*oracle
	canaries *canaries
}

// canaries find the world's values in a text.
type canaries struct {
	form, encoded *regexp.Regexp
	origins       map[string]origin
}

func newCanaries(w *world) *canaries {
	return &canaries{
		form: regexp.MustCompile(`zq\d{6,}qz|\+4499\d{8}|\d{4}-\d\d-\d\dT[\d:.]{12}Z|\b\d{4}-\d\d-\d\d\b|\b\d+\.\d\d\b|\b\d{13}\b|\bz\d{6}q\b|Africa/\w+|` +
			`\b(?:` + prefixes() + `)_[a-z0-9-]+(?:\.[a-z0-9-]+)?`),
		encoded: regexp.MustCompile(`[A-Za-z0-9_-]{20,}`),
		origins: w.origins,
	}
}

// prefixes are what ids begin with: those of records and of carts.
func prefixes() string {
	list := []string{"crt"}
	for _, kind := range crm.Kinds() {
		list = append(list, string(kind))
	}
	return strings.Join(list, "|")
}

// in returns what of the world is in a text, plain or in base64, by whatever name.
func (c *canaries) in(text string) map[string]origin {
	found := map[string]origin{}
	c.add(text, found)
	for _, part := range c.encoded.FindAllString(text, -1) {
		if raw, err := base64.RawURLEncoding.DecodeString(part); err == nil && json.Valid(raw) {
			c.add(string(raw), found)
		}
	}
	return found
}

func (c *canaries) add(text string, found map[string]origin) {
	for _, part := range c.form.FindAllString(text, -1) {
		if from, ok := c.origins[part]; ok {
			found[part] = from
		}
	}
}

// look returns what an asker may not have in an answer to what was asked.
func (d *detector) look(q question, got answer) []leak {
	var leaks []leak
	add := func(format string, args ...any) {
		leaks = append(leaks, leak{asker: d.name, question: q.name, what: fmt.Sprintf(format, args...), paths: q.paths})
	}
	var headers strings.Builder
	_ = got.header.Write(&headers)
	for where, text := range map[string]string{"body": string(got.body), "headers": headers.String()} {
		for canary, from := range d.canaries.in(text) {
			if !d.readable(from) {
				add("%s has %s, %v of %s %s", where, canary, from.coords, d.world.ownerOf(from.record), from.record)
			}
		}
	}
	for canary, from := range d.canaries.in(got.log) {
		if canary != string(from.record) {
			add("the log has %s, %v of %s", canary, from.coords, d.world.ownerOf(from.record))
		}
	}
	var body struct{ Data map[string]any }
	if err := json.Unmarshal(got.body, &body); err != nil {
		add("the answer is no JSON: %v", err)
	}
	d.walk(body.Data, "Query", "", add)
	return leaks
}

// walk looks at the fields of an object that may not be read at all, and at objects
// where they may not be.
func (d *detector) walk(o map[string]any, typ, at string, add func(string, ...any)) {
	if name, ok := o["__typename"].(string); ok {
		typ = name
	}
	if d.misplaced(typ, at) {
		add("%s gives a %s", at, typ)
	}
	if source, ok := o["SourceStatus_source"].(string); ok && !d.hears(source) {
		add("%s tells of the source %s", at, source)
	}
	for alias, value := range o {
		if alias == "__typename" {
			continue
		}
		coord := coordinateOf(alias)
		_, field, _ := strings.Cut(coord, ".")
		if !empty(value) && (!d.permitted(d.graph, coord) || !d.permitted(d.graph, coordOf(typ, field))) {
			add("%s is answered on a %s", coord, typ)
		}
		d.values(value, coord, add)
	}
}

func (d *detector) values(value any, at string, add func(string, ...any)) {
	switch v := value.(type) {
	case map[string]any:
		if _, ok := v["__typename"]; ok { // Any other is a JSON value.
			d.walk(v, "", at, add)
		}
	case []any:
		for _, one := range v {
			d.values(one, at, add)
		}
	}
}

// coordinateOf returns the field that a response name stands for.
func coordinateOf(alias string) string {
	alias, _, _ = strings.Cut(alias, "__")
	return strings.Replace(alias, "_", ".", 1)
}

// empty says whether an answer's value tells nothing: null, an empty list, or what
// stands in the place of personal data.
func empty(value any) bool {
	list, ok := value.([]any)
	return value == nil || value == "•••" || ok && len(list) == 0
}

// reached adds the paths at which an answer has objects.
func reached(o *object, value any, paths map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			reached(o, one, paths)
		}
	case map[string]any:
		if name, ok := v["__typename"].(string); ok && name != o.typ {
			return
		}
		paths[o.path] = true
		for _, s := range o.steps {
			for _, to := range s.to {
				reached(to, v[aliasOf(s.typ, s.field)], paths)
			}
		}
	}
}

// dataOf returns the data of an answer.
func dataOf(t *testing.T, got answer) map[string]any {
	t.Helper()
	var body struct{ Data map[string]any }
	if err := json.Unmarshal(got.body, &body); err != nil || body.Data == nil {
		t.Fatalf("no data: %.500s", got.body)
	}
	return body.Data
}
