package main_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// The program is killed ten times while it syncs, and run again: the dump is that
// of one run that was left alone.
func TestRealSyncKilled(t *testing.T) {
	shops := realShops(t)
	program := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, all := realSales(t, shops)
	killed, _, _ := newStore(t, all)
	content, err := os.ReadFile(killed)
	if err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "whole.db")
	if err := os.WriteFile(whole, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file := syncFile(t, shops, "synced")
	var out bytes.Buffer
	command := func(path string) *exec.Cmd {
		out.Reset()
		c := exec.CommandContext(t.Context(), program, "sync", "--json", "--config", file, "--store", "sqlite:"+path)
		c.Stdout, c.Stderr = &out, &out
		return c
	}
	start := time.Now()
	if err := command(whole).Run(); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	took := time.Since(start)
	want := dumpOf(t, whole).text
	kills := 0
	var sizes []int
	for i := range 10 {
		// In each tenth of what a run takes.
		after := (time.Duration(i)*took + rand.N(took)) / 10 //nolint:gosec // Any time will do.
		if killed, err := killAtWrite(t, command(killed), killed, after); killed {
			kills++
		} else if err != nil {
			t.Fatalf("%v: %s", err, &out)
		}
		sizes = append(sizes, strings.Count(dumpOf(t, killed).text, "\n"))
	}
	if err := command(killed).Run(); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	got := dumpOf(t, killed).text
	t.Logf("a run takes %v and leaves %d records; %d of 10 were killed, leaving %v", took.Round(time.Millisecond), strings.Count(want, "\n"), kills, sizes)
	if got != want {
		t.Errorf("killed and run again (-whole +killed):\n%s", gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	if slices.Sort(sizes); kills < 5 || len(slices.Compact(sizes)) < 3 {
		t.Errorf("%d kills, leaving %v: too few on the way", kills, sizes)
	}
}

// killAtWrite kills a program at the first write to its store after a time. It
// gives what the program ended with if it was quicker.
func killAtWrite(t *testing.T, c *exec.Cmd, path string, after time.Duration) (killed bool, err error) {
	t.Helper()
	start, seen := time.Now(), ""
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return false, err
		case <-tick.C:
		}
		info, err := os.Stat(path + "-wal")
		if err != nil || time.Since(start) < after {
			continue
		}
		now := fmt.Sprint(info.Size(), info.ModTime())
		if seen == "" {
			seen = now
		}
		if now == seen {
			continue
		}
		if err := c.Process.Kill(); err != nil {
			return false, <-ended
		}
		return <-ended != nil, nil
	}
}
