package files_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// The examples of the documentation are taken as they stand, one after another,
// and there is one for every kind.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	shown, created := map[string]bool{}, 0
	blocks := strings.Split(string(text), "```")
	for i := 1; i < len(blocks); i += 2 {
		info, body, _ := strings.Cut(blocks[i], "\n")
		format, kind, _ := strings.Cut(info, " ")
		if format != "ndjson" && format != "csv" {
			continue
		}
		options := files.Options{Kind: files.Kind(kind), Format: files.Format(format)}
		summary := loadAll(t, store, body, options)
		if summary.Created+summary.Updated == 0 {
			t.Errorf("the example of %q made nothing: %+v", info, summary)
		}
		created += summary.Created
		if again := loadAll(t, store, body, options); again.Unchanged != again.Read {
			t.Errorf("the example of %q again: %+v, want all unchanged", info, again)
		}
		shown[kind] = true
	}
	for _, kind := range files.Kinds() {
		if !shown[string(kind)] && !strings.Contains(string(text), `{"`+strings.TrimSuffix(string(kind), "s")+`":`) &&
			kind != "partner-apps" {
			t.Errorf("docs/import.md has no example of %s: a block that begins with ```ndjson %s", kind, kind)
		}
	}
	if n := strings.Count(dump(t, store), "\n"); n != created {
		t.Errorf("a dump has %d records of the %d that the examples made", n, created)
	}
	c := one(t, crm.Of[crm.Customer](store), ann)
	if diff := cmp.Diff([]string{"newsletter"}, c.Tags); diff != "" || len(c.ExternalIdentities) != 2 || c.ExternalIdentities[0].VerifiedAt == nil ||
		len(c.Emails) != 2 || c.Emails[0].Primary || !c.Emails[1].Primary || len(c.Phones) != 0 || len(c.CustomAttributes) != 2 ||
		len(c.Memberships) != 1 || c.Memberships[0].ValidTo == nil || !c.Memberships[0].Primary || *c.Tier != "gold" {
		t.Errorf("the examples leave another customer than docs/import.md says: %+v", c)
	}
}

// The documentation names the lists that are merged, each with what tells its elements
// apart, and those that are replaced, by kind; and no others.
func TestDocumentedSharedLists(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### Lists that several systems add to\n")
	section, _, _ = strings.Cut(section, "\n### ")
	shared, own, _ := strings.Cut(section, "| kind |")
	said := map[string][]string{}
	for _, row := range rowsOf(shared) {
		for _, list := range namesIn(row.first) {
			said[list] = row.second
		}
	}
	saidWhole := map[string][]string{}
	for _, row := range rowsOf(own) {
		saidWhole[row.first] = row.second
	}
	merged, whole := map[string][]string{}, map[string][]string{}
	for _, d := range crm.Shown() {
		eachList("", crm.StructureOf(d.Kind), func(name string, m crm.Member) {
			if m.Same != nil {
				merged[name] = slices.Concat(m.Same...)
			} else {
				whole[d.Name] = append(whole[d.Name], name)
			}
		})
	}
	if diff := cmp.Diff(merged, said, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("docs/import.md tells of other lists that are merged (-merged +said):\n%s", diff)
	}
	if diff := cmp.Diff(whole, saidWhole); diff != "" {
		t.Errorf("docs/import.md tells of other lists that are replaced (-replaced +said):\n%s", diff)
	}
}

// eachList calls do with the lists of a record, those of its parts by their path.
func eachList(prefix string, s *crm.Structure, do func(name string, m crm.Member)) {
	for _, m := range s.Members {
		switch {
		case m.List:
			do(prefix+m.Name, m)
		case m.Part != nil:
			eachList(prefix+m.Name+".", m.Part, do)
		}
	}
}

// tableRow is a row of two columns: the text of the first, and the names in the second.
type tableRow struct {
	first  string
	second []string
}

// rowsOf are the rows of a table, without its header.
func rowsOf(table string) (rows []tableRow) {
	_, body, _ := strings.Cut(table, "|---|---|\n")
	for _, row := range regexp.MustCompile(`(?m)^\| (.+) \| (.+) \|$`).FindAllStringSubmatch(body, -1) {
		rows = append(rows, tableRow{first: row[1], second: namesIn(row[2])})
	}
	return rows
}

// namesIn are the names of members in a text, as it marks them.
func namesIn(text string) (names []string) {
	for _, name := range regexp.MustCompile("`([A-Za-z0-9.]+)`").FindAllStringSubmatch(text, -1) {
		names = append(names, name[1])
	}
	return names
}

// The documentation lists what a dump leaves out: each kind that it does not hold, and
// what stores keep beside records and API keys.
func TestDocumentedGapsOfADump(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### What a dump leaves out\n")
	section, _, _ = strings.Cut(section, "\n## ")
	said := []string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [^|]+ \\|$").FindAllStringSubmatch(section, -1) {
		said = append(said, row[1])
	}
	left := map[string]bool{"log": true, "checkpoints": true, "seen": true}
	for _, d := range crm.Descriptions() {
		left[d.Name] = true
	}
	store := newStore(t)
	put(t, store, everything()...)
	all := dump(t, store)
	for _, d := range crm.Descriptions() {
		if holds(all, crm.MemberName(crm.StructureOf(d.Kind).Type.Name())) {
			delete(left, d.Name)
		}
	}
	slices.Sort(said)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(left)), said); diff != "" {
		t.Errorf("docs/import.md does not say what a dump leaves out (-left out +said):\n%s", diff)
	}
}
