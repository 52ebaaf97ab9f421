package crm_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the module's path.
const module = "github.com/customer360/gateway"

// arrows says what each part of the module must not import of the others:
// cmd -> internal/server -> resolvers -> graph -> internal/crm <- datasources/*.
func arrows() map[string][]string {
	return map[string][]string{
		"internal/crm":    {""},
		"graph":           {"resolvers", "datasources", "internal/server", "cmd"},
		"resolvers":       {"datasources", "internal/server", "cmd"},
		"internal/server": {"datasources", "resolvers", "cmd"},
		"internal":        {"cmd", "datasources"},
		"datasources":     {"graph", "resolvers", "internal/server", "internal/access", "internal/purchases", "internal/files", "internal/shopsync", "cmd"},
		// What stands between ports and their users does not know who may see what.
		"internal/purchases": {"internal/access"},
		"internal/shopsync":  {"internal/access"},
		"internal/files":     {"internal/access"},
		// Who may see what knows neither HTTP nor what executes the graph.
		"internal/access":            {"resolvers", "graph", "internal/server", "internal/purchases", "internal/access/oidc", "internal/access/apikey"},
		"internal/access/oidc":       {"internal/access/apikey"},
		"internal/access/apikey":     {"internal/access/oidc"},
		"graph/document":             {"graph/page", "graph/model", "graph/scalar", "internal/access"},
		"internal/server/ratelimit":  {""},
		"internal/server/clientaddr": {""},
	}
}

// owners says which parts of the module alone may import what others wrote.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/99designs/gqlgen":     {"graph", "resolvers", "internal/server", "internal/test/schema", "internal/test/matrix"},
		"go.mongodb.org/mongo-driver":     {"datasources/mongodb", "datasources/storetest/mongod", "internal/record", "internal/test/previous"},
		"modernc.org/sqlite":              {"datasources/sqlite"},
		"github.com/ngrok/sqlmw":          {"datasources/sqlite"},
		"database/sql":                    {"datasources/sqlite"},
		"github.com/graph-gophers":        {"graph/exec"},
		"github.com/alecthomas/kong":      {"cmd"},
		module + "/datasources/mongodb":   {"datasources/mongodb", "datasources/storetest/backends", "cmd"},
		module + "/datasources/sqlite":    {"datasources/sqlite", "datasources/storetest/backends", "cmd"},
		module + "/datasources/storetest": {"datasources"},
		module + "/datasources/shops":     {"datasources/shops", "cmd"},
		"github.com/failsafe-go":          {"datasources/shops/guard"},
		"github.com/maypok86/otter":       {"datasources/shops/guard"},
		"github.com/Khan/genqlient":       {"datasources/shops/shopify"},
		"github.com/go-jose":              {"internal/access/oidc"},
		"github.com/go-json-experiment":   {"graph/document", "internal/files", "internal/record", "internal/server"},
		"github.com/rs/cors":              {"internal/server"},
		"github.com/klauspost/compress":   {"internal/server"},
		"github.com/andybalholm/brotli":   {"internal/server"},
		"github.com/standard-webhooks":    {"datasources/shops"},
	}
}

// domain is what internal/crm may import beyond the standard library.
func domain() []string {
	return []string{"golang.org/x/text", "github.com/google/uuid", "github.com/bojanz/currency"}
}

// source is one Go file of the module.
type source struct {
	dir, name string
	imports   []string
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// sources reads the imports of every Go file. internal/zz only pins modules.
func sources(t *testing.T) []source {
	t.Helper()
	root := os.DirFS(filepath.Join("..", ".."))
	var list []source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			skip := name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "zz"}, entry.Name()))
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); skip || name != "." && err == nil {
				return fs.SkipDir // A module of its own is none of this one's parts.
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{dir: path.Dir(name), name: name}
		for _, spec := range file.Imports {
			s.imports = append(s.imports, strings.Trim(spec.Path.Value, "`\""))
		}
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatalf("read the module's files: %v", err)
	}
	return list
}

// under says whether a path is a directory or something in it; "" holds everything.
func under(name, dir string) bool {
	return dir == "" || name == dir || strings.HasPrefix(name, dir+"/")
}

func underAny(name string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return under(name, dir) })
}

func TestArrowsRunOneWay(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for part, forbidden := range arrows() {
			if !under(s.dir, part) {
				continue
			}
			for _, path := range s.imports {
				inside, ok := strings.CutPrefix(path, module+"/")
				if ok && underAny(inside, forbidden) {
					t.Errorf("%s imports %s: arrows run one way", s.name, path)
				}
			}
		}
	}
}

func TestOwnersAloneImport(t *testing.T) {
	for _, s := range sources(t) {
		for _, path := range s.imports {
			for what, dirs := range owners() {
				// The adapters' tests, and tests that need a real store, may open one.
				if s.test() && strings.HasPrefix(what, module) {
					continue
				}
				if under(path, what) && !underAny(s.dir, dirs) {
					t.Errorf("%s imports %s: only %s may", s.name, path, strings.Join(dirs, ", "))
				}
			}
		}
	}
}

func TestAdaptersDoNotKnowEachOther(t *testing.T) {
	adapters := []string{
		"datasources/mongodb", "datasources/sqlite",
		"datasources/shops/vendure", "datasources/shops/medusa", "datasources/shops/shopify", "datasources/shops/woocommerce",
	}
	for _, s := range sources(t) {
		for _, adapter := range adapters {
			if !under(s.dir, adapter) {
				continue
			}
			for _, path := range s.imports {
				for _, other := range adapters {
					if other != adapter && under(path, module+"/"+other) {
						t.Errorf("%s imports %s: adapters do not know each other", s.name, path)
					}
				}
			}
		}
	}
}

func TestDomainIsPure(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir != "internal/crm" || s.test() {
			continue
		}
		for _, path := range s.imports {
			host, _, _ := strings.Cut(path, "/")
			if strings.Contains(host, ".") && !underAny(path, domain()) {
				t.Errorf("%s imports %s: the domain has the standard library and small value libraries", s.name, path)
			}
			if path != "net/url" && underAny(path, []string{"net", "os", "database", "log", "io"}) {
				t.Errorf("%s imports %s: the domain does no I/O", s.name, path)
			}
		}
	}
}
