package mongod

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// diesWithParent makes the kernel end a process when the thread that started it ends.
func diesWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// stopped says whether a process has come to a stop: a signal takes its time on
// a busy machine. The state follows the name in parentheses (proc(5)).
func stopped(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.HasPrefix(text[bytes.LastIndexByte(text, ')')+1:], []byte(" T"))
}
