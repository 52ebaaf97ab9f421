package docs_test

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module       = "github.com/customer360/gateway"
	architecture = "docs/ARCHITECTURE.md"
)

// common are packages that the drawing leaves out, as its text says: everybody may
// import the domain and what catches panics, and tests' helpers are no program's.
var common = []string{"internal/crm", "internal/panics", "internal/test"}

var (
	drawing = regexp.MustCompile("(?s)```mermaid\nflowchart [A-Z]+\n(.*?)```")
	node    = regexp.MustCompile(`^(\w+)\["([^"]*)"\]$`)
	arrow   = regexp.MustCompile(`^(\w+) --> (\w+(?: & \w+)*)$`)
)

// drawn is the drawing: the rooms, which are folders, and which imports which.
type drawn struct {
	rooms  []string
	arrows map[string]bool // "room --> room"
}

// readDrawing reads the one flowchart of the architecture: first a line for each
// room, then lines of arrows.
func readDrawing(t *testing.T) drawn {
	t.Helper()
	found := drawing.FindAllStringSubmatch(read(t, architecture), -1)
	if len(found) != 1 {
		t.Fatalf("%s has %d mermaid flowcharts: it must have one, of the rooms", architecture, len(found))
	}
	d := drawn{arrows: map[string]bool{}}
	names := map[string]string{}
	for _, line := range strings.Split(found[0][1], "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line == "end" || strings.HasPrefix(line, "subgraph ") {
			continue
		}
		if match := node.FindStringSubmatch(line); match != nil {
			folder, _, _ := strings.Cut(match[2], "<br>")
			names[match[1]] = folder
			d.rooms = append(d.rooms, folder)
			continue
		}
		match := arrow.FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("%s: the drawing's line %q is neither a room such as a[\"graph<br>…\"] nor an arrow such as a --> b & c", architecture, line)
		}
		for _, to := range strings.Split(match[2], " & ") {
			if names[match[1]] == "" || names[to] == "" {
				t.Fatalf("%s: an end of the arrow %s --> %s is no room that stands above it", architecture, match[1], to)
			}
			d.arrows[names[match[1]]+" --> "+names[to]] = true
		}
	}
	return d
}

// room returns the room of a package: the longest folder that the package is in, ""
// if it is in none.
func (d drawn) room(folder string) string {
	longest := ""
	for _, room := range d.rooms {
		if under(folder, room) && len(room) > len(longest) {
			longest = room
		}
	}
	return longest
}

// under says whether a folder is another or is in it.
func under(folder, other string) bool {
	return folder == other || strings.HasPrefix(folder, other+"/")
}

func isCommon(folder string) bool {
	return slices.ContainsFunc(common, func(other string) bool { return under(folder, other) })
}

// imports returns what each package of the module imports of the others, tests left
// out, with a file that does.
func imports(t *testing.T) map[[2]string]string {
	t.Helper()
	found := map[[2]string]string{}
	for _, name := range files(t, func(name string) bool {
		return path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
	}) {
		file, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.ImportsOnly)
		if err != nil {
			t.Fatalf("read the imports: %v", err)
		}
		from := path.Dir(name)
		found[[2]string{from, from}] = name // so that a package without imports is known
		for _, spec := range file.Imports {
			if to, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, "`\""), module+"/"); ok {
				found[[2]string{from, to}] = name
			}
		}
	}
	return found
}

// TestDrawnImports compares the arrows in the architecture with the imports that
// there are.
func TestDrawnImports(t *testing.T) {
	d := readDrawing(t)
	for _, room := range d.rooms {
		if !exists(room) {
			t.Errorf("the drawing has the room %s, which is no folder: take it out of the drawing and the table of %s", room, architecture)
		}
		if !strings.Contains(read(t, architecture), "\n| `"+room+"` |") {
			t.Errorf("the drawing has the room %s, which the table of rooms has not: say in a row what it is for", room)
		}
	}
	imported := map[string]string{} // arrow to an example
	homeless := map[string]bool{}
	found := imports(t)
	for _, edge := range slices.SortedFunc(maps.Keys(found), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		from, to := d.room(edge[0]), d.room(edge[1])
		switch {
		case isCommon(edge[0]) || isCommon(edge[1]):
		case from == "" && !homeless[edge[0]]:
			homeless[edge[0]] = true
			t.Errorf("package %s is in no room: draw its folder in %s and describe it in the table below", edge[0], architecture)
		case from != to && from != "" && to != "":
			imported[from+" --> "+to] = found[edge]
		}
	}
	for _, arrow := range slices.Sorted(maps.Keys(imported)) {
		if !d.arrows[arrow] {
			t.Errorf("%s is an import (in %s) that %s does not draw: draw the arrow, or remove the import", arrow, imported[arrow], architecture)
		}
	}
	for _, arrow := range slices.Sorted(maps.Keys(d.arrows)) {
		if imported[arrow] == "" {
			t.Errorf("%s draws %s, and no production code of the one imports the other: take the arrow out of the drawing", architecture, arrow)
		}
	}
}
