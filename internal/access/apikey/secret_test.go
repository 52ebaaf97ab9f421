package apikey_test

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"regexp"
	"testing"

	"github.com/customer360/gateway/internal/access/apikey"
)

// Keys have one form, are never the same, and are stored by their SHA-256.
func TestGenerate(t *testing.T) {
	form := regexp.MustCompile(`^c360_[0-9A-Za-z]{49}$`)
	seen, letters := map[string]bool{}, map[rune]bool{}
	for range 2000 {
		key, hash := apikey.Generate()
		sum := sha256.Sum256([]byte(key))
		if !form.MatchString(key) || hash != hex.EncodeToString(sum[:]) || seen[key] {
			t.Fatalf("a key of %d bytes with the hash %s", len(key), hash)
		}
		seen[key] = true
		for _, c := range key {
			letters[c] = true
		}
	}
	if len(letters) != 63 { // with the underscore
		t.Errorf("%d characters are used, want 63", len(letters))
	}
}

const base62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// sealed returns a key's first 48 characters with the checksum that belongs to them,
// reckoned another way than the program does.
func sealed(text string) string {
	sum, check := uint64(crc32.ChecksumIEEE([]byte(text))), ""
	for range 6 {
		check = base62[sum%62:sum%62+1] + check
		sum /= 62
	}
	return text + check
}

// A key with one character changed is refused wherever it is: by its checksum
// without a question to the store, and with a new checksum by its hash.
func TestOneCharacterChanged(t *testing.T) {
	store := newKeyring()
	key, _ := made(t, store, nil)
	keys := opened(t, store, apikey.Options{})
	want(t, "as it is", keys, key, "good")
	if sealed(key[:48]) != key {
		t.Fatal("the checksum is not the CRC-32 of what stands before it")
	}
	store.calls()
	for i := range key {
		for _, c := range []byte("aZ09_-. \x00\xff") {
			if changed := key[:i] + string([]byte{c}) + key[i+1:]; c != key[i] {
				want(t, "changed", keys, changed, "MALFORMED")
			}
		}
	}
	if n := store.calls(); n != 0 {
		t.Errorf("the store was asked %d times for keys with a wrong checksum", n)
	}
	tried := 0
	for i := len(apikey.Prefix); i < 48; i++ {
		for _, c := range []byte("aZ0") {
			if c != key[i] {
				tried++
				want(t, "changed and sealed again", keys, sealed(key[:i]+string([]byte{c})+key[i+1:48]), "UNKNOWN_KEY")
			}
		}
	}
	if n := store.calls(); n != tried {
		t.Errorf("the store was asked %d times for %d keys", n, tried)
	}
	want(t, "as it was", keys, key, "good")
}

func TestMalformed(t *testing.T) {
	store := newKeyring()
	key, _ := made(t, store, nil)
	keys := opened(t, store, apikey.Options{})
	for what, credential := range map[string]string{
		"nothing": "", "the prefix": apikey.Prefix, "a longer one": key + "0", "a shorter one": key[:53], "spaces before": " " + key,
		"without its prefix": key[5:], "another prefix": sealed("c361_" + key[5:48]), "a token": "eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
		"its prefix in capitals": sealed("C360_" + key[5:48]), "other digits": sealed(key[:47] + "-"), "the key's hash": hashOf(key),
		"very long": apikey.Prefix + string(make([]byte, 1<<20)),
	} {
		want(t, what, keys, credential, "MALFORMED")
	}
	if n := store.calls(); n != 0 {
		t.Errorf("the store was asked %d times", n)
	}
}

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
