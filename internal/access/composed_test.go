package access_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/access"
)

// The program makes policies of all rules alone.
func TestPoliciesAreOfAllRules(t *testing.T) {
	made := regexp.MustCompile(`\.NewPolicy\((.*)`)
	seen, policies := 0, 0
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
		for _, call := range made.FindAllStringSubmatch(string(content), -1) {
			if policies++; !strings.Contains(call[1], ", access.PolicyRules(), ") {
				t.Errorf("%s: a policy of %s: not of all rules", name, call[1])
			}
		}
		return err
	})
	if err != nil || seen < 200 || policies < 2 {
		t.Errorf("%d files, %d policies seen: %v", seen, policies, err)
	}
}

// PolicyRules has every rule that the package declares.
func TestPolicyRulesAreComplete(t *testing.T) {
	source, err := os.ReadFile("policy.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := []access.Rule{}
	for _, m := range regexp.MustCompile(`Rule\w+ +Rule = "([a-z.]+)"`).FindAllStringSubmatch(string(source), -1) {
		declared = append(declared, access.Rule(m[1]))
	}
	if list := access.PolicyRules(); len(declared) < 20 || !slices.Equal(declared, list) {
		t.Errorf("PolicyRules() = %q, declared are %q", list, declared)
	}
}
