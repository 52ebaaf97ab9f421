package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
)

// Bounds of what is read, in bytes.
const (
	maxFile   = 1 << 20
	maxSecret = 4 << 10
)

// Sources are the places that settings come from. Later ones win: the file, the
// environment, the flags.
type Sources struct {
	// File is the path of a YAML file, "" for none.
	File string
	// Environ is the environment as os.Environ gives it.
	Environ []string
	// Flags are values given on the command line, by key.
	Flags map[string]Flag
	// Required are the keys that must be set by one of the three.
	Required []string
	// Shops says that the shops will be asked: their secrets are read from their
	// files too, and no shop may be without credentials.
	Shops bool
}

// Flag is a value from the command line.
type Flag struct {
	// Name is the flag as it is typed, such as --store.
	Name, Value string
}

// Error is a mistake in the settings.
type Error struct {
	// Origin says where: "gateway.yaml:7", "GATEWAY_LISTEN" or "--listen".
	Origin string
	// Key is the setting, "" if the place as a whole is wrong.
	Key string
	// Problem says what is wrong and what would be right, and repeats no value.
	Problem string
}

// Error joins place, key and problem in one line.
func (e *Error) Error() string {
	parts := []string{}
	for _, part := range []string{e.Origin, e.Key, e.Problem} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// loader gathers the settings and where each came from.
type loader struct {
	config  Config
	keys    map[string]Key // those of a list's items as soon as the item is read
	origins map[string]string
	file    string
	lines   map[string]int // of sections and items, for what is missing in them
}

// Load reads the settings from all places. Its errors are *Error.
func Load(s Sources) (Config, error) {
	l := &loader{config: Default(), keys: map[string]Key{}, origins: map[string]string{}, file: s.File, lines: map[string]int{}}
	for _, key := range single() {
		l.keys[key.Name] = key
	}
	if s.File != "" {
		if err := l.readFile(s.File); err != nil {
			return Config{}, err
		}
	}
	if err := l.readEnviron(s.Environ); err != nil {
		return Config{}, err
	}
	for _, name := range sortedKeys(s.Flags) {
		flag := s.Flags[name]
		if err := l.set(l.keys[name], flag.Name, []string{flag.Value}); err != nil {
			return Config{}, err
		}
	}
	for _, name := range s.Required {
		if l.origins[name] == "" {
			return Config{}, l.missing(name)
		}
	}
	if err := l.finish(); err != nil {
		return Config{}, err
	}
	for _, finish := range []func() error{l.finishAuth, l.finishDocuments, l.finishLimits, l.finishCORS} {
		if err := finish(); err != nil {
			return Config{}, err
		}
	}
	if err := l.finishShops(s.Shops); err != nil {
		return Config{}, err
	}
	return l.config, nil
}

// UnknownVariables returns the names of variables that start with GATEWAY_ and
// are no setting of these shops or of the rest, sorted. They are no error:
// orchestrators set such variables for a service called gateway.
func UnknownVariables(environ []string, shops []Shop) []string {
	known := map[string]bool{"GATEWAY_CONFIG": true}
	for _, key := range single() {
		known[key.Env] = true
	}
	for i, shop := range shops {
		for _, key := range shopKeys("", i) {
			known[shopVariable(key.Env, shop.Name)] = true
		}
	}
	unknown := []string{}
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "GATEWAY_") && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func (l *loader) set(key Key, origin string, values []string) error {
	for _, value := range values {
		if strings.TrimSpace(value) == "" {
			return &Error{Origin: origin, Key: key.Name, Problem: "has no value; give " + key.Want}
		}
	}
	if err := key.set(&l.config, values); err != nil {
		return &Error{Origin: origin, Key: key.Name, Problem: err.Error() + "; give " + key.Want}
	}
	l.origins[key.Name] = origin
	return nil
}

func (l *loader) readEnviron(environ []string) error {
	variables := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		variables[name] = value
	}
	for _, key := range l.settable() {
		value, ok := variables[key.Env]
		if !ok || key.Env == "" {
			continue
		}
		values := []string{value}
		if key.list {
			values = splitList(value)
		}
		if err := l.set(key, key.Env, values); err != nil {
			return err
		}
	}
	return nil
}

// settable returns the settings that variables can give, those of the file's shops
// with the names of their variables.
func (l *loader) settable() []Key {
	keys := single()
	for i, shop := range l.config.Shops {
		for _, key := range shopKeys(fmt.Sprintf("shops[%d]", i), i) {
			key.Env = shopVariable(key.Env, shop.Name)
			l.keys[key.Name] = key
			keys = append(keys, key)
		}
	}
	return keys
}

// splitList cuts a list in one variable at its commas; "" is the empty list.
func splitList(value string) []string {
	if strings.TrimSpace(value) == "" {
		return []string{}
	}
	values := strings.Split(value, ",")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return values
}

// missing is the error for a key that nothing sets.
func (l *loader) missing(name string) error {
	key := l.keys[name]
	origin, where := l.file, "the config file"
	if l.file != "" {
		section, _, _ := strings.Cut(name, ".")
		origin, where = fmt.Sprintf("%s:%d", l.file, max(l.lines[section], 1)), "this file"
	}
	flag := ""
	if name == "store.url" {
		flag = "--store, "
	}
	return &Error{Origin: origin, Key: name, Problem: fmt.Sprintf("is missing; give it by %s%s or in %s: %s", flag, key.Env, where, key.Want)}
}

// finish joins what belongs together and checks what only the whole can tell.
func (l *loader) finish() error {
	c := &l.config
	if err := l.readPassword(); err != nil {
		return err
	}
	if c.Store.TLSCAFile != "" {
		if c.Store.URL.Kind() != StoreMongoDB {
			return l.problem("store.tls_ca_file", "is for a mongodb store only; leave it out")
		}
		if _, err := readSmall(c.Store.TLSCAFile, maxFile); err != nil {
			return l.problem("store.tls_ca_file", err.Error()+"; give "+l.keys["store.tls_ca_file"].Want)
		}
		c.Store.URL = c.Store.URL.withOption("tlsCAFile", c.Store.TLSCAFile)
	}
	if !c.Store.AllowPlaintext && c.Store.URL.exposed() {
		return l.problem("store.url", "reaches MongoDB over a network without verified TLS; add ?tls=true to it, or set store.allow_plaintext: true if the network is trusted")
	}
	return nil
}

func (l *loader) readPassword() error {
	store, key := &l.config.Store, "store.password"
	if store.PasswordFile != "" {
		key = "store.password_file"
	}
	if err := l.readSecret("store.password", store.PasswordFile, &store.Password); err != nil {
		return err
	}
	if store.Password.Reveal() == "" {
		return nil
	}
	with, err := store.URL.withPassword(store.Password)
	if err != nil {
		return l.problem(key, err.Error())
	}
	store.URL = with
	return nil
}

// readSecret fills a secret from its file, if one is named. The key of the file
// is the secret's with _file.
func (l *loader) readSecret(name, file string, into *Secret) error {
	if file == "" {
		return nil
	}
	key := l.keys[name+"_file"]
	if l.origins[name] != "" {
		return l.problem(key.Name, "is set and so is "+l.keys[name].Env+"; give one of them")
	}
	content, err := readSmall(file, maxSecret)
	if err != nil {
		return l.problem(key.Name, err.Error()+"; give "+key.Want)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	switch {
	case strings.TrimSpace(line) == "":
		return l.problem(key.Name, "names an empty file; give "+key.Want)
	case strings.ContainsFunc(line, unicode.IsControl):
		return l.problem(key.Name, "names a file with more than one line, or with characters that cannot be sent; give "+key.Want)
	}
	*into = NewSecret(line)
	return nil
}

func (l *loader) problem(name, problem string) error {
	return &Error{Origin: l.origins[name], Key: name, Problem: problem}
}

// readSmall reads a file of at most limit bytes. Its errors name no path.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own path
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, errors.New("names a file that does not exist")
		}
		return nil, errors.New("names a file that cannot be opened")
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, errors.New("names a file that cannot be read")
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("names a file of more than %d bytes", limit)
	}
	return content, nil
}

func sortedKeys(flags map[string]Flag) []string {
	names := make([]string, 0, len(flags))
	for name := range flags {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
