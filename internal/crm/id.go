package crm

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// ID names one record for ever: a prefix that says its kind, an underscore and
// the rest. Records of this company's own carry a UUIDv7, records that came in
// by import or sync one derived from (kind, source, external id), in Crockford
// base32 as TypeID has it (github.com/jetify-com/typeid): cus_01h455vb4pex5vsknk084sn02q.
// Kinds that are Sourced (orders and products) carry their source and the source's own
// id, split at the first dot, so that an id alone says where to look: ord_vendure-eu.1234.
type ID string

// Kind is a kind of record: the prefix of its ids. A kind's constant stands beside
// its type.
type Kind string

// MaxIDLength bounds an id in bytes.
const MaxIDLength = 200

// Crockford's base32, lower case: https://www.crockford.com/base32.html
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// hashedID says whether text is 26 digits of a TypeID: ^[0-7][0-9a-hjkmnp-tv-z]{25}$.
func hashedID(text string) bool {
	if len(text) != 26 || text[0] < '0' || text[0] > '7' {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
		case c < 'a' || c > 'z' || c == 'i' || c == 'l' || c == 'o' || c == 'u':
			return false
		}
	}
	return true
}

// sourcedID says whether text is a source, a dot and the source's own id: 1 to 128
// visible ASCII characters.
func sourcedID(text string) bool {
	source, own, ok := strings.Cut(text, ".")
	if !ok || !ValidSource(source) || own == "" || len(own) > 128 {
		return false
	}
	for i := range len(own) {
		if own[i] < '!' || own[i] > '~' {
			return false
		}
	}
	return true
}

// NewID makes a fresh id of a kind, for records made here.
func NewID(kind Kind) ID {
	return encodeID(kind, uuid.Must(uuid.NewV7()))
}

// DerivedID returns the id of what a source calls externalID: the same three
// words give the same id in every store, for ever. Orders and products keep the
// external id readable; other kinds hash it (SHA-256 in a UUIDv8, RFC 9562).
func DerivedID(kind Kind, source, externalID string) ID {
	if d := Describe(kind); d != nil && d.Sourced {
		return ID(string(kind) + "_" + source + "." + externalID)
	}
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + source + "\x00" + externalID))
	var u uuid.UUID
	copy(u[:], sum[:16])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return encodeID(kind, u)
}

// encodeID writes 128 bits as 26 digits, two zero bits in front (TypeID).
func encodeID(kind Kind, u uuid.UUID) ID {
	var padded [20]byte // 160 bits: 32 digits, of which the last 26 hold 130 bits
	copy(padded[4:], u[:])
	return ID(string(kind) + "_" + crockford.EncodeToString(padded[:])[6:])
}

// Kind returns the id's kind, or "" if the id is malformed: then it names nothing.
func (id ID) Kind() Kind {
	if len(id) > MaxIDLength {
		return ""
	}
	prefix, rest, ok := strings.Cut(string(id), "_")
	if !ok {
		return ""
	}
	d := Describe(Kind(prefix))
	if d == nil || d.Derived {
		return ""
	}
	form := hashedID
	if d.Sourced {
		form = sourcedID
	}
	if !form(rest) {
		return ""
	}
	return d.Kind
}

// MustBeID is what a text that is no id of a kind must be.
func MustBeID(kind Kind) string {
	if d := Describe(kind); d != nil && d.Sourced {
		return "must be an id such as " + string(kind) + "_shop.1001: a source, a dot and the source's own id"
	}
	return "must be an id of the kind " + string(kind) + "_…, with 26 digits and small letters"
}

// Source returns the source and its own id of an order's or product's id; ok is
// false for ids of other kinds and for malformed ones.
func (id ID) Source() (source, externalID string, ok bool) {
	if d := Describe(id.Kind()); d == nil || !d.Sourced {
		return "", "", false
	}
	_, rest, _ := strings.Cut(string(id), "_")
	return strings.Cut(rest, ".")
}

// ValidSource says whether name can be a source's: 1 to 64 of a-z, 0-9 and "-".
func ValidSource(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Only returns the ids of one kind, in order, without malformed ones and repeats;
// none for a kind that is not described.
func Only(kind Kind, ids []ID) []ID {
	d := Describe(kind)
	if d == nil {
		return nil
	}
	return d.Only(ids)
}
