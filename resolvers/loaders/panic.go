package loaders

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that was caught while a cohort was loaded.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says that there was a panic; the value may hold data and is left out.
func (e *PanicError) Error() string { return fmt.Sprintf("panic (%T)", e.Value) }

func stack() []byte { return debug.Stack() }
