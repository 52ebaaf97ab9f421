package persisted_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/customer360/gateway/graph/document/persisted"
)

// register sends a text with its hash, as a client does whose hash is not known.
func register(t *testing.T, d *persisted.Documents, text, owner string) {
	t.Helper()
	found, err := d.Resolve(&text, hash(text))
	if err != nil {
		t.Fatal(err)
	}
	d.Accepted(t.Context(), found, owner, "")
}

func kept(d *persisted.Documents, text string) bool {
	found, err := d.Resolve(nil, hash(text))
	return err == nil && found.Text == text
}

func withAPQ(t *testing.T, bounds persisted.APQ) *persisted.Documents {
	t.Helper()
	d, err := persisted.New(persisted.Config{APQ: bounds})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRegister(t *testing.T) {
	d := documents(t, persisted.Config{APQ: persisted.DefaultAPQ()})
	text := unknown
	found, err := d.Resolve(&text, hash(text))
	if err != nil {
		t.Fatal(err)
	}
	if kept(d, text) {
		t.Error("a document is kept before it was accepted")
	}
	d.Accepted(t.Context(), found, "a", "")
	if found, err = d.Resolve(nil, hash(text)); err != nil || found.Text != text || found.Trusted {
		t.Errorf("got %+v, %v, want the text, not trusted", found, err)
	}
	if found, err = d.Resolve(nil, "sha256:"+hash(text)); err != nil || found.Text != text {
		t.Errorf("with the hash's prefix: got %+v, %v", found, err)
	}
	other := "query D { d }"
	if found, err = d.Resolve(&other, ""); err != nil {
		t.Fatal(err)
	}
	d.Accepted(t.Context(), found, "a", "")
	if kept(d, other) {
		t.Error("a text without a hash is kept")
	}
}

func TestLongDocumentsAreNotKept(t *testing.T) {
	d := withAPQ(t, persisted.APQ{Entries: 10, EntryBytes: 20})
	for length, want := range map[int]bool{20: true, 21: false} {
		text := strings.Repeat("x", length)
		register(t, d, text, "a")
		if got := kept(d, text); got != want {
			t.Errorf("%d bytes: kept %v, want %v", length, got, want)
		}
	}
}

func TestWhoRegistersWithoutEndPushesOutTheirOwn(t *testing.T) {
	for name, bounds := range map[string]persisted.APQ{
		"by entries": {Entries: 20},
		"by bytes":   {Entries: 1_000, Bytes: 20 * 100, EntryBytes: 100},
	} {
		t.Run(name, func(t *testing.T) {
			d := withAPQ(t, bounds)
			text := func(owner string, i int) string {
				return fmt.Sprintf("%s%04d%s", owner, i, strings.Repeat("x", 100-5))
			}
			// One has a few documents, used long ago; in the count of bytes just as many.
			for i := range 5 {
				register(t, d, text("a", i), "a")
			}
			for i := range 1_000 {
				register(t, d, text("b", i), "b")
				if i%100 == 0 {
					register(t, d, text("c", i/100), "c")
				}
			}
			for i := range 5 {
				if !kept(d, text("a", i)) {
					t.Errorf("document %d of a caller with few was pushed out", i)
				}
			}
			count := 0
			for i := range 1_000 {
				if kept(d, text("b", i)) {
					count++
				}
			}
			for i := range 10 {
				if kept(d, text("c", i)) {
					count++
				}
			}
			if count != 15 {
				t.Errorf("%d documents of others are kept, want 15", count)
			}
		})
	}
}

// Many small documents do not push out a caller with one large one.
func TestSmallDocumentsDoNotPushOutALargeOne(t *testing.T) {
	d := withAPQ(t, persisted.APQ{Entries: 50})
	large := strings.Repeat("x", 10_000)
	register(t, d, large, "a")
	for i := range 500 {
		register(t, d, fmt.Sprint(i), "b")
	}
	if !kept(d, large) {
		t.Error("the large one was pushed out")
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	for name, owner := range map[string]func(string) string{
		"one caller":           func(string) string { return "a" },
		"a caller of each own": func(text string) string { return text },
	} {
		t.Run(name, func(t *testing.T) {
			d := withAPQ(t, persisted.APQ{Entries: 3})
			for _, text := range []string{"1", "2", "3"} {
				register(t, d, text, owner(text))
			}
			kept(d, "1")
			register(t, d, "4", owner("4"))
			for text, want := range map[string]bool{"1": true, "2": false, "3": true, "4": true} {
				if got := kept(d, text); got != want {
					t.Errorf("%s: kept %v, want %v", text, got, want)
				}
			}
		})
	}
}

func TestRegisteringAtTheSameTime(t *testing.T) {
	d := withAPQ(t, persisted.APQ{Entries: 50})
	var group sync.WaitGroup
	for owner := range 4 {
		group.Go(func() {
			for i := range 500 {
				text := fmt.Sprint(i % 80)
				found, err := d.Resolve(&text, hash(text))
				if err != nil {
					t.Error(err)
				}
				d.Accepted(context.Background(), found, fmt.Sprint(owner), "")
				if found, err = d.Resolve(nil, hash(text)); err == nil && found.Text != text {
					t.Errorf("%s became %s", text, found.Text)
				}
			}
		})
	}
	group.Wait()
}
