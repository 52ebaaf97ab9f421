package docs_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// part is a stretch of a document in which file names belong together.
type part struct {
	line    int
	text    string // a paragraph, a list item, a row of a table or a line of a block
	section string // everything under the same heading
}

// parts cuts a document. A comment of Go is one section without headings, and its
// lines have no slashes.
func parts(name, text string) []part {
	isGo := path.Ext(name) == ".go"
	var list []part
	var open []int // parts of the section that is read
	section := []string{}
	closeSection := func() {
		for _, i := range open {
			list[i].section = strings.Join(section, "\n")
		}
		open, section = nil, nil
	}
	fenced, fresh := false, true
	for i, line := range strings.Split(text, "\n") {
		if isGo {
			line = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
		}
		trimmed := strings.TrimSpace(line)
		fence := strings.HasPrefix(trimmed, "```")
		if fence {
			fenced = !fenced
		}
		if !isGo && !fenced && strings.HasPrefix(line, "#") {
			closeSection()
			fresh = true
		}
		section = append(section, line)
		item := strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "|") || startsNumber.MatchString(trimmed)
		switch {
		case trimmed == "" || fence:
			fresh = true
		case fresh || item || fenced:
			open = append(open, len(list))
			list = append(list, part{line: i + 1, text: line})
			fresh = false
		default:
			last := &list[len(list)-1]
			last.text += " " + trimmed
		}
	}
	closeSection()
	return list
}

var (
	startsNumber = regexp.MustCompile(`^\d+\. `)

	// inRepository is what looks like a path from the module's folder.
	inRepository = regexp.MustCompile("(?:^|[\\s`\"'(\\[{,=>])(?:\\./)?((?:cmd|internal|datasources|graph|resolvers|docs|scripts|configs|web|\\.ci)/[\\w./*<>-]*)")
	// bareFile is the name of a file without a folder.
	bareFile = regexp.MustCompile("(?:^|[\\s`(\\[])([\\w.*-]*\\w\\.(?:go|md|sh|graphqls|yml))(?:$|[\\s`)\\],;:.])")
	// identifier is what follows a package's path in the name of something in it.
	identifier = regexp.MustCompile(`\.[A-Z]\w*(\(\))?$`)
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// pathsIn returns the paths that a text names, as they are in the repository.
func pathsIn(text string) []string {
	var list []string
	for _, match := range inRepository.FindAllStringSubmatch(text, -1) {
		named, _, _ := strings.Cut(match[1], "<br>")
		if folder, _, placeholder := strings.Cut(named, "<"); placeholder {
			named = folder[:strings.LastIndex(folder, "/")]
		}
		named = strings.TrimSuffix(strings.TrimRight(named, ".-"), "/")
		list = append(list, identifier.ReplaceAllString(named, ""))
	}
	return list
}

// superseded says that a document tells of what was decided once, and holds no more.
func superseded(text string) bool { return strings.Contains(text, "\nStatus: superseded by [") }

// TestPathsExist fails when a document names a file or folder that is not there.
func TestPathsExist(t *testing.T) {
	for _, name := range documents(t) {
		if superseded(read(t, name)) {
			continue
		}
		for _, p := range parts(name, read(t, name)) {
			for _, named := range pathsIn(p.text) {
				if !exists(named) {
					t.Errorf("%s:%d names %s, which is not there", name, p.line, named)
				}
			}
			for _, match := range bareFile.FindAllStringSubmatch(p.text, -1) {
				if file := match[1]; file != "doc.go" && !inFolders(file, slices.Concat([]string{"", path.Dir(name)}, pathsIn(p.section))) {
					t.Errorf("%s:%d names %s, which is in no folder that its section names", name, p.line, file)
				}
			}
		}
	}
}

// held is a file with names in it: a path and, in parentheses behind it, what the
// file is said to hold.
var held = regexp.MustCompile("`([\\w./-]+\\.(?:go|sql))` \\((`[^`]+`(?:, `[^`]+`)*)")

// TestNamesAreInTheirFiles fails when a document says that a file holds a name, and
// it does not: `file.go` (`Name`).
func TestNamesAreInTheirFiles(t *testing.T) {
	for _, name := range documents(t) {
		for _, p := range parts(name, read(t, name)) {
			for _, match := range held.FindAllStringSubmatch(p.text, -1) {
				if !strings.Contains(match[1], "/") || !exists(match[1]) {
					continue // Of a bare name the folder is not certain; the rest is TestPathsExist's.
				}
				text := read(t, match[1])
				for _, word := range code.FindAllStringSubmatch(match[2], -1) {
					if !regexp.MustCompile(`\b` + regexp.QuoteMeta(word[1]) + `\b`).MatchString(text) {
						t.Errorf("%s:%d says that %s holds %s, which it does not", name, p.line, match[1], word[1])
					}
				}
			}
		}
	}
}

// inFolders says whether a file is in one of some folders, or beside one of some
// files.
func inFolders(file string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return exists(path.Join(folder, file)) || path.Ext(folder) != "" && exists(path.Join(path.Dir(folder), file))
	})
}

// TestLinksLead fails when a link in Markdown leads to no file or to no heading.
func TestLinksLead(t *testing.T) {
	for _, name := range documents(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		for i, line := range strings.Split(read(t, name), "\n") {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target, heading, _ := strings.Cut(match[1], "#")
				if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				file := name
				if target != "" {
					file = path.Join(path.Dir(name), target)
				}
				switch {
				case !exists(file):
					t.Errorf("%s:%d links to %s, which is not there", name, i+1, target)
				case heading != "" && path.Ext(file) == ".md" && !slices.Contains(headings(read(t, file)), heading):
					t.Errorf("%s:%d links to #%s, which is no heading of %s", name, i+1, heading, file)
				}
			}
		}
	}
}

// headings returns what links call the headings of a Markdown text.
func headings(text string) []string {
	var list []string
	for _, line := range strings.Split(text, "\n") {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			title = notInAnchors.ReplaceAllString(strings.ToLower(title), "")
			list = append(list, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return list
}

var (
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

	function  = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w*)\(`)
	testName  = regexp.MustCompile(`\b((?:Test|Benchmark|Fuzz)[A-Z]\w*)`)
	selection = regexp.MustCompile(`-(run|bench|fuzz)[ =](?:'([^']*)'|"([^"]*)"|([^\s` + "`" + `]+))`)
	target    = regexp.MustCompile(`(?m)^([a-z][\w-]*):`)
	makes     = regexp.MustCompile(`\bmake((?: +-?[\w=-]+)+)`)
	code      = regexp.MustCompile("`([^`]+)`")
)

// TestTestsExist fails when a document names a test, a benchmark or a fuzz test that
// is not there, or gives go test a pattern that selects nothing.
func TestTestsExist(t *testing.T) {
	var known []string
	for _, file := range files(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, match := range function.FindAllStringSubmatch(read(t, file), -1) {
			known = append(known, match[1])
		}
	}
	kinds := map[string]string{"run": "Test", "bench": "Benchmark", "fuzz": "Fuzz"}
	for _, name := range documents(t) {
		for _, p := range parts(name, read(t, name)) {
			for _, match := range selection.FindAllStringSubmatch(p.text, -1) {
				pattern, _, _ := strings.Cut(match[2]+match[3]+match[4], "/")
				if err := selects(pattern, kinds[match[1]], known); err != nil {
					t.Errorf("%s:%d: %v", name, p.line, err)
				}
			}
			for _, match := range testName.FindAllStringSubmatch(selection.ReplaceAllString(p.text, ""), -1) {
				if !slices.Contains(known, match[1]) {
					t.Errorf("%s:%d names %s, which no _test.go file has", name, p.line, match[1])
				}
			}
		}
	}
}

// selects says what is wrong with a pattern of go test. Each of its alternatives
// must select something, but for "^$", which is there to select nothing.
func selects(pattern, kind string, known []string) error {
	for _, one := range strings.Split(pattern, "|") {
		if strings.Trim(one, "$") == "^" {
			continue
		}
		expression, err := regexp.Compile(one)
		if err != nil {
			return fmt.Errorf("the pattern %s: %w", one, err)
		}
		found := slices.ContainsFunc(known, func(name string) bool {
			return strings.HasPrefix(name, kind) && expression.MatchString(name)
		})
		if !found {
			return fmt.Errorf("the pattern %s selects no %s… of any _test.go file", one, kind)
		}
	}
	return nil
}

// TestTargetsExist fails when a document tells to make what the Makefile does not.
func TestTargetsExist(t *testing.T) {
	var known []string
	for _, match := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		known = append(known, match[1])
	}
	for _, name := range documents(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		for i, text := range codeIn(read(t, name)) {
			for _, match := range makes.FindAllStringSubmatch(text, -1) {
				for _, word := range strings.Fields(match[1]) {
					isTarget := !strings.HasPrefix(word, "-") && !strings.Contains(word, "=")
					if isTarget && !slices.Contains(known, word) {
						t.Errorf("%s:%d: make %s: the Makefile has no such target", name, i, word)
					}
				}
			}
		}
	}
}

// codeIn returns the code of a Markdown text, by its lines: those of blocks, and what
// stands in backticks.
func codeIn(text string) map[int]string {
	list := map[int]string{}
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced = !fenced
		case fenced:
			list[i+1] = line
		default:
			for _, match := range code.FindAllStringSubmatch(line, -1) {
				list[i+1] += match[1] + "\n"
			}
		}
	}
	return list
}
