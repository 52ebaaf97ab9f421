package persisted_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/crm"
)

// op is an operation of a manifest.
type op struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Body string `json:"body"`
}

func manifest(t *testing.T, ops ...op) []byte {
	t.Helper()
	if ops == nil {
		ops = []op{}
	}
	text, err := json.Marshal(map[string]any{"format": "apollo-persisted-query-manifest", "version": 1, "operations": ops})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

const (
	byHash   = "query A { a }"
	byCustom = "query B { b }"
	unknown  = "query C { c }"
)

// documents makes Documents with one operation by its hash and one by an id.
func documents(t *testing.T, c persisted.Config) *persisted.Documents {
	t.Helper()
	if c.Manifest == "" {
		c.Manifest = filepath.Join(t.TempDir(), "manifest.json")
		write(t, c.Manifest, manifest(t, op{hash(byHash), "A", "query", byHash}, op{"b-1", "B", "query", byCustom}))
	}
	d, err := persisted.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// code returns an error's code as the graph shows it.
func code(err error) string {
	var own *persisted.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &own):
		return own.Code()
	default:
		return string(crm.CodeOf(err))
	}
}

func TestResolve(t *testing.T) {
	type answer struct {
		text    string
		trusted bool
		code    string
	}
	a, b, c := answer{byHash, true, ""}, answer{byCustom, true, ""}, answer{unknown, false, ""}
	refused := func(code string) answer { return answer{code: code} }
	invalid, forbidden := refused("INVALID"), refused("FORBIDDEN")
	notFound, notSupported := refused("PERSISTED_QUERY_NOT_FOUND"), refused("PERSISTED_QUERY_NOT_SUPPORTED")
	text := func(s string) *string { return &s }
	cases := []struct {
		name  string
		query *string
		id    string
		// The answers: allow with APQ, allow without, safelist, require-id.
		allow, without, safelist, requireID answer
	}{
		{"nothing", nil, "", invalid, invalid, invalid, invalid},
		{"empty text", text(""), "", invalid, invalid, invalid, invalid},
		{"text of the manifest", text(byHash), "", a, a, a, forbidden},
		{"text of the manifest with another id", text(byCustom), "", b, b, b, forbidden},
		{"unknown text", text(unknown), "", c, c, forbidden, forbidden},
		{"text that differs in a blank", text(byHash + " "), "", answer{byHash + " ", false, ""}, answer{byHash + " ", false, ""}, forbidden, forbidden},
		{"hash", nil, hash(byHash), a, a, a, a},
		{"hash with its prefix", nil, "sha256:" + hash(byHash), a, a, a, a},
		{"own id", nil, "b-1", b, b, b, b},
		{"hash of what has an own id", nil, hash(byCustom), b, b, b, b},
		{"hash with its prefix of what has an own id", nil, "sha256:" + hash(byCustom), b, b, b, b},
		{"unknown hash", nil, hash(unknown), notFound, notSupported, notFound, notFound},
		{"unknown id", nil, "x", notFound, notSupported, notFound, notFound},
		{"prefixed own id", nil, "sha256:b-1", notFound, notSupported, notFound, notFound},
		{"hash in capitals", nil, strings.ToUpper(hash(byHash)), notFound, notSupported, notFound, notFound},
		{"empty text beside a hash", text(""), hash(byHash), a, a, a, a},
		{"text and its hash", text(byHash), hash(byHash), a, a, a, a},
		{"text and its own id", text(byCustom), "b-1", b, b, b, b},
		{"text and its hash instead of its id", text(byCustom), hash(byCustom), b, b, b, b},
		{"another text beside a hash", text(unknown), hash(byHash), invalid, invalid, a, a},
		{"another text beside an own id", text(unknown), "b-1", invalid, invalid, b, b},
		{"unknown text and its hash", text(unknown), hash(unknown), c, c, notFound, notFound},
		{"unknown text and a wrong hash", text(unknown), hash("x"), invalid, invalid, notFound, notFound},
		{"known text beside an unknown hash", text(byHash), hash("x"), invalid, invalid, notFound, notFound},
	}
	modes := map[string]struct {
		config persisted.Config
		want   func(int) answer
	}{
		"allow":             {persisted.Config{APQ: persisted.DefaultAPQ()}, func(i int) answer { return cases[i].allow }},
		"log":               {persisted.Config{Mode: persisted.ModeLog, APQ: persisted.DefaultAPQ()}, func(i int) answer { return cases[i].allow }},
		"allow without APQ": {persisted.Config{Mode: persisted.ModeAllow}, func(i int) answer { return cases[i].without }},
		"safelist":          {persisted.Config{Mode: persisted.ModeSafelist, APQ: persisted.DefaultAPQ()}, func(i int) answer { return cases[i].safelist }},
		"require-id":        {persisted.Config{Mode: persisted.ModeRequireID, APQ: persisted.DefaultAPQ()}, func(i int) answer { return cases[i].requireID }},
	}
	for mode, m := range modes {
		d := documents(t, m.config)
		for i, test := range cases {
			t.Run(mode+"/"+test.name, func(t *testing.T) {
				found, err := d.Resolve(test.query, test.id)
				if got, want := (answer{found.Text, found.Trusted, code(err)}), m.want(i); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				wantName := ""
				if found.Trusted {
					wantName = strings.Fields(found.Text)[1]
				}
				if found.Name != wantName {
					t.Errorf("its name is %q, want %q", found.Name, wantName)
				}
				if err != nil && (strings.Contains(err.Error(), "{") || test.id != "" && strings.Contains(err.Error(), test.id)) {
					t.Errorf("the error echoes the request: %v", err)
				}
			})
		}
	}
}

// The words are those that Apollo Client looks for.
func TestWordsOfPersistedQueries(t *testing.T) {
	_, err := documents(t, persisted.Config{APQ: persisted.DefaultAPQ()}).Resolve(nil, hash(unknown))
	if err == nil || err.Error() != "PersistedQueryNotFound" || code(err) != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("unknown: got %v", err)
	}
	_, err = documents(t, persisted.Config{}).Resolve(nil, hash(unknown))
	if err == nil || err.Error() != "PersistedQueryNotSupported" || code(err) != "PERSISTED_QUERY_NOT_SUPPORTED" {
		t.Errorf("without APQ: got %v", err)
	}
}

func TestTrusted(t *testing.T) {
	d := documents(t, persisted.Config{})
	if diff := cmp.Diff([]string{byHash, byCustom}, slices.Collect(d.Trusted())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for range d.Trusted() {
		break
	}
	none, err := persisted.New(persisted.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(none.Trusted()); len(got) != 0 {
		t.Errorf("without a manifest: got %q", got)
	}
}

func TestUnknownDocumentsAreLogged(t *testing.T) {
	for _, mode := range persisted.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			var out bytes.Buffer
			d := documents(t, persisted.Config{Mode: mode, Logger: slog.New(slog.NewTextHandler(&out, nil))})
			for _, text := range []string{byHash, unknown, unknown} {
				if found, err := d.Resolve(&text, ""); err == nil {
					d.Accepted(t.Context(), found, "key_1", "Name")
				}
			}
			want := 0
			if mode == persisted.ModeLog {
				want = 1
			}
			line := "sha256=" + hash(unknown) + " operation=Name"
			if got := strings.Count(out.String(), "\n"); got != want || want != strings.Count(out.String(), line) {
				t.Errorf("got %d lines, want %d of %q:\n%s", got, want, line, out.String())
			}
			if strings.Contains(out.String(), unknown) || strings.Contains(out.String(), "key_1") {
				t.Errorf("the log holds a text or who sent it: %s", out.String())
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]persisted.Config{
		"a mode that is none":           {Mode: "everything"},
		"safelist without a manifest":   {Mode: persisted.ModeSafelist},
		"require-id without a manifest": {Mode: persisted.ModeRequireID},
		"a missing manifest":            {Manifest: filepath.Join(t.TempDir(), "none.json")},
		"a folder":                      {Manifest: t.TempDir()},
	} {
		if _, err := persisted.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// What @apollo/generate-persisted-query-manifest 1.4.0 writes is read, with the ids
// that it gives: the SHA-256 of each body.
func TestGeneratedManifest(t *testing.T) {
	d := documents(t, persisted.Config{Manifest: filepath.Join("testdata", "manifest.json"), Mode: persisted.ModeRequireID})
	var names []string
	for text := range d.Trusted() {
		found, err := d.Resolve(nil, hash(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(persisted.Found{Text: text, Trusted: true, Name: found.Name}, found, cmpopts.IgnoreUnexported(persisted.Found{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		names = append(names, found.Name)
	}
	if diff := cmp.Diff([]string{"Customer", "Greeting", "Rename"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
