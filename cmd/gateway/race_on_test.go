//go:build race

package main_test

// slower is how much longer everything takes with the race detector.
const slower = 20
