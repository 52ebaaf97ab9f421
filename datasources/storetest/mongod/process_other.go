//go:build !linux

package mongod

import "syscall"

// diesWithParent does nothing here: only Linux can tie a process to its parent.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// stopped takes a signal's word for it: other systems do not say simply.
func stopped(int) bool { return true }
