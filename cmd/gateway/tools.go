package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers"
)

type migrateCommand struct {
	storeFlags
}

// run does nothing more than opening the store, which brings it up to date and, for
// this command, makes good what is stored.
func (c *migrateCommand) run(ctx context.Context, m *Main) error {
	cfg, err := m.loadStore(c.storeFlags)
	if err != nil {
		return err
	}
	done := "%s is up to date"
	if isNew(cfg.Store.URL) {
		done = "%s is a new store"
	}
	return useStore(ctx, cfg, migrating, func(crm.Store, config.Config) error {
		return m.print(done, cfg.Store.URL)
	})
}

// isNew says whether a file is still to be made a store.
func isNew(url config.StoreURL) bool {
	if url.Kind() != config.StoreSQLite {
		return false
	}
	info, err := os.Stat(url.Path())
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0
}

type schemaCommand struct {
	Access bool `help:"Print who may read each field and use each argument, input field and enum value instead, as a table with tabs."`
}

// run prints the schema that is served, with descriptions and directives, or the
// table of its access rules.
func (c *schemaCommand) run(_ context.Context, m *Main) error {
	schema := resolvers.NewSchema(resolvers.Config{}).Schema()
	if c.Access {
		rules, err := access.NewRules(schema)
		if err != nil {
			return fmt.Errorf("read the access rules: %w", err)
		}
		return rules.WriteTable(m.Stdout)
	}
	var sdl strings.Builder
	formatter.NewFormatter(&sdl, formatter.WithIndent("  ")).FormatSchema(whole(schema))
	return m.print("%s", strings.TrimSuffix(sdl.String(), "\n"))
}

// whole returns a schema that defines each directive that its inputs use: @oneOf is
// newer than the specification of October 2021, after which many tools read schemas.
func whole(schema *ast.Schema) *ast.Schema {
	own := *schema
	own.Directives = maps.Clone(schema.Directives)
	for _, t := range schema.Types {
		if d := own.Directives["oneOf"]; d != nil && !t.BuiltIn && t.Directives.ForName("oneOf") != nil {
			defined := *d
			defined.Position = nil // The formatter leaves out what comes with the parser.
			own.Directives["oneOf"] = &defined
			break
		}
	}
	return &own
}

type versionCommand struct{}

// run prints what the build noted of its version.
func (*versionCommand) run(_ context.Context, m *Main) error {
	version, goVersion := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
	}
	return m.print("gateway %s (%s)", version, goVersion)
}
