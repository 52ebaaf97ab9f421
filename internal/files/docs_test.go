package files_test

import (
	"os"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/files"
)

// The examples of the documentation are taken as they stand, one after another,
// and there is one for every kind.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	shown := map[string]bool{}
	blocks := strings.Split(string(text), "```")
	for i := 1; i < len(blocks); i += 2 {
		info, body, _ := strings.Cut(blocks[i], "\n")
		format, kind, _ := strings.Cut(info, " ")
		if format != "ndjson" && format != "csv" {
			continue
		}
		options := files.Options{Kind: files.Kind(kind), Format: files.Format(format)}
		if summary := loadAll(t, store, body, options); summary.Created == 0 {
			t.Errorf("the example of %q made nothing: %+v", info, summary)
		}
		shown[kind] = true
	}
	for _, kind := range files.Kinds() {
		if !shown[string(kind)] && !strings.Contains(string(text), `{"`+strings.TrimSuffix(string(kind), "s")+`":`) &&
			kind != "partner-apps" {
			t.Errorf("there is no example of %s", kind)
		}
	}
	if n := strings.Count(dump(t, store), "\n"); n != 22 {
		t.Errorf("the examples made %d records, want 22", n)
	}
}
