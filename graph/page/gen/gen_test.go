package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What lies in graph/page is what the schema gives today.
func TestGeneratedFileIsCurrent(t *testing.T) {
	t.Chdir("../..") // The folder in which it is generated.
	whole, err := load()
	if err != nil {
		t.Fatal(err)
	}
	own, err := declared("page")
	if err != nil {
		t.Fatal(err)
	}
	want, err := types(whole, own)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./graph (-want +got):\n%s", diff)
	}
}
