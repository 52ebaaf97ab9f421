package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const small = `{"data": {"__schema": {"queryType": {"name": "Root"}, "types": [
	{"kind": "OBJECT", "name": "Root", "fields": [
		{"name": "shop", "args": [], "type": {"kind": "OBJECT", "name": "Shop"}},
		{"name": "unused", "args": [], "type": {"kind": "OBJECT", "name": "Unused"}},
		{"name": "nodes", "args": [{"name": "ids", "type": {"kind": "NON_NULL", "ofType": {"kind": "LIST", "ofType": {"kind": "SCALAR", "name": "ID"}}}},
			{"name": "other", "type": {"kind": "ENUM", "name": "Unused2"}}], "type": {"kind": "LIST", "ofType": {"kind": "INTERFACE", "name": "Node"}}},
		{"name": "media", "args": [{"name": "sort", "defaultValue": "A", "type": {"kind": "ENUM", "name": "Sort"}}], "type": {"kind": "INTERFACE", "name": "Media"}}]},
	{"kind": "OBJECT", "name": "Shop", "interfaces": [{"name": "Node"}], "fields": [
		{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}, {"name": "name", "args": [], "type": {"kind": "SCALAR", "name": "Text"}},
		{"name": "unused", "args": [], "type": {"kind": "OBJECT", "name": "Unused"}}]},
	{"kind": "OBJECT", "name": "Unused", "fields": [{"name": "x", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}]},
	{"kind": "INTERFACE", "name": "Node", "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}], "possibleTypes": [{"name": "Shop"}, {"name": "Unused"}]},
	{"kind": "INTERFACE", "name": "Media", "interfaces": [{"name": "Node"}], "fields": [{"name": "alt", "args": [], "type": {"kind": "SCALAR", "name": "Text"}}], "possibleTypes": [{"name": "Video"}]},
	{"kind": "OBJECT", "name": "Video", "interfaces": [{"name": "Media"}], "fields": [{"name": "alt", "args": [], "type": {"kind": "SCALAR", "name": "Text"}}]},
	{"kind": "ENUM", "name": "Sort", "enumValues": [{"name": "A"}, {"name": "B"}]},
	{"kind": "ENUM", "name": "Unused2", "enumValues": [{"name": "C"}]},
	{"kind": "SCALAR", "name": "ID"}, {"kind": "SCALAR", "name": "Text"}]}}}`

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	schema, operations := filepath.Join(dir, "schema.json"), filepath.Join(dir, "operations.graphql")
	write(t, schema, small)
	write(t, operations, `query A($ids: [ID]!, $sort: Sort) { nodes(ids: $ids) { ... on Shop { ...Fields } } media(sort: $sort) { alt } } fragment Fields on Shop { name }`)
	var out strings.Builder
	if err := run(schema, operations, &out); err != nil {
		t.Fatal(err)
	}
	want := `schema {
  query: Root
}

interface Media {
  alt: Text
}

interface Node {
  id: ID
}

type Root {
  media(sort: Sort = A): Media
  nodes(ids: [ID]!): [Node]
}

type Shop implements Node {
  id: ID
  name: Text
}

enum Sort {
  A
  B
}

scalar Text

type Video implements Media {
  alt: Text
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	write(t, operations, `{ shop { price } }`)
	if err := run(schema, operations, &out); err == nil || !strings.Contains(err.Error(), "Shop has no field price") {
		t.Errorf("error %v of a field that is not there", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestKeptSchemaIsShopifys prunes Shopify's whole schema again.
func TestKeptSchemaIsShopifys(t *testing.T) {
	whole := os.Getenv("SHOPIFY_SCHEMA")
	if whole == "" {
		if os.Getenv("REQUIRE_SHOPS") == "1" {
			t.Fatal("SHOPIFY_SCHEMA is not set: scripts/shops/shopify-mock/run.sh says where the schema is")
		}
		t.Skip("SHOPIFY_SCHEMA is not set: scripts/shops/shopify-mock/run.sh says where the schema is")
	}
	var out strings.Builder
	if err := run(whole, "../admin/operations.graphql", &out); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../admin/schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), out.String()); diff != "" {
		t.Errorf("schema.graphql is not what prune makes (-kept +pruned):\n%s", diff)
	}
}
