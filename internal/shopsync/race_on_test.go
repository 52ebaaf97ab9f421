//go:build race

package shopsync_test

// memoryOrders is how many orders the test of memory has: with the race detector
// its figure tells nothing, and only the way is tried.
const memoryOrders = 5_000
