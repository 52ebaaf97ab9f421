// Prune cuts a GraphQL schema down to what some operations use, so that a schema
// of thousands of types can be kept beside the client that is generated from it.
//
//	prune -schema admin_2026-07.json.gz -operations operations.graphql > schema.graphql
//
// The schema is an introspection answer as JSON, compressed by gzip or not. What
// comes out has the types, fields and arguments that the operations name and
// what these need, sorted by name: the same input gives the same bytes.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	schema := flag.String("schema", "", "introspection answer, JSON or JSON.gz")
	operations := flag.String("operations", "operations.graphql", "the operations")
	flag.Parse()
	if err := run(*schema, *operations, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "prune:", err)
		os.Exit(1)
	}
}

func run(schemaFile, operationsFile string, out io.Writer) error {
	whole, err := readSchema(schemaFile)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	operations, err := os.ReadFile(operationsFile)
	if err != nil {
		return fmt.Errorf("read the operations: %w", err)
	}
	used, err := whole.used(string(operations))
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, used.print())
	return err
}

// readSchema reads an introspection answer, with or without its "data".
func readSchema(name string) (*schema, error) {
	content, err := os.ReadFile(name) //nolint:gosec // The file that the operator names.
	if err != nil {
		return nil, err
	}
	var in io.Reader = bufio.NewReader(bytes.NewReader(content))
	if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		if in, err = gzip.NewReader(bytes.NewReader(content)); err != nil {
			return nil, err
		}
	}
	var answer struct {
		Data struct {
			Schema introspection `json:"__schema"`
		}
		Schema introspection `json:"__schema"`
	}
	if err := json.NewDecoder(in).Decode(&answer); err != nil {
		return nil, err
	}
	found := answer.Data.Schema
	if found.Types == nil {
		found = answer.Schema
	}
	if found.Types == nil {
		return nil, errors.New("it is no introspection answer")
	}
	s := &schema{query: found.QueryType.Name, types: make(map[string]*typeOf, len(found.Types))}
	for _, t := range found.Types {
		s.types[t.Name] = t
	}
	return s, nil
}
