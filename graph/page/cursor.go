package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// List identifies one list for its cursors: what it holds, how it is sorted and
// filtered, and for a list that hangs on something, on what (Of). A cursor of one
// list is refused by every other.
type List struct {
	sort   crm.Sort
	kind   string // a hash of what all lists of the kind have in common
	parent crm.ID
	byID   bool
	// complete are the sources that its cursors carry.
	complete []string
}

// NewList returns the list of a kind of thing, sorted and filtered so.
func NewList(kind string, sort crm.Sort, where []crm.Predicate) List {
	b := make([]byte, 0, 256)
	b = fmt.Appendf(b, "%q %q %t", kind, sort.Field, sort.Desc)
	for _, p := range where {
		b = fmt.Appendf(b, " %q %q %q %s %s", p.Field, p.In, p.Prefix, stamp(p.After), stamp(p.Before))
		if p.Present || p.Absent { // Cursors of other lists stay as they were.
			b = fmt.Appendf(b, " %t", p.Present)
		}
	}
	return List{sort: sort, kind: string(appendHash(nil, b))}
}

// appendHash appends a short hash of a text.
func appendHash(dst, text []byte) []byte {
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.AppendEncode(dst, sum[:6])
}

// appendName appends the hash that tells the list from all others.
func (l *List) appendName(dst []byte) []byte {
	if l.parent == "" {
		return append(dst, l.kind...)
	}
	var text [128]byte
	return appendHash(dst, append(append(append(text[:0], l.kind...), ' '), l.parent...))
}

// Of returns the list of this kind that hangs on a parent.
func (l List) Of(parent crm.ID) List {
	l.parent = parent
	return l
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
	return string(appendHash(nil, []byte(source)))
}

// append appends the cursor of a position in the list: what json.Marshal makes of a
// cursor, in base64.
func (l *List) append(dst []byte, p crm.Position) []byte {
	if l.byID {
		p = crm.Position{ID: p.ID}
	}
	var room [256]byte
	text := append(l.appendName(append(room[:0], `{"h":"`...)), '"')
	if !p.Time.IsZero() && p.Time.UnixMilli() != 0 {
		text = strconv.AppendInt(append(text, `,"t":`...), p.Time.UnixMilli(), 10)
	}
	if p.Text != "" {
		text = appendText(append(text, `,"s":`...), p.Text)
	}
	if p.Number != 0 {
		text = strconv.AppendInt(append(text, `,"n":`...), p.Number, 10)
	}
	text = appendText(append(text, `,"i":`...), string(p.ID))
	for i, source := range l.complete {
		if i == 0 {
			text = append(text, `,"c":[`...)
		} else {
			text = append(text, ',')
		}
		text = append(appendHash(append(text, '"'), []byte(source)), '"')
	}
	if len(l.complete) > 0 {
		text = append(text, ']')
	}
	return base64.RawURLEncoding.AppendEncode(dst, append(text, '}'))
}

// appendText appends a text as JSON.
func appendText(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
			whole, err := json.Marshal(text)
			if err != nil { // A string can always be marshalled.
				return dst
			}
			return append(dst, whole...)
		}
	}
	return append(append(append(dst, '"'), text...), '"')
}

// decode returns the position of a cursor, or Invalid.
func (l *List) decode(text string) (*crm.Position, error) {
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
func (l *List) read(text string) (*cursor, error) {
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
	case c.Hash != string(l.appendName(nil)):
		return nil, crm.Invalid("a cursor must be one that this list gave: it belongs to another list, filter or order")
	}
	return &c, nil
}
