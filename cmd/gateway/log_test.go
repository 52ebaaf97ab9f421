package main_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A line of a request that was refused is in the log before the caller has the answer.
func TestRefusalsAreLoggedAtOnce(t *testing.T) {
	s := serve(t, nil, "serve", "--store", "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	for range 3 {
		fetch(t, s.graphql, `{"query": "{ customers { totalCount } }"}`)
	}
	fetch(t, s.graphql, `{"query": "{ nope }"}`)
	log := s.log.String()
	if !strings.Contains(log, `"reason":"GRAPHQL_VALIDATION_FAILED"`) || strings.Count(log, `"msg":"request"`) != 4 {
		t.Errorf("a refusal and three answers before it are not in the log:\n%s", log)
	}
}

// A program that is told to end (SIGTERM) has written a line for every request, however
// late it came. One that is killed has lost the lines of the last moment at most, and no
// refusal.
func TestEndsWithoutLosingLines(t *testing.T) {
	program := built(t)
	const answered, refused = `{"query": "{ customers { totalCount } }"}`, `{"query": "{ nope }"}`
	begin := func() *process {
		return launched(t, program, filepath.Join(t.TempDir(), "store.db"), "", newFakeShop(t, "shop"))
	}
	lines := func(p *process) int { return strings.Count(p.log.String(), `"msg":"request"`) }

	p := begin()
	const requests = 50
	for range requests {
		if status, answer := fetch(t, p.graphql, answered); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("%v; log:\n%s", err, p.log)
	}
	if lines(p) != requests {
		t.Errorf("%d lines of %d requests:\n%s", lines(p), requests, p.log)
	}

	p = begin()
	fetch(t, p.graphql, answered)
	fetch(t, p.graphql, refused)
	fetch(t, p.graphql, answered)
	p.log.await(t, func(string) bool { return lines(p) == 3 }) // The last line comes by itself.
	fetch(t, p.graphql, refused)
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.command.Wait()
	if n := strings.Count(p.log.String(), `"reason":"GRAPHQL_VALIDATION_FAILED"`); lines(p) != 4 || n != 2 {
		t.Errorf("%d lines, %d of them refusals:\n%s", lines(p), n, p.log)
	}
}
