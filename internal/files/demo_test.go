package files_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/files"
)

// The demo's dump is the same bytes from every store; imported into an empty
// store it dumps to the same bytes again, and imported twice it changes nothing.
func TestDumpOfTheDemo(t *testing.T) {
	var first []byte
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		if err := demo.Load(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := files.Dump(t.Context(), store, &got); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got.Bytes()
		}
		if !bytes.Equal(first, got.Bytes()) {
			t.Errorf("the dump differs from the first store's near\n%s", near(first, got.Bytes()))
		}
	})
	t.Run("imported again", func(t *testing.T) {
		store := backends.SQLite(t, nil)
		lines := bytes.Count(first, []byte("\n"))
		for run, want := range []files.Summary{{Read: lines, Created: lines}, {Read: lines, Unchanged: lines}} {
			got, err := files.Import(context.Background(), store, bytes.NewReader(first), files.Options{Clock: demo.Now})
			if err != nil || got != want {
				t.Errorf("run %d: %+v, %v; want %+v", run, got, err, want)
			}
		}
		var again bytes.Buffer
		if err := files.Dump(t.Context(), store, &again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again.Bytes()) {
			t.Errorf("the dump of the imported dump differs near\n%s", near(first, again.Bytes()))
		}
	})
}

// near returns the first line in which two dumps differ, of both.
func near(a, b []byte) []byte {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return append(append(x[i], '\n'), y[i]...)
		}
	}
	return []byte("the end of the shorter one")
}
