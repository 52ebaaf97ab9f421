// Package race tells tests whether the race detector watches them. With it everything
// takes many times as long: a test then does less of what has nothing to do with
// goroutines, as the same test does all of it without: of what needs no server, that is.
// What asks a MongoDB or a shop the gate runs but once, with the detector where its package
// begins a goroutine, and there it does the less alone. Only tests import it.
package race

// Enabled says that the race detector runs.
const Enabled = enabled

// Slower is how much longer everything may take: 1 without the race detector.
const Slower = slower

// Fewer returns how much of something a test does: all, or few with the race detector.
func Fewer(all, few int) int {
	if Enabled {
		return few
	}
	return all
}
