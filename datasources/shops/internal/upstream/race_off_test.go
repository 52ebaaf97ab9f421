//go:build !race

package upstream_test

// raced says that the race detector runs, which takes memory of its own.
const raced = false
