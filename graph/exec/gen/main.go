// Command gen generates package graph from the schema: what gqlgen does, by gqlgen.yml,
// and graph/levels.generated.go, which runs operations level by level (graph/exec).
//
// Run it with go generate ./graph.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "graph/exec/gen:", err)
		os.Exit(1)
	}
}

func run() error {
	log.SetOutput(io.Discard) // gqlgen tells there which fields need resolvers.
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	return api.Generate(cfg, api.AddPlugin(levels{}))
}
