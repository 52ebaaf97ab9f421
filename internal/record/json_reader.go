package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// jsonReader walks over an object once. The first error stays, and ends every
// loop; null is what is absent. Members are found by their exact name.
type jsonReader struct {
	doc     []byte
	pos     int
	key     []byte
	waiting bool // a member's value is still to be read
	// texts is the document as a string, as for bsonReader.
	texts string
	err   error
}

var (
	errSyntax = errors.New("the text is no JSON, or cut short")
	errBehind = errors.New("there is text behind the object")
)

// maxDepth bounds how deep values may be nested, as encoding/json does.
const maxDepth = 10_000

func newJSONReader(doc []byte, all bool) jsonReader {
	r := jsonReader{doc: doc, waiting: true}
	if all {
		r.texts = string(doc)
	}
	return r
}

// finish gives the error of the whole.
func (r *jsonReader) finish() error {
	if r.peek(); r.err == nil && r.pos < len(r.doc) {
		r.err = errBehind
	}
	return r.err
}

func (r *jsonReader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("member %q is not %s", r.key, want)
	}
}

func (r *jsonReader) broken() {
	if r.err == nil {
		r.err = errSyntax
	}
}

// peek gives the next byte that is no white space, 0 at the end.
func (r *jsonReader) peek() byte {
	for r.pos < len(r.doc) {
		switch c := r.doc[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// open begins to read an object that is the value; -1 stands for none.
func (r *jsonReader) open() (at int) { return r.enter('{', "an object") }

// list begins to read a list. How many elements it has shows at its end.
func (r *jsonReader) list() (at, n int) { return r.enter('[', "a list"), 0 }

func (r *jsonReader) enter(bracket byte, want string) int {
	if r.null() {
		return -1
	}
	if r.peek() != bracket {
		r.fail(want)
		return -1
	}
	r.pos++
	r.waiting = false
	return 0
}

// next reads the next member's name; the next call skips the value if nobody
// has read it.
func (r *jsonReader) next(at *int) bool {
	if !r.more(at, '}') {
		return false
	}
	if r.peek() != '"' {
		r.broken()
		return false
	}
	token, plain := r.stringToken()
	if r.peek() != ':' {
		r.broken()
		return false
	}
	r.pos++
	r.key = token[1 : len(token)-1]
	if !plain {
		r.key = []byte(r.unquote(token))
	}
	r.waiting = true
	return r.err == nil
}

// item goes to the next element of a list.
func (r *jsonReader) item(at *int) bool {
	r.waiting = r.more(at, ']')
	return r.waiting
}

// more goes to what follows in an object or list; at is 0 before the first.
func (r *jsonReader) more(at *int, bracket byte) bool {
	if *at < 0 {
		return false
	}
	if r.waiting && *at > 0 {
		r.token()
	}
	c := r.peek()
	switch {
	case r.err != nil:
		return false
	case c == bracket:
		r.pos++
		return false
	case *at > 0 && c != ',':
		r.broken()
		return false
	case *at > 0:
		r.pos++
	}
	*at = 1
	return true
}

// null says whether the value is none, and reads it then.
func (r *jsonReader) null() bool {
	if r.err != nil {
		return true
	}
	if r.peek() == 'n' && bytes.HasPrefix(r.doc[r.pos:], []byte("null")) {
		r.pos += len("null")
		r.waiting = false
		return true
	}
	return false
}

// token reads any value and gives its text, nil after an error.
func (r *jsonReader) token() []byte {
	r.peek()
	from := r.pos
	r.waiting = false
	r.skip(0)
	if r.err != nil {
		return nil
	}
	return r.doc[from:r.pos]
}

// skip reads any value, and looks at all of it.
func (r *jsonReader) skip(depth int) {
	switch c := r.peek(); {
	case depth > maxDepth || r.err != nil:
		r.broken()
	case c == '"':
		r.stringToken()
	case c == '-' || '0' <= c && c <= '9':
		r.numberToken()
	case c == '{' || c == '[':
		r.pos++
		r.skipInside(c+2, depth+1) // ASCII has } and ] two behind { and [.
	case r.literal("null") || r.literal("true") || r.literal("false"):
	default:
		r.broken()
	}
}

func (r *jsonReader) skipInside(bracket byte, depth int) {
	r.waiting = false
	for at := 0; r.more(&at, bracket); {
		if bracket == '}' {
			if r.peek() != '"' {
				r.broken()
				return
			}
			r.stringToken()
			if r.peek() != ':' {
				r.broken()
				return
			}
			r.pos++
		}
		r.skip(depth)
	}
}

func (r *jsonReader) literal(word string) bool {
	if !bytes.HasPrefix(r.doc[r.pos:], []byte(word)) {
		return false
	}
	r.pos += len(word)
	return true
}

// stringToken reads a string with its quotation marks; plain says that the text
// between them is the string itself.
func (r *jsonReader) stringToken() (token []byte, plain bool) {
	from := r.pos
	var all byte
	plain = true
	for i := from + 1; i < len(r.doc); i++ {
		switch c := r.doc[i]; {
		case c == '"':
			r.pos = i + 1
			token = r.doc[from:r.pos]
			return token, plain && (all < utf8.RuneSelf || utf8.Valid(token))
		case c < ' ':
			r.broken()
			return []byte(`""`), true
		case c == '\\':
			plain = false
			n := escaped(r.doc[i+1:])
			if n == 0 {
				r.broken()
				return []byte(`""`), true
			}
			i += n
		default:
			all |= c
		}
	}
	r.broken()
	return []byte(`""`), true
}

// escaped is how many bytes follow a backslash, 0 if they are wrong.
func escaped(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	if text[0] != 'u' {
		if bytes.IndexByte([]byte(`"\/bfnrt`), text[0]) < 0 {
			return 0
		}
		return 1
	}
	if len(text) < 5 {
		return 0
	}
	for _, c := range text[1:5] {
		if digit := '0' <= c && c <= '9'; !digit && (c|0x20 < 'a' || 'f' < c|0x20) {
			return 0
		}
	}
	return 5
}

func (r *jsonReader) unquote(token []byte) string {
	var s string
	if err := json.Unmarshal(token, &s); err != nil {
		r.broken()
	}
	return s
}

// numberToken reads a number; whole says that it has no fraction and no exponent.
func (r *jsonReader) numberToken() (token []byte, whole bool) {
	from := r.pos
	if r.at('-') {
		r.pos++
	}
	if r.at('0') {
		r.pos++
	} else {
		r.digits()
	}
	whole = true
	if r.at('.') {
		whole = false
		r.pos++
		r.digits()
	}
	if r.at('e') || r.at('E') {
		whole = false
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		r.digits()
	}
	return r.doc[from:r.pos], whole
}

func (r *jsonReader) at(c byte) bool { return r.pos < len(r.doc) && r.doc[r.pos] == c }

// digits reads one digit at least.
func (r *jsonReader) digits() {
	from := r.pos
	for r.pos < len(r.doc) && '0' <= r.doc[r.pos] && r.doc[r.pos] <= '9' {
		r.pos++
	}
	if r.pos == from {
		r.broken()
	}
}

func (r *jsonReader) text() string {
	if r.null() {
		return ""
	}
	if r.peek() != '"' {
		r.fail("a string")
		return ""
	}
	r.waiting = false
	token, plain := r.stringToken()
	switch {
	case r.err != nil:
		return ""
	case !plain:
		return r.unquote(token)
	case r.texts != "":
		return r.texts[r.pos-len(token)+1 : r.pos-1]
	}
	return string(token[1 : len(token)-1])
}

func (r *jsonReader) textRef() *string {
	if r.null() {
		return nil
	}
	s := r.text()
	return &s
}

func (r *jsonReader) json() crm.JSON {
	token := r.token()
	if r.err != nil {
		return ""
	}
	value, err := crm.CanonicalJSON(token)
	if err != nil {
		r.err = fmt.Errorf("member %q: %w", r.key, err)
	}
	return value
}

func (r *jsonReader) bool() bool {
	if r.null() {
		return false
	}
	r.waiting = false
	r.peek()
	if r.literal("true") {
		return true
	}
	if !r.literal("false") {
		r.fail("a boolean")
	}
	return false
}

// number reads a number, nil for none.
func (r *jsonReader) number(want string) (token []byte, whole bool) {
	if r.null() {
		return nil, false
	}
	if c := r.peek(); c != '-' && (c < '0' || '9' < c) {
		r.fail(want)
		return nil, false
	}
	r.waiting = false
	token, whole = r.numberToken()
	if r.err != nil {
		return nil, false
	}
	return token, whole
}

func (r *jsonReader) int() int {
	token, whole := r.number("a whole number")
	if token == nil {
		return 0
	}
	i, err := strconv.Atoi(string(token))
	if !whole || err != nil {
		r.fail("a whole number")
		return 0
	}
	return i
}

func (r *jsonReader) intRef() *int {
	if r.null() {
		return nil
	}
	i := r.int()
	return &i
}

func (r *jsonReader) float() float64 {
	token, _ := r.number("a number")
	if token == nil {
		return 0
	}
	f, err := strconv.ParseFloat(string(token), 64)
	if err != nil {
		r.fail("a number of 64 bits")
	}
	return f
}

func (r *jsonReader) time() time.Time {
	if r.null() {
		return time.Time{}
	}
	key := r.key
	token := r.token()
	if r.err != nil {
		return time.Time{}
	}
	if t, ok := writtenTime(token); ok {
		return t
	}
	var t Time
	if err := t.UnmarshalJSON(token); err != nil {
		r.err = fmt.Errorf("member %q: %w", key, err)
	}
	return time.Time(t)
}

func (r *jsonReader) timeRef() *time.Time {
	if r.null() {
		return nil
	}
	t := r.time()
	return &t
}

func (r *jsonReader) money() crm.Money {
	if r.null() {
		return crm.Money{}
	}
	key := r.key
	token := r.token()
	if r.err != nil {
		return crm.Money{}
	}
	var m Money
	if err := m.UnmarshalJSON(token); err != nil {
		r.err = fmt.Errorf("member %q: %w", key, err)
	}
	return crm.Money(m)
}

func (r *jsonReader) moneyRef() *crm.Money {
	if r.null() {
		return nil
	}
	m := r.money()
	return &m
}

func readJSONTexts[S ~string](r *jsonReader) []S {
	at, _ := r.list()
	list := []S{}
	for r.item(&at) {
		list = append(list, S(r.text()))
	}
	return list
}
