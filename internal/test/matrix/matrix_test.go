package matrix_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/resolvers"
)

// matrix is what everybody is asked with.
type matrix struct {
	graph
	world    *world
	canaries *canaries
	rules    *access.Rules
	cursors  map[string][]string
	// given are the paths at which staff get objects.
	given map[string]bool
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	schema := resolvers.NewSchema(resolvers.Config{}).Schema()
	w := newWorld(schema)
	if len(w.unknown) > 0 {
		t.Fatalf("nobody has said what the graph tells of %v", slices.Sorted(maps.Keys(w.unknown)))
	}
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	return &matrix{graph: graph{schema}, world: w, canaries: newCanaries(w), rules: rules, given: map[string]bool{}}
}

// plan is everything that one asker asks.
type plan struct {
	*detector
	questions []question
	pairs     []pair
}

// plan makes what an asker asks.
func (m *matrix) plan(t *testing.T, a *asker) *plan {
	t.Helper()
	p := prober{
		grower: grower{graph: m.graph, permit: func(coord string) bool { return a.permitted(m.graph, coord) }},
		world:  m.world, self: a.self, cursors: m.cursors,
	}
	o := newOracle(a, m.world)
	made := &plan{detector: &detector{oracle: o, canaries: m.canaries}, pairs: p.pairs(o)}
	for _, e := range m.world.entries(a.self) {
		if o.kind() == access.KindStaff && len(e.arguments) > 20 {
			continue // Staff see every record; what differs are fields.
		}
		made.questions = append(made.questions, p.questions(e)...)
	}
	made.questions = append(made.questions, p.probes(t)...)
	made.questions = append(made.questions, p.denied(a)...)
	return made
}

// count is how many paths are asked.
func (p *plan) count() int {
	n := len(p.pairs)
	for _, q := range p.questions {
		n += len(q.paths)
	}
	return n
}

// shown runs a plan in one world: what the asker is shown and may not be. It stops at the
// first if enough is one.
func (p *plan) shown(t *testing.T, g *gateway, one bool) (leaks []leak, answers []answer) {
	t.Helper()
	for _, q := range p.questions {
		got := g.ask(t, p.principal, q)
		leaks = append(leaks, p.look(q, got)...)
		if one && len(leaks) > 0 {
			return leaks, nil
		}
		answers = append(answers, got)
	}
	for _, pair := range p.pairs {
		foreign, unknown := g.ask(t, p.principal, pair.foreign), g.ask(t, p.principal, pair.unknown)
		if tells := differs(foreign, unknown); tells != "" {
			leaks = append(leaks, leak{asker: p.name, question: pair.foreign.name, what: tells})
			if one {
				return leaks, nil
			}
		}
	}
	return leaks, answers
}

// told compares with what the asker is answered in the world that they may know. It
// stops at the first that differs if enough is one.
func (p *plan) told(t *testing.T, there *gateway, answers []answer, one bool) (leaks []leak) {
	t.Helper()
	for i, q := range p.questions {
		if tells := differs(answers[i], there.ask(t, p.principal, q)); tells != "" {
			if leaks = append(leaks, leak{asker: p.name, question: q.name, what: tells}); one {
				return leaks
			}
		}
	}
	return leaks
}

// workers are how many look at once whether rules are missed.
const workers = 2

// TestMatrix asks for everything as everybody: nobody is shown, or told by what
// differs, what is not theirs. Then every rule is switched off in turn, and that
// must be noticed. It takes minutes; without MATRIX=1 it asks as a few and leaves
// the rules on.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	m.control(t)
	all := askers()
	if os.Getenv("MATRIX") == "" {
		all = slices.DeleteFunc(all, func(a *asker) bool { return !slices.Contains(few(), a.name) })
	}
	paths, leaks := m.ask(t, all)
	if os.Getenv("MATRIX") == "" {
		t.Logf("%d paths, %d leaks; make matrix asks for all, and switches rules off", paths, leaks)
		return
	}
	off := m.rulesOff(t)
	caught := m.missed(t, off, all)
	fmt.Printf("%d paths, %d leaks, %d rules disabled, %d caught\n", paths, leaks, len(off), caught)
}

// few are the askers with whom the matrix is asked in every run of the tests.
func few() []string { return []string{"customer buyer", "nobody"} }

// ask asks as each of some askers, several at once.
func (m *matrix) ask(t *testing.T, all []*asker) (paths, leaked int) {
	t.Helper()
	var mu sync.Mutex
	t.Run("askers", func(t *testing.T) {
		for _, a := range all {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				p := m.plan(t, a)
				on := guards{rules: m.rules}
				leaks, answers := p.shown(t, open(t, m.world).with(on), false)
				leaks = append(leaks, p.told(t, open(t, project(p.oracle)).with(on), answers, false)...)
				mu.Lock()
				paths, leaked = paths+p.count(), leaked+len(leaks)
				mu.Unlock()
				for _, l := range leaks[:min(len(leaks), 30)] {
					t.Error(l)
				}
			})
		}
	})
	return paths, leaked
}

// missed switches off each of some rules, and wants somebody to get what is not
// theirs each time.
func (m *matrix) missed(t *testing.T, off []disabled, all []*asker) (caught int) {
	t.Helper()
	var mu sync.Mutex
	t.Run("without", func(t *testing.T) {
		for n := range workers {
			t.Run(fmt.Sprint("worker ", n), func(t *testing.T) {
				t.Parallel()
				w := &worker{matrix: m, here: open(t, m.world), known: map[*asker]*asked{}}
				for i := n; i < len(off); i += workers {
					begin := time.Now()
					found, ok := w.notice(t, off[i], all)
					if !ok {
						t.Errorf("without %s nobody gets more: it is not needed, or not tested", off[i].name)
						continue
					}
					t.Logf("without %s, after %v: %.300s", off[i].name, time.Since(begin).Round(time.Millisecond), found)
					mu.Lock()
					caught++
					mu.Unlock()
				}
			})
		}
	})
	return caught
}

// control asks staff with every role for everything, with no rule in the way: every
// edge of the graph must give an object, or the world has none to keep from anybody.
func (m *matrix) control(t *testing.T) {
	t.Helper()
	g := open(t, m.world).with(guards{rules: m.rules})
	all := grower{graph: m.graph, permit: func(string) bool { return true }}
	m.collect(t, g)
	for _, e := range m.world.entries("self") {
		for _, q := range all.questions(e) {
			got := g.ask(t, access.Local(), q)
			data := dataOf(t, got)
			for _, value := range data {
				reached(q.root, value, m.given)
			}
		}
	}
	exercised := map[edge]bool{}
	for path := range m.given {
		for _, step := range strings.Split(path, " ") {
			coord, to, _ := strings.Cut(step, ">")
			exercised[edge{coord, to}] = true
		}
	}
	for _, e := range m.edges() {
		if !exercised[e] && !strings.HasPrefix(e.coord, "Viewer.") {
			t.Errorf("uncovered: %s>%s: staff are given nothing by it", e.coord, e.to)
		}
	}
}

// collect takes cursors of pages that staff get: of the root's lists and of those
// that hang on self's and another's.
func (m *matrix) collect(t *testing.T, g *gateway) {
	t.Helper()
	m.cursors = map[string][]string{}
	for typ, d := range m.Types {
		if d.Kind != ast.Object {
			continue
		}
		for _, f := range m.fields(typ) {
			if f.Arguments.ForName("after") == nil {
				continue
			}
			if f.Type.Name() == "ChangePage" { // Any other is a place in one world's log.
				m.cursors[coordOf(typ, f.Name)] = []string{beginning}
				continue
			}
			arguments := "first:60"
			if f.Arguments.ForName("text") != nil && f.Arguments.ForName("text").Type.NonNull {
				arguments += ` text:"zq"`
			}
			document := fmt.Sprintf("list:%s(%s){edges{cursor}}", f.Name, arguments)
			if kind, ok := kinds()[typ]; ok {
				document = fmt.Sprintf("nodes(ids:%s){...on %s{%s}}", literal(m.world.some(kind, "self")), typ, document)
			}
			var found []string
			cursorsIn(dataOf(t, g.ask(t, access.Local(), question{document: "query Q{" + document + "}"})), &found)
			coord := coordOf(typ, f.Name)
			if len(found) == 0 {
				t.Errorf("uncovered: %s gives staff no cursor", coord)
			}
			for i := 0; i < len(found); i += max(1, len(found)/6) {
				m.cursors[coord] = append(m.cursors[coord], found[i])
			}
		}
	}
}

func cursorsIn(value any, found *[]string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text, ok := v[key].(string); ok && key == "cursor" {
				*found = append(*found, text)
			}
			cursorsIn(v[key], found)
		}
	case []any:
		for _, one := range v {
			cursorsIn(one, found)
		}
	}
}
