package storetest_test

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// recorder is a testing.TB that keeps to itself that it failed.
type recorder struct {
	testing.TB
	failed atomic.Bool
}

func (r *recorder) Fail()                 { r.failed.Store(true) }
func (r *recorder) Failed() bool          { return r.failed.Load() }
func (r *recorder) Error(...any)          { r.Fail() }
func (r *recorder) Errorf(string, ...any) { r.Fail() }
func (r *recorder) Fatal(...any)          { r.FailNow() }
func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) Log(...any)            {}
func (r *recorder) Logf(string, ...any)   {}

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}
