package document_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/test/sdl"
)

var update = flag.Bool("update", false, "write down what graphql-js says (make coercion)")

// golden has the hash of the corpus, graphql-js' version and what it makes of each text
// of the corpus, a line each.
const golden = "testdata/coercion/graphql-js.gz"

// difference is where the gateway is meant to differ from graphql-js. ours is what it
// makes of a text, nil with why if it refuses it; theirs is nil if graphql-js refuses it.
type difference struct {
	name, reason string
	is           func(ours any, why string, theirs any) bool
}

// differences are all of them.
var differences = []difference{
	{
		"half of a surrogate pair",
		"Is no character: stores and clients would each make another text of it. JavaScript's strings may hold one (RFC 7493, 2.1, forbids it).",
		func(ours any, why string, _ any) bool {
			return ours == nil && strings.Contains(why, "half of a surrogate pair")
		},
	},
	{
		"a name twice in an object",
		"Which of the two counts is left to the reader of JSON, so that a proxy may have checked the other one (RFC 7493, 2.3).",
		func(ours any, why string, _ any) bool {
			return ours == nil && strings.Contains(why, "a name twice")
		},
	},
	{
		"an id with a fraction or an exponent",
		"The specification wants 4.0 refused for an ID; graphql-js cannot tell it from 4, as JSON.parse makes one number of both.",
		func(ours any, why string, _ any) bool {
			return ours == nil && strings.Contains(why, "without fraction and exponent")
		},
	},
	{
		"an id of many digits",
		"It is taken as it is written; JSON.parse rounds it to a double, and the id would be another one.",
		func(ours any, _ string, theirs any) bool {
			return ours != nil && theirs != nil && cmp.Equal(rounded(ours), rounded(theirs))
		},
	},
}

// rounded makes a double of every text that is a number of more than 15 digits.
func rounded(value any) any {
	switch v := value.(type) {
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && len(v) > 15 || err == nil && strings.Contains(v, "e+") {
			return f
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = rounded(v[i])
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name := range v {
			object[name] = rounded(v[name])
		}
		return object
	}
	return value
}

// TestAgreesWithGraphQLJS compares how variables are coerced with graphql-js, the
// specification's reference: whether they are refused and what becomes of them. What
// graphql-js says is kept in a file; make coercion asks it again.
func TestAgreesWithGraphQLJS(t *testing.T) {
	schema, groups, sources := corpusSchema(t)
	p, err := document.New(schema, document.DefaultLimits(), scalar.Checks())
	if err != nil {
		t.Fatal(err)
	}
	want := graphQLJS(t, sources, groups)
	t.Logf("graphql-js %s", want[0])
	want = want[1:]
	found := map[string]int{}
	accepted, failures := 0, 0
	for _, group := range groups {
		doc, errs := p.Document(group.Query, document.Options{})
		if len(errs) > 0 {
			t.Fatalf("%s: %v", group.Query, errs)
		}
		taken := 0
		for _, text := range group.Texts {
			var theirs any
			if want[0] != "-" {
				theirs = decodedJSON(t, want[0])
				taken++
			}
			want = want[1:]
			ours, why := coercedJSON(t, p, doc, text)
			if cmp.Equal(ours, theirs) {
				continue
			}
			if name := meant(ours, why, theirs); name != "" {
				found[name]++
				continue
			}
			if failures++; failures <= 20 {
				t.Errorf("%s with %s:\nours   %v %s\ntheirs %v", group.Query, text, ours, why, theirs)
			}
		}
		if taken < textsOfType/20 || taken > textsOfType*19/20 {
			t.Errorf("%s: graphql-js takes %d of %d values: the corpus is lopsided", group.Query, taken, len(group.Texts))
		}
		accepted += taken
	}
	for _, d := range differences {
		t.Logf("%5d times: %s. %s", found[d.name], d.name, d.reason)
		if found[d.name] == 0 {
			t.Errorf("the corpus has no case of the difference %q", d.name)
		}
	}
	t.Logf("graphql-js takes %d of %d values; %d failures", accepted, len(groups)*textsOfType, failures)
}

// corpusSchema returns the graph's schema with what the corpus asks for, the corpus, and
// the schema's text.
func corpusSchema(tb testing.TB) (*ast.Schema, []corpus, []*ast.Source) {
	tb.Helper()
	sources := append(sdl.Sources(tb), &ast.Source{Name: "probes", Input: probes})
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		tb.Fatal(err)
	}
	groups, field := newCorpus(schema)
	sources = append(sources, &ast.Source{Name: "field", Input: field})
	if schema, err = gqlparser.LoadSchema(sources...); err != nil {
		tb.Fatal(err)
	}
	return schema, groups, sources
}

func meant(ours any, why string, theirs any) string {
	for _, d := range differences {
		if d.is(ours, why, theirs) {
			return d.name
		}
	}
	return ""
}

// coercedJSON coerces variables: the values as JSON has them, or why they are refused.
func coercedJSON(t *testing.T, p *document.Planner, doc *document.Document, text string) (any, string) {
	t.Helper()
	values, errs := p.Coerce(doc, doc.Query.Operations[0], []byte(text), document.Options{})
	if len(errs) > 0 {
		return nil, errs[0].Message
	}
	raw, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return decodedJSON(t, string(raw)), ""
}

func decodedJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// graphQLJS returns the version and what graphql-js makes of each text: as it is written
// down, after graphql-js was asked again if GRAPHQL_JS names the script for that.
func graphQLJS(t *testing.T, sources []*ast.Source, groups []corpus) []string {
	t.Helper()
	var all strings.Builder
	for _, source := range sources {
		all.WriteString(source.Input + "\n")
	}
	asked, err := json.Marshal(map[string]any{"sdl": all.String(), "groups": groups})
	if err != nil {
		t.Fatal(err)
	}
	corpusText, err := json.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(corpusText)
	hash := hex.EncodeToString(sum[:])
	if script := os.Getenv("GRAPHQL_JS"); script != "" {
		said := hash + "\n" + runScript(t, script, asked)
		if *update {
			write(t, said)
		}
		if read(t) != said {
			t.Error("graphql-js does not say what is written down: run scripts/graphql-js/run.sh -update, and read what changes")
		}
	}
	lines := strings.Split(strings.TrimSuffix(read(t), "\n"), "\n")
	if lines[0] != hash || len(lines) != 2+len(groups)*textsOfType {
		t.Fatal("what graphql-js says is written down for another corpus: run scripts/graphql-js/run.sh -update")
	}
	return lines[1:]
}

func runScript(t *testing.T, script string, asked []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "corpus.json")
	if err := os.WriteFile(file, asked, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", script, file) //nolint:gosec // The developer names it.
	command.Stderr = os.Stderr
	said, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func write(t *testing.T, text string) {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(golden), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T) string {
	t.Helper()
	file, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
