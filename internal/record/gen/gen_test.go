package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What lies in internal/record is what the domain's types give today.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	want, err := files()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	names, err := filepath.Glob("../*_generated*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if got[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run go generate ./internal/record (-want +got):\n%s", diff)
	}
}

// A field that nobody has said how to write stops the generator, by name.
func TestFieldsWithoutAForm(t *testing.T) {
	type odd struct {
		Map     map[string]string
		Any     any
		Small   int32
		Times   []time.Time
		Deep    **string
		Foreign struct{ A int }
		Good    *string
		hidden  int //nolint:unused // The generator has to see it.
	}
	_, err := describe(reflect.TypeFor[odd]())
	if err == nil {
		t.Fatal("every field has a form")
	}
	for f := range reflect.TypeFor[odd]().Fields() {
		if found := strings.Contains(err.Error(), "crm.odd."+f.Name+" is "); found == (f.Name == "Good") {
			t.Errorf("%s is named: %v, in:\n%v", f.Name, found, err)
		}
	}
}

// Every exception and every link is of a field that exists: none is left over.
func TestExceptionsAreOfFields(t *testing.T) {
	m, err := describe(kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, s := range m.structures {
		for f := range s.typ.Fields() {
			fields[s.name()+"."+f.Name] = true
		}
	}
	for path := range exceptions() {
		if !fields[path] {
			t.Errorf("crm.%s has an exception and does not exist", path)
		}
	}
	for name := range links() {
		if !slices.ContainsFunc(m.structures, func(s *structure) bool { return s.name() == name }) {
			t.Errorf("crm.%s has links and is not written down", name)
		}
	}
}
