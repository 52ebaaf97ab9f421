package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/customer360/gateway/internal/crm"
)

// jsonReader walks over an object once, by a decoder that knows JSON's grammar. The
// first error stays, and ends every loop; null is what is absent. Members are found
// by their exact name; of one that stands twice the last counts. Bytes that are no
// UTF-8, and half surrogates, are read as U+FFFD: a stricter reader of files comes
// before this one.
type jsonReader struct {
	decoder *jsontext.Decoder
	key     []byte
	waiting bool // a member's value is still to be read
	// texts is the text as a string, as for bsonReader.
	texts string
	err   error
}

var errBehind = errors.New("there is text behind the object")

func newJSONReader(doc []byte, all bool) jsonReader {
	r := jsonReader{waiting: true, decoder: jsontext.NewDecoder(
		bytes.NewBuffer(doc), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if all {
		r.texts = string(doc)
	}
	return r
}

// finish returns the error of the whole.
func (r *jsonReader) finish() error {
	if r.err == nil {
		switch _, err := r.decoder.ReadToken(); {
		case err == nil:
			r.err = errBehind
		case !errors.Is(err, io.EOF):
			r.broken(err)
		}
	}
	return r.err
}

func (r *jsonReader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("member %q is not %s", r.key, want)
	}
}

func (r *jsonReader) broken(err error) {
	if r.err != nil || err == nil {
		return
	}
	// What the library says may quote the text.
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		r.err = fmt.Errorf("the text is no JSON at byte %d", syntax.ByteOffset)
		return
	}
	r.err = errors.New("the text is no JSON, or cut short")
}

// is says whether the value begins as wanted.
func (r *jsonReader) is(kind jsontext.Kind, want string) bool {
	if r.err != nil {
		return false
	}
	switch found := r.decoder.PeekKind(); found {
	case kind:
		return true
	case jsontext.KindInvalid:
		_, err := r.decoder.ReadToken()
		r.broken(err)
	default:
		r.fail(want)
	}
	return false
}

// open begins to read an object that is the value; -1 stands for none.
func (r *jsonReader) open() (at int) { return r.enter(jsontext.KindBeginObject, "an object") }

// list begins to read a list. How many elements it has shows at its end.
func (r *jsonReader) list() (at, n int) { return r.enter(jsontext.KindBeginArray, "a list"), 0 }

func (r *jsonReader) enter(kind jsontext.Kind, want string) int {
	if r.null() || !r.is(kind, want) {
		return -1
	}
	r.waiting = false
	_, err := r.decoder.ReadToken()
	r.broken(err)
	return 0
}

// next reads the next member's name; the next call skips the value if it was
// not read.
func (r *jsonReader) next(at *int) bool {
	if !r.more(at, jsontext.KindEndObject) {
		return false
	}
	name, err := r.decoder.ReadValue()
	if err != nil {
		r.broken(err)
		return false
	}
	r.key, _ = jsontext.AppendUnquote(r.key[:0], name) // Its only error is of half surrogates, which it replaces.
	r.waiting = true
	return true
}

// item goes to the next element of a list.
func (r *jsonReader) item(at *int) bool {
	r.waiting = r.more(at, jsontext.KindEndArray)
	return r.waiting
}

// more goes to what follows in an object or list; at is -1 for none.
func (r *jsonReader) more(at *int, end jsontext.Kind) bool {
	if r.err != nil || *at < 0 {
		return false
	}
	if r.waiting {
		r.waiting = false
		r.broken(r.decoder.SkipValue())
	}
	if r.err != nil {
		return false
	}
	if r.decoder.PeekKind() == end {
		_, err := r.decoder.ReadToken()
		r.broken(err)
		return false
	}
	return true
}

// null says whether the value is none, and reads it then.
func (r *jsonReader) null() bool {
	if r.err != nil {
		return true
	}
	if r.decoder.PeekKind() != jsontext.KindNull {
		return false
	}
	r.waiting = false
	_, err := r.decoder.ReadToken()
	r.broken(err)
	return true
}

// value reads any value, nil after an error.
func (r *jsonReader) value() jsontext.Value {
	if r.err != nil {
		return nil
	}
	r.waiting = false
	value, err := r.decoder.ReadValue()
	if err != nil {
		r.broken(err)
		return nil
	}
	return value
}

func (r *jsonReader) text() string {
	if r.null() || !r.is(jsontext.KindString, "a string") {
		return ""
	}
	token := r.value()
	if r.err != nil {
		return ""
	}
	if bytes.IndexByte(token, '\\') >= 0 || !utf8.Valid(token) {
		s, _ := jsontext.AppendUnquote(nil, token) // as above
		return string(s)
	}
	if r.texts != "" {
		end := int(r.decoder.InputOffset())
		return r.texts[end-len(token)+1 : end-1]
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
	token := r.value()
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
	token := r.value()
	if r.err == nil && token.Kind() != jsontext.KindTrue && token.Kind() != jsontext.KindFalse {
		r.fail("a boolean")
	}
	return token.Kind() == jsontext.KindTrue
}

func (r *jsonReader) int() int {
	if r.null() || !r.is(jsontext.KindNumber, "a whole number") {
		return 0
	}
	i, err := strconv.Atoi(string(r.value()))
	if err != nil {
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
	if r.null() || !r.is(jsontext.KindNumber, "a number") {
		return 0
	}
	f, err := strconv.ParseFloat(string(r.value()), 64)
	if err != nil {
		r.fail("a number of 64 bits")
	}
	return f
}

func (r *jsonReader) time() time.Time {
	if r.null() {
		return time.Time{}
	}
	token := r.value()
	if r.err != nil {
		return time.Time{}
	}
	t, err := readTime(token)
	if err != nil {
		r.err = fmt.Errorf("member %q: %w", r.key, err)
	}
	return t
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
	token := r.value()
	if r.err != nil {
		return crm.Money{}
	}
	m, err := readMoney(token)
	if err != nil {
		r.err = fmt.Errorf("member %q: %w", r.key, err)
	}
	return m
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
