package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/config"
)

const (
	examplePath = "../../configs/gateway.example.yaml"
	docsPath    = "../../docs/configuration.md"
)

// revealed compares what secrets hold, not how they print.
func revealed() cmp.Option {
	return cmp.Options{
		cmp.Transformer("revealURL", func(u config.StoreURL) string { return u.Reveal() }),
		cmp.Transformer("revealSecret", func(s config.Secret) string { return s.Reveal() }),
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleHoldsTheDefaults(t *testing.T) {
	got, err := config.Load(config.Sources{File: examplePath})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), got, revealed()); diff != "" {
		t.Errorf("the example differs from the defaults (-default +example):\n%s", diff)
	}
}

func TestExampleParsesWithEverySetting(t *testing.T) {
	content, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`(?m)^( *)#([a-z_]+:(?: |$))`).ReplaceAllString(string(content), "$1$2")
	above, shops, _ := strings.Cut(all, "\nshops:\n")
	above = regexp.MustCompile(`(?m)^#(  +\S)`).ReplaceAllString(above, "$1")
	all = above + "\nshops:\n" + regexp.MustCompile(`(?m)^#`).ReplaceAllString(shops, "")
	all = regexp.MustCompile(`(_file: )/run/secrets/\S+`).ReplaceAllString(all, "${1}"+password)
	all = strings.NewReplacer("/etc/ssl/mongodb-ca.pem", password).Replace(all)
	got, err := config.Load(config.Sources{File: write(t, all), Shops: true})
	if err != nil {
		t.Fatal(err)
	}
	checkExampleShops(t, got.Shops, password)
	checkExampleIssuers(t, got.Auth.Issuers)
	if want := "mongodb://gateway:s3cret@127.0.0.1:27017/customer360?tlsCAFile="; !strings.HasPrefix(got.Store.URL.Reveal(), want) {
		t.Errorf("store.url = %q, want it to start with %q", got.Store.URL.Reveal(), want)
	}
}

// Every field of Config has a key named after it, and every key is in the
// example and in the documentation.
func TestEveryKeyIsDocumented(t *testing.T) {
	example, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, key := range config.Keys() {
		names = append(names, key.Name)
		last := key.Name[strings.LastIndex(key.Name, ".")+1:]
		if !key.EnvOnly && !regexp.MustCompile(`(?m)^ *#? *(- )?`+last+`:`).Match(example) {
			t.Errorf("%s is not in %s", key.Name, examplePath)
		}
		for _, want := range []string{row(key.Name), row(key.Env), key.Want} {
			if !strings.Contains(string(docs), want) {
				t.Errorf("%s does not say %q for %s", docsPath, want, key.Name)
			}
		}
	}
	want := fields(reflect.TypeFor[config.Config](), "")
	slices.Sort(want)
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the fields of Config are not the keys (-fields +keys):\n%s", diff)
	}
}

// row is how the documentation's table writes a word; "" is none.
func row(word string) string {
	if word == "" {
		return "| |"
	}
	return "`" + word + "`"
}

func fields(of reflect.Type, path string) []string {
	names := []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		name := path + snake(field.Name)
		if field.Type.Kind() == reflect.Struct && field.Type.NumField() > 0 && field.Type.Field(0).IsExported() {
			names = append(names, fields(field.Type, name+".")...)
			continue
		}
		if field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
			names = append(names, fields(field.Type.Elem(), name+"[].")...)
			continue
		}
		names = append(names, name)
	}
	return names
}

func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		start := i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if start {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.NewReplacer("tlsca_", "tls_ca_", "jwksurl", "jwks_url", "apikeys", "api_keys", "h2_c", "h2c").Replace(b.String()) // two initialisms in a row
}

func TestPrecedence(t *testing.T) {
	file := write(t, "listen: localhost:1\nadmin_listen: localhost:1\nlog: {level: debug}\n")
	got, err := config.Load(config.Sources{
		File:    file,
		Environ: []string{"GATEWAY_LISTEN=localhost:2", "GATEWAY_ADMIN_LISTEN=localhost:2", "GATEWAY_CORS_ALLOWED_ORIGINS=https://a.example, http://localhost:3000"},
		Flags:   map[string]config.Flag{"listen": {Name: "--listen", Value: "localhost:3"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Listen, want.AdminListen, want.Log.Level = "localhost:3", "localhost:2", "debug"
	want.CORS.AllowedOrigins = []string{"https://a.example", "http://localhost:3000"}
	if diff := cmp.Diff(want, got, revealed()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMistakesInAFile(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"unknown key":     {"listn: x\n", `:1: listn: is no key; did you mean listen?`},
		"unknown section": {"\nstroe:\n  url: x\n", `:2: stroe: is no key; did you mean store?`},
		"unknown in section": {
			"store:\n  url: sqlite:a\n  nonsense: 1\n",
			`:3: store.nonsense: is no key; the keys under store are allow_plaintext, password, password_file, timeout, tls_ca_file, url`,
		},
		"misplaced":        {"timeout: 5s\n", `:1: timeout: is no key; did you mean store.timeout?`},
		"bad duration":     {"store:\n  timeout: soon\n", `:2: store.timeout: is no duration; give a duration from 100ms to 1m, such as 10s or 1m30s`},
		"out of range":     {"limits:\n  body_bytes: 1\n", `:2: limits.body_bytes: is out of range; give a whole number from 1024 to 67108864`},
		"no number":        {"limits:\n  body_bytes: 1MB\n", `:2: limits.body_bytes: is no whole number; give`},
		"bad word":         {"log:\n  format: xml\n", `:2: log.format: is none of the words it may be; give json, text`},
		"bad yes or no":    {"explorer: yes please\n", `:1: explorer: is neither true nor false; give true or false`},
		"bad store":        {"store:\n  url: postgres://canary-secret@h/db\n", `:2: store.url: a store is sqlite:PATH, mongodb://HOST/DATABASE or`},
		"no value":         {"listen:\n", `:1: listen: has no value; give HOST:PORT`},
		"empty section":    {"store:\nlisten: localhost:1\n", `:1: store: has no value; give keys under it: allow_plaintext`},
		"scalar section":   {"store: sqlite:a\n", `:1: store: must hold keys`},
		"list for one":     {"listen: [a, b]\n", `:1: listen: takes one value, not a list; give HOST:PORT`},
		"one for list":     {"customer_groups: household\n", `:1: customer_groups: takes a list, even of one item; give a list of names`},
		"map for one":      {"listen: {a: b}\n", `:1: listen: is not a plain value`},
		"star origin":      {"cors:\n  allowed_origins: ['*']\n", `:2: cors.allowed_origins: item 1 is not an origin; give a list of origins`},
		"twice":            {"listen: localhost:1\nlisten: localhost:2\n", `:2: listen: is there twice; keep one`},
		"not YAML":         {"store:\n  url: 'canary-secret\n", `is not YAML`},
		"two documents":    {"listen: localhost:1\n---\nlisten: localhost:2\n", `is a second document`},
		"a list":           {"- a\n", `:1: must hold keys`},
		"password in file": {"store:\n  password: canary-secret\n", `:2: store.password: must not be in a file; use store.password_file or GATEWAY_STORE_PASSWORD`},
		"no such password": {"store:\n  url: mongodb://u@localhost/d\n  password_file: /nowhere\n", `:3: store.password_file: names a file that does not exist`},
		"plaintext":        {"store:\n  url: mongodb://u:canary-secret@db.example/d\n", `:2: store.url: reaches MongoDB over a network without verified TLS; add ?tls=true`},
		"missing":          {"store:\n  timeout: 5s\n", `:1: store.url: is missing; give it by --store, GATEWAY_STORE_URL or in this file: sqlite:PATH`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := write(t, test.content)
			_, err := config.Load(config.Sources{File: file, Required: []string{"store.url"}})
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.HasPrefix(got, file+":") || !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("error %q\nwant one line with %q", got, test.want)
			}
			if strings.Contains(err.Error(), "canary-secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestMistakesElsewhere(t *testing.T) {
	tests := map[string]struct {
		sources config.Sources
		want    string
	}{
		"variable":      {config.Sources{Environ: []string{"GATEWAY_LOG_LEVEL=loud"}}, "GATEWAY_LOG_LEVEL: log.level: is none of the words"},
		"empty":         {config.Sources{Environ: []string{"GATEWAY_STORE_URL="}}, "GATEWAY_STORE_URL: store.url: has no value"},
		"flag":          {config.Sources{Flags: map[string]config.Flag{"listen": {Name: "--listen", Value: "8080"}}}, "--listen: listen: is not HOST:PORT"},
		"no file":       {config.Sources{File: "/nowhere.yaml"}, "/nowhere.yaml: is a file that does not exist"},
		"nothing":       {config.Sources{Required: []string{"store.url"}}, "store.url: is missing; give it by --store, GATEWAY_STORE_URL or in the config file"},
		"password only": {config.Sources{Environ: []string{"GATEWAY_STORE_PASSWORD=x", "GATEWAY_STORE_URL=sqlite:a"}}, "GATEWAY_STORE_PASSWORD: store.password: only a mongodb store takes a password"},
		"no user":       {config.Sources{Environ: []string{"GATEWAY_STORE_PASSWORD=x", "GATEWAY_STORE_URL=mongodb://localhost/d"}}, "names no user"},
		"two passwords": {config.Sources{Environ: []string{"GATEWAY_STORE_PASSWORD=x", "GATEWAY_STORE_URL=mongodb://u:p@localhost/d"}}, "has a password already"},
		"two lines":     {config.Sources{Environ: []string{"GATEWAY_STORE_PASSWORD=a\nb"}}, "GATEWAY_STORE_PASSWORD: store.password: has more than one line"},
		"list item":     {config.Sources{Environ: []string{"GATEWAY_CORS_ALLOWED_ORIGINS=https://a.example,b"}}, "item 2 is not an origin"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(test.sources)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
