//go:build !race

package plan_test

const slower = 1
