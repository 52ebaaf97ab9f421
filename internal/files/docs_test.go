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
// apart, and no others.
func TestDocumentedSharedLists(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### Lists that several systems add to\n")
	section, _, _ = strings.Cut(section, "\n- ")
	names := regexp.MustCompile("`([A-Za-z0-9]+)`")
	said := map[string][]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+) \| (.+) \|$`).FindAllStringSubmatch(section, -1) {
		for _, list := range names.FindAllStringSubmatch(row[1], -1) {
			said[list[1]] = []string{}
			for _, member := range names.FindAllStringSubmatch(row[2], -1) {
				said[list[1]] = append(said[list[1]], member[1])
			}
		}
	}
	merged := map[string][]string{}
	for _, d := range crm.Shown() {
		for _, m := range crm.StructureOf(d.Kind).Members {
			if m.Same != nil {
				merged[m.Name] = slices.Concat(append(m.Same, []string{})...)
			}
		}
	}
	if diff := cmp.Diff(merged, said, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("docs/import.md tells of other lists (-merged +said):\n%s", diff)
	}
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
