package persisted_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/graph/document/persisted"
)

// lines is a log that one goroutine writes and another reads.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// take returns what was written since the last time.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// watching runs Watch over a file in a bubble of time; pass lets it look once.
type watching struct {
	t    *testing.T
	docs *persisted.Documents
	out  *lines
}

// watch calls test while Watch runs over the file at path.
func watch(t *testing.T, path string, test func(*watching)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watching{t: t, out: &lines{}}
		docs, err := persisted.New(persisted.Config{
			Manifest: path, Mode: persisted.ModeSafelist, Validate: balanced,
			Logger: slog.New(slog.NewTextHandler(w.out, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.docs = docs
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { docs.Watch(ctx) })
		test(w)
		cancel()
		group.Wait()
	})
}

func (w *watching) pass() {
	w.t.Helper()
	time.Sleep(persisted.DefaultPoll)
	synctest.Wait()
}

// wants checks that one text is trusted and another is not, and how many lines with
// a word were logged since the last time.
func (w *watching) wants(trusted, not, word string, lines int) {
	w.t.Helper()
	if _, err := w.docs.Resolve(&trusted, ""); err != nil {
		w.t.Errorf("%s is not trusted: %v", trusted, err)
	}
	if _, err := w.docs.Resolve(&not, ""); err == nil {
		w.t.Errorf("%s is trusted", not)
	}
	out := w.out.take()
	if strings.Count(out, word) != lines || strings.Count(out, "\n") != lines {
		w.t.Errorf("want %d lines with %q, got: %s", lines, word, out)
	}
}

func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest.json")
	one, two := manifest(t, op{ID: "1", Body: byHash}), manifest(t, op{ID: "2", Body: byCustom})
	write(t, path, one)
	watch(t, path, func(w *watching) {
		w.pass()
		w.wants(byHash, byCustom, "level", 0)

		write(t, path, two)
		w.pass()
		w.wants(byCustom, byHash, "is used", 1)

		write(t, path, two[:len(two)-10])
		w.pass()
		w.wants(byCustom, byHash, "level=ERROR", 1)
		w.pass()
		w.wants(byCustom, byHash, "level", 0)

		write(t, path, manifest(t, op{ID: "1", Body: byHash}, op{ID: "2", Body: "{"}))
		w.pass()
		w.wants(byCustom, byHash, "operation 1: its body is not valid", 1)

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		w.pass()
		w.pass()
		w.wants(byCustom, byHash, "level=ERROR", 1)

		write(t, path, one)
		w.pass()
		w.wants(byHash, byCustom, "is used", 1)
	})
}

// A file of the same size and time, behind a symbolic link that is swapped as
// Kubernetes does for a config map, is another file.
func TestWatchFollowsSwappedLinks(t *testing.T) {
	dir := t.TempDir()
	at := time.Now()
	for name, text := range map[string]string{"..v1": byHash, "..v2": byCustom} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name, "manifest.json")
		write(t, file, manifest(t, op{ID: "1", Body: text}))
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target string) {
		next := filepath.Join(dir, "..next")
		if err := os.Symlink(target, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	link("..v1")
	path := filepath.Join(dir, "manifest.json")
	if err := os.Symlink(filepath.Join("..data", "manifest.json"), path); err != nil {
		t.Fatal(err)
	}
	watch(t, path, func(w *watching) {
		w.pass()
		w.wants(byHash, byCustom, "level", 0)
		link("..v2")
		w.pass()
		w.wants(byCustom, byHash, "is used", 1)
	})
}

func TestWatchWithoutAManifestReturns(t *testing.T) {
	d, err := persisted.New(persisted.Config{})
	if err != nil {
		t.Fatal(err)
	}
	d.Watch(t.Context())
}
