package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	gateway "github.com/customer360/gateway/cmd/gateway"
)

var (
	called   = regexp.MustCompile(`^\s*(?:\$ )?(?:[A-Z][A-Z_]*=\S* )*(?:bin/|go run \./cmd/)?gateway((?:\s+\S+)+)`)
	inline   = regexp.MustCompile("`([^`]+)`")
	flagName = regexp.MustCompile(`^--([a-z][a-z-]*)`)
)

// foreignFlags are flags that the documents name and no command has.
var foreignFlags = []string{
	"oplog",    // mongodump's
	"insecure", // considered by ADR 10 and not made
}

// TestDocumentedCommands fails when a document names a command or a flag that the
// program does not have.
func TestDocumentedCommands(t *testing.T) {
	parser, err := gateway.CommandLine()
	if err != nil {
		t.Fatal(err)
	}
	root := parser.Model.Node
	every := map[string]bool{}
	collectFlags(root, every)
	seen := 0
	for _, name := range documents(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range codeOf(string(text)) {
			for _, line := range callsIn(c.text) {
				seen++
				if err := known(root, strings.Fields(line)); err != nil {
					t.Errorf("%s:%d: gateway%s: %v", filepath.Base(name), c.line, line, err)
				}
			}
			if match := flagName.FindStringSubmatch(c.text); match != nil && !every[match[1]] && !slices.Contains(foreignFlags, match[1]) {
				t.Errorf("%s:%d: no command has the flag --%s", filepath.Base(name), c.line, match[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d calls of the program were found in the documents: are they still read?", seen)
	}
}

// documents lists the Markdown files for people who use the program.
func documents(t *testing.T) []string {
	t.Helper()
	list := []string{"../../README.md", "../../CONTRIBUTING.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	return list
}

// snippet is code in a document.
type snippet struct {
	line int
	text string
}

// codeOf returns what stands in backticks, and the lines of blocks, with those that a
// backslash continues put together.
func codeOf(text string) []snippet {
	var list []snippet
	fenced, continued := false, false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced, continued = !fenced, false
		case fenced:
			body, more := strings.CutSuffix(strings.TrimSpace(line), `\`)
			if continued {
				list[len(list)-1].text += " " + body
			} else {
				list = append(list, snippet{i + 1, body})
			}
			continued = more
		default:
			for _, match := range inline.FindAllStringSubmatch(line, -1) {
				list = append(list, snippet{i + 1, match[1]})
			}
		}
	}
	return list
}

// callsIn returns what follows the program's name wherever a line calls it: at its
// beginning, and behind a pipe and the like.
func callsIn(line string) []string {
	line, _, _ = strings.Cut(line, " # ")
	var list []string
	for _, one := range regexp.MustCompile(`\||&&|;|\$\(|<\(`).Split(line, -1) {
		if match := called.FindStringSubmatch(one); match != nil {
			list = append(list, match[1])
		}
	}
	return list
}

// known says what is wrong with the words of a call: each must lead to a command
// until one has no commands of its own, and flags must be the command's. What flags
// and arguments hold is not looked at.
func known(node *kong.Node, words []string) error {
	flags := map[string]bool{"help": true}
	addFlags(node, flags)
	for _, word := range words {
		word = strings.Trim(word, "[](),.")
		if match := flagName.FindStringSubmatch(word); match != nil {
			if !flags[match[1]] {
				return fmt.Errorf("%s has no flag --%s", node.Name, match[1])
			}
			continue
		}
		if len(node.Children) == 0 || strings.HasPrefix(word, "<") {
			continue
		}
		at := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
		if at < 0 {
			return fmt.Errorf("%s has no command %s", node.Name, word)
		}
		node = node.Children[at]
		addFlags(node, flags)
	}
	return nil
}

// addFlags adds the names of a command's own flags.
func addFlags(node *kong.Node, flags map[string]bool) {
	for _, flag := range node.Flags {
		flags[flag.Name] = true
		if flag.Tag.Negatable != "" {
			flags["no-"+flag.Name] = true
		}
	}
}

// collectFlags adds the names of all flags of a command and those below it.
func collectFlags(node *kong.Node, flags map[string]bool) {
	addFlags(node, flags)
	for _, child := range node.Children {
		collectFlags(child, flags)
	}
}
