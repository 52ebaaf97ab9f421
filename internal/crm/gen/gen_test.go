package main

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// What lies in internal/crm is what its constants are today.
func TestGeneratedFileIsCurrent(t *testing.T) {
	want, err := generate(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./internal/crm (-want +got):\n%s", diff)
	}
}

// Words in capitals make an enumeration; other typed constants and untyped ones do not.
func TestEnumerations(t *testing.T) {
	source := fstest.MapFS{
		"a.go":      {Data: []byte("package a\ntype Color string\nconst Red Color = \"RED\"\nconst limit = 3\nconst Field Name = \"name\"\n")},
		"b.go":      {Data: []byte("package a\nconst (\n\tGreen Color = \"GREEN\"\n\tother = \"X\"\n)\n")},
		"b_test.go": {Data: []byte("package a\nconst Blue Color = \"BLUE\"\n")},
	}
	list, err := enumerations(source)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d enumerations, %v", len(list), err)
	}
	if diff := cmp.Diff([]string{"Red", "Green"}, list[0].constants); diff != "" || list[0].name != "Color" {
		t.Errorf("%s (-want +got):\n%s", list[0].name, diff)
	}
	if _, err := enumerations(fstest.MapFS{}); err == nil {
		t.Error("no enumerations are no error")
	}
}
