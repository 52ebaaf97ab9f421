package main_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/demo"
)

const (
	ann    = `{"externalIdentities": [{"source": "crm", "externalId": "1"}], "kind": "PERSON", "displayName": "Ann"}` + "\n"
	bob    = `{"externalIdentities": [{"source": "crm", "externalId": "2"}], "kind": "PERSON", "displayName": "Bob"}` + "\n"
	broken = `{"externalIdentities": [` + "\n"
)

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImport(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	file := write(t, "customers.ndjson", []byte(ann+bob))
	args := []string{"import", "--store", store, "--kind", "customers", "--json"}

	code, stdout, stderr := run(t, "", append(args, file)...)
	if want := `{"read":2,"created":2,"updated":0,"unchanged":0,"rejected":0}` + "\n"; code != 0 || stdout != want || stderr != "" {
		t.Errorf("first: %d %q %q", code, stdout, stderr)
	}
	code, stdout, stderr = run(t, ann, append(args, file, "-")...)
	if want := `{"read":3,"created":0,"updated":0,"unchanged":3,"rejected":0}` + "\n"; code != 0 || stdout != want || stderr != "" {
		t.Errorf("again, and from standard input: %d %q %q", code, stdout, stderr)
	}

	var zipped bytes.Buffer
	packer := gzip.NewWriter(&zipped)
	if _, err := packer.Write([]byte(ann + broken)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	if err := os.WriteFile(rejects, []byte("of the last time"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = run(t, "", append(args, "--rejects", rejects, write(t, "more.jsonl.gz", zipped.Bytes()))...)
	if want := `{"read":2,"created":0,"updated":0,"unchanged":1,"rejected":1}` + "\n"; code != 1 || stdout != want || !strings.Contains(stderr, rejects) {
		t.Errorf("with a reject: %d %q %q", code, stdout, stderr)
	}
	report, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(report), "line,field,reason,record,file\n2,") {
		t.Errorf("report:\n%s", report)
	}
	if info, err := os.Stat(rejects); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the report's mode is %v, %v", info.Mode(), err)
	}
	if code, stdout, _ = run(t, broken, "import", "--store", store, "--kind", "customers", "-"); code != 1 || stdout != "read 1, created 0, updated 0, unchanged 0, rejected 1\n" {
		t.Errorf("in words: %d %q", code, stdout)
	}
}

// A mistake in the call is found before the store is made.
func TestImportMistakes(t *testing.T) {
	good := write(t, "good.ndjson", []byte(ann))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no file":          {[]string{"--kind", "customers"}, "<file>"},
		"unknown kind":     {[]string{"--kind", "clients", good}, "--kind: a kind must be one of"},
		"unknown ending":   {[]string{"--kind", "customers", write(t, "a.xlsx", nil)}, "must end in .ndjson"},
		"unknown format":   {[]string{"--kind", "customers", "--format", "xml", good}, "--format must be ndjson or csv"},
		"missing file":     {[]string{"--kind", "customers", good, "/nowhere.csv"}, "/nowhere.csv: no such file"},
		"a folder":         {[]string{"--kind", "customers", "--format", "csv", t.TempDir()}, "is no file"},
		"rejects on input": {[]string{"--kind", "customers", "--rejects", good, good}, "is one of the files to read"},
		"not gzip":         {[]string{"--kind", "customers", write(t, "a.ndjson.gz", []byte(ann))}, "is not compressed with gzip"},
		"CSV, no kind":     {[]string{"--format", "csv", good}, "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"import", "--store", "sqlite:" + filepath.Join(t.TempDir(), "store.db")}, test.args...)
			code, stdout, stderr := run(t, "", args...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%d %q %q, want 2 and one line with %q", code, stdout, stderr, test.want)
			}
		})
	}
	if content, err := os.ReadFile(good); err != nil || string(content) != ann {
		t.Errorf("the file to read is now %q, %v", content, err)
	}
}

// A report is never written over the store, what belongs to it, or the configuration;
// neither under another name nor before it is there.
func TestRejectsSpareTheStore(t *testing.T) {
	folder := t.TempDir()
	store, settings := filepath.Join(folder, "store.db"), filepath.Join(folder, "gateway.yaml")
	good := write(t, "good.ndjson", []byte(ann))
	if err := os.WriteFile(settings, []byte("customer_groups: [household]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link, other := filepath.Join(folder, "link.csv"), filepath.Join(t.TempDir(), "elsewhere")
	for name, target := range map[string]string{link: store, other: folder} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"import", "--store", "sqlite:" + store, "--config", settings, "--kind", "customers"}
	refused := func(when string, reports ...string) {
		for _, report := range reports {
			code, _, stderr := run(t, "", append(args, "--rejects", report, good)...)
			if code != 2 || !strings.Contains(stderr, "name another") {
				t.Errorf("%s, --rejects %s: %d %q, want it refused", when, report, code, stderr)
			}
		}
	}
	refused("before the store is there", store, store+"-wal", settings, filepath.Join(other, "store.db"))
	if _, err := os.Stat(store); err == nil {
		t.Error("a refused call made the store")
	}
	if code, _, stderr := run(t, "", append(args, good)...); code != 0 {
		t.Fatalf("%d %q", code, stderr)
	}
	refused("with the store", store, link, store+"-wal", store+"-shm", store+"-journal", settings, filepath.Join(other, "store.db"))
	code, _, stderr := run(t, "", append(args, "--rejects", filepath.Join(folder, "rejects.csv"), good)...)
	if code != 0 {
		t.Errorf("%d %q, want the store to be as it was", code, stderr)
	}
}

// On a terminal an import shows rows and rate; elsewhere it shows nothing.
func TestImportProgress(t *testing.T) {
	file := write(t, "customers.ndjson", []byte(ann+bob))
	for _, terminal := range []bool{true, false} {
		var out, errs bytes.Buffer
		m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Terminal: terminal}
		code := m.Run(t.Context(), []string{"import", "--store", "sqlite:" + filepath.Join(t.TempDir(), "store.db"), "--kind", "customers", file})
		if code != 0 || strings.Contains(errs.String(), "2 rows, ") != terminal || !terminal && errs.Len() > 0 {
			t.Errorf("terminal %v: %d %q", terminal, code, errs.String())
		}
	}
}

// A dump imported into an empty store and dumped again is the same.
func TestDump(t *testing.T) {
	first := "sqlite:" + filepath.Join(t.TempDir(), "first.db")
	second := "sqlite:" + filepath.Join(t.TempDir(), "second.db")
	if code, _, stderr := run(t, ann+bob, "import", "--store", first, "--kind", "customers", "-"); code != 0 {
		t.Fatal(stderr)
	}
	code, dump, stderr := run(t, "", "dump", "--store", first)
	if code != 0 || stderr != "" || strings.Count(dump, "\n") != 2 {
		t.Fatalf("%d %q %q", code, dump, stderr)
	}
	if code, _, stderr := run(t, dump, "import", "--store", second, "-"); code != 0 {
		t.Fatal(stderr)
	}
	if _, again, _ := run(t, "", "dump", "--store", second); again != dump {
		t.Errorf("(-first +second):\n%s", cmp.Diff(dump, again))
	}
	mistyped := filepath.Join(t.TempDir(), "typo.db")
	if code, stdout, stderr := run(t, "", "dump", "--store", "sqlite:"+mistyped); code != 2 || stdout != "" || !strings.Contains(stderr, "no such file") {
		t.Errorf("a file that is not there: %d %q %q", code, stdout, stderr)
	}
	if _, err := os.Stat(mistyped); err == nil {
		t.Error("dump made the file it should read")
	}
}

// The demo's customers fit the groups of a company that configured none.
func TestDemoFitsTheDefaultGroups(t *testing.T) {
	data, err := demo.Generate()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, group := range config.Default().CustomerGroups {
		known[group] = true
	}
	for _, c := range data.Customers {
		if c.CustomerGroup != nil && !known[*c.CustomerGroup] {
			t.Fatalf("the demo has the group %q, which is not among the defaults", *c.CustomerGroup)
		}
	}
}
