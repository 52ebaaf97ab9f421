package mongodb_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/internal/crm"
)

var update = flag.Bool("update", false, "write the tables about sharding into docs/operations.md")

const (
	tablesBegin = "<!-- sharding: made by go test ./datasources/mongodb -run TestShardingTables -update -->\n"
	tablesEnd   = "<!-- sharding: end -->\n"
)

// TestShardingTables holds that the documents tell of each collection and of each
// broadcast.
func TestShardingTables(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "operations.md")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), tablesBegin)
	documented, after, ended := strings.Cut(rest, tablesEnd)
	if !ok || !ended {
		t.Fatal("docs/operations.md has no place for the tables about sharding")
	}
	want := shardingTables()
	if *update {
		if err := os.WriteFile(path, []byte(before+tablesBegin+want+tablesEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("docs/operations.md is not up to date, run with -update (-want +documented):\n%s", diff)
	}
}

func shardingTables() string {
	var text strings.Builder
	text.WriteString("| collection | shard key | unique | command |\n|---|---|---|---|\n")
	command := func(collection, path string) {
		unique, key := "`_id`", path
		if path != "_id" {
			unique, key = "`_id`, on each shard by itself", fmt.Sprintf("%q", path)
		}
		fmt.Fprintf(&text, "| `%s` | `%s` | %s | `sh.shardCollection(\"customer360.%s\", {%s: \"hashed\"})` |\n",
			collection, path, unique, collection, key)
	}
	for _, d := range crm.Descriptions() {
		command(d.Name, mongodb.Path(d.Shard))
		if name := mongodb.OwnersName(d); name != "" {
			command(name, "_id")
		}
	}
	text.WriteString("\nThese stay on one shard, which is what MongoDB does with a collection that nobody shards:\n\n")
	text.WriteString("| collection | why |\n|---|---|\n")
	stay := unsharded()
	for _, name := range slices.Sorted(maps.Keys(stay)) {
		fmt.Fprintf(&text, "| `%s` | %s |\n", name, stay[name])
	}
	text.WriteString("\nA command goes to the shards of the values that it names: records by id, a customer's timeline, whose an identity is, and every write. These go to all shards:\n\n")
	text.WriteString("| what | of | why |\n|---|---|---|\n")
	for _, b := range broadcasts() {
		fmt.Fprintf(&text, "| %s | %s | %s |\n", b.query, askedOf(b), b.reason)
	}
	return text.String() + "\n"
}

// askedOf says which collections a broadcast asks, and by which fields it does so.
func askedOf(b broadcast) string {
	if len(b.only) > 0 {
		return "`" + strings.Join(b.only, "`, `") + "`"
	}
	if b.by == nil && !strings.HasSuffix(b.what, byParent) {
		return "every kind of record"
	}
	var list []string
	for _, d := range crm.Descriptions() {
		fields := b.by[d.Name]
		for _, key := range d.Keys {
			if b.by == nil && key.Parent != "" {
				fields = append(fields, key.Field)
			}
		}
		if len(fields) > 0 {
			list = append(list, fmt.Sprintf("`%s` by %s", d.Name, inWords(fields)))
		}
	}
	return strings.Join(list, "; ")
}

func inWords(fields []crm.Field) string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = string(f)
	}
	return strings.Join(words, ", ")
}
