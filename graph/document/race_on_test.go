//go:build race

package document_test

// slower is how much longer everything takes with the race detector.
const slower = 30
