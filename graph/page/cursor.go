package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// List identifies one list for its cursors: what it holds, how it is sorted and
// filtered, and for a list that hangs on something, on what (Of). A cursor of one
// list is refused by every other.
type List struct {
	sort crm.Sort
	hash string
	byID bool
}

// NewList returns the list of a kind of thing, sorted and filtered so.
func NewList(kind string, sort crm.Sort, where []crm.Predicate) List {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %t", kind, sort.Field, sort.Desc)
	for _, p := range where {
		fmt.Fprintf(&b, " %q %q %q %s %s", p.Field, p.In, p.Prefix, stamp(p.After), stamp(p.Before))
		if p.Present || p.Absent { // Cursors of other lists stay as they were.
			fmt.Fprintf(&b, " %t", p.Present)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return List{sort: sort, hash: base64.RawURLEncoding.EncodeToString(sum[:6])}
}

// Of returns the list of this kind that hangs on a parent.
func (l List) Of(parent crm.ID) List {
	sum := sha256.Sum256([]byte(l.hash + " " + string(parent)))
	return List{sort: l.sort, hash: base64.RawURLEncoding.EncodeToString(sum[:6]), byID: l.byID}
}

// ByID returns the list with cursors that hold nothing but an entry's id: for
// readers who may not read what the list is sorted by. Where the entry stands
// has to be found out by what reads the list.
func (l List) ByID() List {
	l.byID = true
	return l
}

func stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// cursor is a position on the wire: JSON in base64url without padding.
type cursor struct {
	Hash   string `json:"h"`
	Millis int64  `json:"t,omitempty"`
	Text   string `json:"s,omitempty"`
	Number int64  `json:"n,omitempty"`
	ID     crm.ID `json:"i"`
	// Complete are marks of the sources that had answered in full so far.
	Complete []string `json:"c,omitempty"`
}

// maxCursor bounds a cursor in bytes.
const maxCursor = 2048

// mark stands for a source in cursors, shorter than its name.
func mark(source string) string {
	sum := sha256.Sum256([]byte(source))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// encode returns the cursor of a position in the list, with the marks it carries.
func (l List) encode(p crm.Position, complete []string) string {
	if l.byID {
		p = crm.Position{ID: p.ID}
	}
	c := cursor{Hash: l.hash, Text: p.Text, Number: p.Number, ID: p.ID, Complete: complete}
	if !p.Time.IsZero() {
		c.Millis = p.Time.UnixMilli()
	}
	text, err := json.Marshal(c)
	if err != nil { // The struct has nothing that cannot be marshalled.
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// decode returns the position of a cursor, or Invalid.
func (l List) decode(text string) (*crm.Position, error) {
	c, err := l.read(text)
	if err != nil {
		return nil, err
	}
	if l.byID { // Whatever else it has is not from here.
		return &crm.Position{ID: c.ID}, nil
	}
	return &crm.Position{Time: time.UnixMilli(c.Millis).UTC(), Text: c.Text, Number: c.Number, ID: c.ID}, nil
}

// read returns a cursor of this list, or Invalid.
func (l List) read(text string) (*cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(text) <= maxCursor {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(&c)
	}
	switch {
	case err != nil || len(text) > maxCursor || c.Hash == "" || c.ID == "" || len(c.ID) > 2*crm.MaxIDLength:
		return nil, crm.Invalid("a cursor must be one that this list gave: it is malformed")
	case c.Hash != l.hash:
		return nil, crm.Invalid("a cursor must be one that this list gave: it belongs to another list, filter or order")
	}
	return &c, nil
}
