// Package panics has the error that a caught panic becomes. Everybody may import
// it; it imports the standard library alone.
package panics

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	Value any
	Stack []byte
}

// New returns the error of a value that was recovered just now.
func New(value any) *Error { return &Error{Value: value, Stack: debug.Stack()} }

// Error says that there was a panic; the value may hold data and is left out.
func (e *Error) Error() string { return fmt.Sprintf("panic (%T)", e.Value) }
