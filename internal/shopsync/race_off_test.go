//go:build !race

package shopsync_test

// memoryOrders is how many orders the test of memory has.
const memoryOrders = 100_000
