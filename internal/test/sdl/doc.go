// Package sdl reads the graph's schema from its files, for tests that ask what it
// says without gqlgen.
//
// It owns which files those are, in which order. It does not judge them, which
// internal/test/schema does. Only tests import it.
package sdl
