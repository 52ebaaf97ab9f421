package persisted_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/graph/document/persisted"
)

// balanced stands for a parser: it refuses braces that do not match.
func balanced(text string) error {
	if strings.Count(text, "{") != strings.Count(text, "}") {
		return errors.New("braces do not match")
	}
	return nil
}

func load(t *testing.T, text []byte) (*persisted.Documents, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.json")
	write(t, path, text)
	return persisted.New(persisted.Config{Manifest: path, Validate: balanced})
}

func TestManifests(t *testing.T) {
	good := op{"1", "A", "query", "{ a }"}
	with := func(ops ...op) string { return string(manifest(t, append([]op{good}, ops...)...)) }
	cases := map[string]struct {
		text string
		// want is a part of the error, "" for none.
		want string
	}{
		"good":                          {with(op{"2", "B", "mutation", "mutation B { b }"}), ""},
		"no operations":                 {string(manifest(t)), ""},
		"without name and type":         {with(op{ID: "2", Body: "{ b }"}), ""},
		"one text with two ids":         {with(op{"2", "B", "query", good.Body}), ""},
		"fields that others add":        {`{"format":"apollo-persisted-query-manifest","version":1,"x":[],"operations":[{"id":"1","clientName":"web","body":"{ a }"}]}`, ""},
		"graphql-codegen's":             {`{"0c94b8e2d6f4b5e5a3c1f8f6c1c6c7d5b2f3a4e1": "query A { a }", "2": "{ b }"}`, ""},
		"Relay's":                       {`{"f342912663618a4f3b2e32b3b9ad2d6d": "query A(\n  $id: ID!\n) {\n  a\n}\n"}`, ""},
		"pairs, one text with two ids":  {`{"1": "{ a }", "2": "{ a }"}`, ""},
		"nothing":                       {`{}`, "no format, and no documents"},
		"pairs, an id twice":            {`{"1": "{ a }", "2": "{ b }", "1": "{ c }"}`, "operation 2: its id is an earlier one's"},
		"pairs, an empty id":            {`{"": "{ a }"}`, "operation 0: it has no id"},
		"pairs, an empty text":          {`{"1": "{ a }", "2": ""}`, "operation 1: it has no body"},
		"pairs, a long id":              {`{"` + strings.Repeat("x", 257) + `": "{ a }"}`, "operation 0: its id is longer"},
		"pairs, no text":                {`{"1": "{ a }", "2": {"body": "{ b }"}}`, "operation 1: it is no text"},
		"pairs, null":                   {`{"1": null}`, "operation 0: it is no text"},
		"pairs, not valid":              {`{"1": "{ a }", "2": "{ b"}`, "operation 1: its body is not valid: braces"},
		"pairs, a hash of another":      {`{"` + hash("{ b }") + `": "{ a }", "2": "{ b }"}`, "operation 0: its id is the SHA-256 of another"},
		"pairs, cut off":                {`{"1": "{ a }", "2`, "cannot be read"},
		"pairs, something after them":   {`{"1": "{ a }"} {}`, "cannot be read"},
		"pairs and a manifest":          {`{"1": "{ a }", "operations": []}`, "format"},
		"empty file":                    {"", "cannot be read"},
		"no JSON":                       {"<html>", "cannot be read"},
		"cut off":                       {with()[:60], "cannot be read"},
		"something after it":            {with() + "{}", "cannot be read"},
		"a list":                        {"[]", "cannot be read"},
		"not UTF-8":                     {with(op{"2", "B", "query", "{ b }"})[:40] + "\xff", "UTF-8"},
		"another format":                {strings.Replace(with(), "apollo-", "other-", 1), "format"},
		"a later version":               {strings.Replace(with(), `"version":1`, `"version":2`, 1), "version"},
		"no version":                    {strings.Replace(with(), `"version":1`, `"v":1`, 1), "version"},
		"operations missing":            {strings.Replace(with(), `"operations"`, `"others"`, 1), "no operations"},
		"operations null":               {`{"format":"apollo-persisted-query-manifest","version":1,"operations":null}`, "operations is null"},
		"operations no list":            {`{"format":"apollo-persisted-query-manifest","version":1,"operations":{}}`, "not a list"},
		"an operation of another shape": {`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"1","body":"{ a }"},{"id":2}]}`, "operation 1: "},
		"no id":                         {with(op{"", "B", "query", "{ b }"}), "operation 1: it has no id"},
		"a long id":                     {with(op{strings.Repeat("x", 257), "B", "query", "{ b }"}), "operation 1: its id is longer"},
		"no body":                       {with(op{"2", "B", "query", ""}), "operation 1: it has no body"},
		"an unknown type":               {with(op{"2", "B", "fragment", "{ b }"}), "operation 1: its type"},
		"an id twice":                   {with(op{"2", "B", "query", "{ b }"}, op{"1", "C", "query", "{ c }"}), "operation 2: its id is an earlier one's"},
		"the hash of another as an id":  {with(op{hash("{ c }"), "B", "query", "{ b }"}, op{"3", "C", "query", "{ c }"}), "operation 1: its id is the SHA-256 of another"},
		"that with its prefix":          {with(op{"sha256:" + hash("{ a }"), "B", "query", "{ b }"}), "operation 1: its id is the SHA-256 of another"},
		"a body that is not valid":      {with(op{"2", "B", "query", "{ b }"}, op{"3", "C", "query", "{ c"}), "operation 2: its body is not valid: braces"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, []byte(test.text))
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestManifestBounds(t *testing.T) {
	ops := make([]op, persisted.MaxOperations)
	for i := range ops {
		ops[i] = op{ID: fmt.Sprint(i), Body: fmt.Sprintf("{ a%d }", i)}
	}
	if _, err := load(t, manifest(t, ops...)); err != nil {
		t.Errorf("as many operations as there may be: %v", err)
	}
	if _, err := load(t, manifest(t, append(ops, op{ID: "x", Body: "{ x }"})...)); err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Errorf("one operation too many: got %v", err)
	}
	pairs := map[string]string{}
	for i := range persisted.MaxOperations + 1 {
		pairs[fmt.Sprint(i)] = fmt.Sprintf("{ a%d }", i)
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Errorf("one pair too many: got %v", err)
	}
	large := manifest(t, op{ID: "1", Body: "{ a }"})
	large = append(large, slices.Repeat([]byte(" "), persisted.MaxManifest-len(large))...)
	if _, err := load(t, large); err != nil {
		t.Errorf("as large as it may be: %v", err)
	}
	if _, err := load(t, append(large, ' ')); err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("a byte too large: got %v", err)
	}
}

// A manifest that is taken gives each of its operations by its id and its text, and
// nothing else; one that is refused is refused with an error.
func FuzzManifest(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "manifest.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	for _, seed := range []string{
		"", "null", "{}", `{"1":"{ a }","2":"{ b }"}`, `{"1":"{ a }","1":"{ b }"}`, `{"Operations":"{ a }"}`, `{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"1","body":"{ a }"},{"id":"1","body":"{"}]}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[[[[[`,
		`{"FORMAT":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"b"}],"operations":[]}`,
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "manifest.json")
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, path, text)
		d, err := persisted.New(persisted.Config{Manifest: path, Mode: persisted.ModeSafelist, Validate: balanced})
		if err != nil {
			return
		}
		var file struct{ Operations []op }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatalf("taken, but no JSON: %v", err)
		}
		var bodies []string
		for body := range d.Trusted() {
			if balanced(body) != nil {
				t.Errorf("not valid: %q", body)
			}
			if found, err := d.Resolve(&body, ""); err != nil || found.Text != body || !found.Trusted {
				t.Errorf("by text: got %+v, %v", found, err)
			}
			if found, err := d.Resolve(nil, hash(body)); err != nil || found.Text != body {
				t.Errorf("by hash: got %+v, %v, want %q", found, err, body)
			}
			bodies = append(bodies, body)
		}
		var pairs map[string]string
		if json.Unmarshal(text, &pairs) == nil {
			for id, body := range pairs {
				if found, err := d.Resolve(nil, id); err != nil || found.Text != body || !found.Trusted {
					t.Errorf("by the id of a pair: got %+v, %v, want %q", found, err, body)
				}
			}
		}
		for _, o := range file.Operations {
			if found, err := d.Resolve(nil, o.ID); err == nil && found.Text != o.Body {
				t.Errorf("by id: got %q, want %q", found.Text, o.Body)
			}
		}
		if got, err := d.Resolve(nil, "no id"); err == nil && !slices.Contains(bodies, got.Text) {
			t.Errorf("out of nothing: %+v", got)
		}
		if again := slices.Collect(d.Trusted()); !cmp.Equal(again, bodies) {
			t.Error("the second time the texts are others")
		}
	})
}
