package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// Prefix is what every key begins with. No token does.
const Prefix = "c360_"

// A key is Prefix, 256 random bits as 43 digits of base 62 and the CRC-32 (IEEE
// 802.3) of all that stands before it as 6 more, 54 characters of ASCII in all.
// The checksum is no secret: it tells a mistyped or made-up key from a real one
// without a question to the store. Digits are 0-9, a-z, A-Z, the most significant
// first.
const (
	secretDigits   = 43 // 62^42 < 2^256 <= 62^43
	checksumDigits = 6  // 62^5 < 2^32 <= 62^6
	keyLength      = len(Prefix) + secretDigits + checksumDigits
	digits         = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// digest is the SHA-256 of a key.
type digest [sha256.Size]byte

// text returns the digest as it is stored.
func (d digest) text() string { return hex.EncodeToString(d[:]) }

// Generate makes a key, and the hash by which it is stored: its SHA-256 in
// lower-case hexadecimal. The key itself is to be kept nowhere.
func Generate() (key, hash string) {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // It never fails: it ends the program first.
	secret := new(big.Int).SetBytes(bits[:]).Text(62)
	var whole [keyLength]byte
	n := copy(whole[:], Prefix+strings.Repeat("0", secretDigits-len(secret))+secret)
	check := checksum(whole[:n])
	copy(whole[n:], check[:])
	return string(whole[:]), digest(sha256.Sum256(whole[:])).text()
}

// checksum returns the last digits of a key that begins with text.
func checksum(text []byte) (check [checksumDigits]byte) {
	sum := crc32.ChecksumIEEE(text)
	for i := len(check) - 1; i >= 0; i-- {
		check[i] = digits[sum%62]
		sum /= 62
	}
	return check
}

// digestOf returns the digest of a credential; ok is false for what is no key.
func digestOf(credential string) (d digest, ok bool) {
	if len(credential) != keyLength || !strings.HasPrefix(credential, Prefix) {
		return digest{}, false
	}
	var whole [keyLength]byte
	copy(whole[:], credential)
	const secretEnd = keyLength - checksumDigits
	for _, c := range whole[len(Prefix):] {
		if c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			return digest{}, false
		}
	}
	if checksum(whole[:secretEnd]) != [checksumDigits]byte(whole[secretEnd:]) {
		return digest{}, false
	}
	return sha256.Sum256(whole[:]), true
}
