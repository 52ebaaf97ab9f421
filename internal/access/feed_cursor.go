package access

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// A cursor of the feed is the number of the last entry that was read and a hash of
// that entry, so that one of another log is noticed, encrypted as one block of AES. In
// the clear the number would tell a partner how much the company writes, and the hash
// which ids there are of kinds that are not theirs: ids of orders can be guessed. The
// key is made by whoever needs it first and kept in the store, so that a cursor is good
// at every gateway of the store and at no other store's.

// sealName is the checkpoint that holds the key.
const sealName = "changes.key"

// The key's parts: for AES-256 and for HMAC.
const cipherBytes, keyBytes = 32, 64

// mark is a place in a log: the number of an entry and the beginning of its hash.
type mark struct {
	number int64
	hash   uint64
}

// seal makes cursors of marks.
type seal struct {
	block cipher.Block
	key   []byte
}

// sealOf returns the store's seal. It makes the key if there is none yet; of several
// who do at once the first one's holds.
func sealOf(ctx context.Context, values crm.Checkpoints) (*seal, error) {
	for tried := false; ; tried = true {
		found, err := values.Get(ctx, []string{sealName})
		if err != nil {
			return nil, err
		}
		kept := found[sealName]
		if len(kept.Value) == keyBytes {
			return newSeal(kept.Value)
		}
		fresh := make([]byte, keyBytes)
		_, _ = rand.Read(fresh) // It never fails.
		err = values.Set(ctx, sealName, fresh, kept.Version)
		if err == nil {
			return newSeal(fresh)
		}
		if tried || crm.CodeOf(err) != crm.CodeConflict {
			return nil, err
		}
	}
}

func newSeal(key []byte) (*seal, error) {
	block, err := aes.NewCipher(key[:cipherBytes])
	if err != nil {
		return nil, fmt.Errorf("make the cipher of cursors: %w", err)
	}
	return &seal{block: block, key: key[cipherBytes:]}, nil
}

// mark returns the place of an entry; that of the zero entry is a log's beginning.
func (s *seal) mark(e crm.LogEntry) mark {
	h := hmac.New(sha256.New, s.key)
	_, _ = fmt.Fprintf(h, "%d %q %d %t", e.Number, e.ID, e.Version, e.Removed) // It never fails.
	return mark{number: e.Number, hash: binary.BigEndian.Uint64(h.Sum(nil))}
}

// cursor returns the cursor of an entry's place.
func (s *seal) cursor(e crm.LogEntry) string {
	m := s.mark(e)
	text := binary.BigEndian.AppendUint64(make([]byte, 0, aes.BlockSize), uint64(m.number)) //nolint:gosec // Taken back by open.
	text = binary.BigEndian.AppendUint64(text, m.hash)
	s.block.Encrypt(text, text)
	return base64.RawURLEncoding.EncodeToString(text)
}

// open returns the mark of a cursor that was decoded: of one that is another store's
// no entry's.
func (s *seal) open(sealed []byte) mark {
	text := make([]byte, aes.BlockSize)
	s.block.Decrypt(text, sealed)
	return mark{
		number: int64(binary.BigEndian.Uint64(text)), //nolint:gosec // What is no number is no entry's.
		hash:   binary.BigEndian.Uint64(text[8:]),
	}
}

// decodeCursor returns what a cursor holds, still encrypted, or Invalid.
func decodeCursor(text string) ([]byte, error) {
	if len(text) == base64.RawURLEncoding.EncodedLen(aes.BlockSize) {
		if sealed, err := base64.RawURLEncoding.Strict().DecodeString(text); err == nil {
			return sealed, nil
		}
	}
	return nil, crm.Invalid("after must be the endCursor of an earlier page of changes: it is malformed")
}

func expired() error {
	return &crm.Error{
		Code:    crm.CodeCursorExpired,
		Message: "the cursor is of another store, or of a time that this store's log does not reach: ask for changes without after for a new cursor, read the lists again, and follow from it",
	}
}
