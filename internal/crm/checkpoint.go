package crm

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a checkpoint, in bytes.
const (
	MaxCheckpointName  = 400
	MaxCheckpointValue = 64 << 10
)

// Checkpoint is a small value that the gateways of a company share: how far
// something has come.
type Checkpoint struct {
	Value []byte
	// Version counts the writes, from 1; 0 is that of a checkpoint that is not
	// there.
	Version int
}

// Checkpoints keeps what processes have to agree on beside the records. None of
// it is in a dump: it says where this company's gateways are, and is lost
// without loss of records. Names and keys have 1 to MaxCheckpointName bytes of
// UTF-8 without NUL; they are compared as bytes, and a name is never a key.
type Checkpoints interface {
	// Get returns the checkpoints that exist, by name, with all that was written
	// before the call. Names that are unknown or malformed are missing from the
	// map; repeats do no harm.
	Get(ctx context.Context, names []string) (map[string]Checkpoint, error)

	// Set stores a value under a name if the checkpoint's version is expect, 0
	// for none; of several at once one does. Its version is then expect + 1.
	// Errors: CodeInvalid for a malformed name or a value of more than
	// MaxCheckpointValue bytes, CodeConflict if expect does not hold.
	Set(ctx context.Context, name string, value []byte, expect int) error

	// Once remembers a key until a time, and says whether it was not remembered
	// yet: of several calls at once for one key one is first. A key whose time
	// has passed, by the clock of the store or of the machine, is as if it had
	// never been there, and is cleared away some time after. A malformed key is
	// CodeInvalid.
	Once(ctx context.Context, key string, until time.Time) (first bool, err error)

	// Forget lets go of a key: the next to come is first. Forgetting what is
	// not remembered does nothing.
	Forget(ctx context.Context, key string) error
}

// ValidCheckpointName says whether text can be a checkpoint's name or a key of
// Once.
func ValidCheckpointName(text string) bool {
	return text != "" && len(text) <= MaxCheckpointName && utf8.ValidString(text) && !strings.Contains(text, "\x00")
}

// CheckCheckpoint returns CodeInvalid for a name or a value that no store takes.
func CheckCheckpoint(name string, value []byte) error {
	switch {
	case !ValidCheckpointName(name):
		return Invalid("a checkpoint's name or key must have 1 to 400 bytes of UTF-8 without NUL")
	case len(value) > MaxCheckpointValue:
		return Invalid("a checkpoint's value must have at most 65536 bytes")
	}
	return nil
}
