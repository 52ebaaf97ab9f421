package schematest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
)

// TestJourneys validates the documents that callers send: none may break.
func TestJourneys(t *testing.T) {
	t.Parallel()
	schema := load(t)
	root := filepath.Join("testdata", "journeys")
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".graphql" {
			return err
		}
		found++
		document, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return err
		}
		if _, errs := gqlparser.LoadQueryWithRules(schema, string(document), nil); len(errs) > 0 {
			t.Errorf("%s: %v", path, errs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 7 {
		t.Errorf("found %d journeys, want at least 7", found)
	}
}
