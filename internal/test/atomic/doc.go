// Package atomic tests that what is written together is there together: the
// program's process is killed at random points while it writes to a real store of
// each kind.
//
// It owns tests alone. Nobody imports it.
package atomic
