package access_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No rule is ever switched off outside of tests.
func TestOnlyTestsSwitchRulesOff(t *testing.T) {
	seen := 0
	err := fs.WalkDir(os.DirFS(filepath.Join("..", "..")), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(filepath.Join("..", "..", name))
		seen++
		if strings.Contains(string(content), ".Without(") {
			t.Errorf("%s: switches a rule off", name)
		}
		return err
	})
	if err != nil || seen < 200 {
		t.Errorf("%d files seen: %v", seen, err)
	}
}
