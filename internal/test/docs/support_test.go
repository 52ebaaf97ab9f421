package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the module, seen from here.
var root = filepath.Join("..", "..", "..")

// files lists the module's files whose names pass, by their paths in the module.
// Folders of test data, of tools, of packages that npm fetched and of other modules are
// left out.
func files(t *testing.T, pass func(name string) bool) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
			if hidden || name != "." && exists(path.Join(name, "go.mod")) || slices.Contains([]string{"testdata", "node_modules", "bin", "zz"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if pass(name) {
			list = append(list, name)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("list the module's files: %v", err)
	}
	return list
}

// read returns the text of one of the module's files.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exists says whether a path or a pattern of the module names something.
func exists(name string) bool {
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(path.Clean(name))))
	return err == nil && len(found) > 0
}

// documents lists what is written for people: Markdown and the comments of
// packages. The changelog is left out, since it tells of what was.
func documents(t *testing.T) []string {
	t.Helper()
	return files(t, func(name string) bool {
		return path.Base(name) == "doc.go" || path.Ext(name) == ".md" && path.Base(name) != "CHANGELOG.md"
	})
}
