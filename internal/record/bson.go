package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// The types of BSON's values (bsonspec.org) that records are written with.
const (
	bsonDouble    = 0x01
	bsonString    = 0x02
	bsonDocument  = 0x03
	bsonArray     = 0x04
	bsonBool      = 0x08
	bsonDatetime  = 0x09
	bsonNull      = 0x0a
	bsonInt32     = 0x10
	bsonTimestamp = 0x11
	bsonInt64     = 0x12
)

// bsonWriter appends a document to what is there.
type bsonWriter struct{ dst []byte }

// open begins a document or an array, close ends what open began.
func (w *bsonWriter) open() (at int) {
	w.dst = append(w.dst, 0, 0, 0, 0)
	return len(w.dst) - 4
}

func (w *bsonWriter) close(at int) {
	w.dst = append(w.dst, 0)
	binary.LittleEndian.PutUint32(w.dst[at:], uint32(len(w.dst)-at))
}

func (w *bsonWriter) head(kind byte, name string) {
	w.dst = append(w.dst, kind)
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, 0)
}

// member begins a member that is a document.
func (w *bsonWriter) member(name string) { w.head(bsonDocument, name) }

// list begins a member that is a list, closeList ends it.
func (w *bsonWriter) list(name string) (at int) {
	w.head(bsonArray, name)
	return w.open()
}

func (w *bsonWriter) closeList(at int) { w.close(at) }

func (w *bsonWriter) itemHead(kind byte, i int) {
	w.dst = append(w.dst, kind)
	w.dst = strconv.AppendInt(w.dst, int64(i), 10)
	w.dst = append(w.dst, 0)
}

// item begins the list's element i, a document.
func (w *bsonWriter) item(i int) { w.itemHead(bsonDocument, i) }

func (w *bsonWriter) value(s string) {
	w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(len(s)+1))
	w.dst = append(w.dst, s...)
	w.dst = append(w.dst, 0)
}

func (w *bsonWriter) text(name, s string) {
	w.head(bsonString, name)
	w.value(s)
}

func (w *bsonWriter) json(name string, j crm.JSON) { w.text(name, string(j)) }

func (w *bsonWriter) bool(name string, b bool) {
	w.head(bsonBool, name)
	if b {
		w.dst = append(w.dst, 1)
	} else {
		w.dst = append(w.dst, 0)
	}
}

// int takes as few bytes as the driver does.
func (w *bsonWriter) int(name string, i int) {
	if math.MinInt32 <= i && i <= math.MaxInt32 {
		w.head(bsonInt32, name)
		w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(i))
		return
	}
	w.head(bsonInt64, name)
	w.dst = binary.LittleEndian.AppendUint64(w.dst, uint64(i))
}

func (w *bsonWriter) float(name string, f float64) {
	w.head(bsonDouble, name)
	w.dst = binary.LittleEndian.AppendUint64(w.dst, math.Float64bits(f))
}

// time leaves out no instant.
func (w *bsonWriter) time(name string, t time.Time) {
	if t = cut(t); !t.IsZero() {
		w.head(bsonDatetime, name)
		w.dst = binary.LittleEndian.AppendUint64(w.dst, uint64(t.UnixMilli()))
	}
}

// timeRef leaves out no instant, given or not: what is zero is absent in BSON.
func (w *bsonWriter) timeRef(name string, t *time.Time) {
	if t != nil {
		w.time(name, *t)
	}
}

// money leaves out no money. It writes how many digits of the minor units are after
// the point where that has not always been the same; see crm.HadNoDigits.
func (w *bsonWriter) money(name string, m crm.Money) {
	if m == (crm.Money{}) {
		return
	}
	w.member(name)
	at := w.open()
	w.head(bsonInt64, "minor")
	w.dst = binary.LittleEndian.AppendUint64(w.dst, uint64(m.Minor))
	w.text("currencyCode", m.CurrencyCode)
	if crm.HadNoDigits(m.CurrencyCode) {
		digits, _ := crm.Exponent(m.CurrencyCode)
		w.int("digits", digits)
	}
	w.close(at)
}

// moneyRef leaves out no money, given or not.
func (w *bsonWriter) moneyRef(name string, m *crm.Money) {
	if m != nil {
		w.money(name, *m)
	}
}

func writeBSONTexts[S ~string](w *bsonWriter, name string, list []S) {
	at := w.list(name)
	for i, s := range list {
		w.itemHead(bsonString, i)
		w.value(string(s))
	}
	w.closeList(at)
}

// bsonReader walks over a document once. The first error stays, and ends every
// loop; null is what is absent.
type bsonReader struct {
	doc        []byte
	pos        int // behind the value
	kind       byte
	key, value []byte
	from       int // where value begins in doc
	// texts is the document as a string, whose parts are the texts: one allocation
	// for all of them. It is "" if few are read, which are then copied.
	texts string
	// shared is what values are allocated from that live with others; nil is no such thing.
	shared *shared
	err    error
}

var errCut = errors.New("the document is cut short, or longer than it says")

func newBSONReader(doc []byte, all bool) bsonReader {
	r := bsonReader{doc: doc, kind: bsonDocument, value: doc, pos: len(doc)}
	if all {
		r.texts = string(doc)
	}
	return r
}

// finish returns the error of the whole.
func (r *bsonReader) finish() error { return r.err }

func (r *bsonReader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("member %q has BSON type %#x, want %s", r.key, r.kind, want)
	}
}

// open begins to read a document that is the value; at is where it ends, -1 for none.
func (r *bsonReader) open() (at int) { return r.enter(bsonDocument, "a document") }

// list begins to read a list, of n elements.
func (r *bsonReader) list() (at, n int) {
	at = r.enter(bsonArray, "an array")
	if at < 0 {
		return at, 0
	}
	counter := bsonReader{doc: r.doc, pos: r.pos}
	for end := at; counter.next(&end); {
		n++
	}
	return at, n
}

func (r *bsonReader) enter(kind byte, want string) int {
	switch {
	case r.err != nil || r.kind == bsonNull:
		return -1
	case r.kind != kind:
		r.fail(want)
		return -1
	case len(r.value) < 5 || int64(binary.LittleEndian.Uint32(r.value)) != int64(len(r.value)) || r.value[len(r.value)-1] != 0:
		r.err = errCut
		return -1
	}
	end := r.pos
	r.pos = r.from + 4
	return end
}

// next reads the next member's name and takes its value, which the next call
// skips if nobody reads it.
func (r *bsonReader) next(at *int) bool {
	if r.err != nil || *at < 0 {
		return false
	}
	last := *at - 1 // the document's final zero
	if r.pos == last {
		r.pos = *at
		return false
	}
	key := r.pos + 1
	end := key
	for end < last && r.doc[end] != 0 {
		end++
	}
	if end >= last {
		r.err = errCut
		return false
	}
	r.kind, r.key, r.from = r.doc[r.pos], r.doc[key:end], end+1
	size := bsonSize(r.kind, r.doc[r.from:last])
	if size < 0 {
		r.err = fmt.Errorf("member %q of BSON type %#x is cut short or unknown", r.key, r.kind)
		return false
	}
	r.value = r.doc[r.from : r.from+size]
	r.pos = r.from + size
	return true
}

// item is next of a list.
func (r *bsonReader) item(at *int) bool { return r.next(at) }

// bsonSize is how many bytes a value takes of those that are left, -1 if there
// are too few or nobody knows the type.
func bsonSize(kind byte, left []byte) int {
	size, counted := 0, -1
	switch kind {
	case 0x06, bsonNull, 0x7f, 0xff: // undefined, null, the least and the greatest key
	case bsonBool:
		size = 1
	case bsonInt32:
		size = 4
	case bsonDouble, bsonDatetime, bsonTimestamp, bsonInt64:
		size = 8
	case 0x07: // object id
		size = 12
	case 0x13: // decimal
		size = 16
	case bsonString, 0x0d, 0x0e: // text, code, symbol
		counted = 4
	case bsonDocument, bsonArray, 0x0f: // 0x0f is code with its scope
		counted = 0
	case 0x05: // bytes
		counted = 5
	case 0x0c: // a pointer: text and an object id
		counted = 16
	default:
		return -1
	}
	if counted >= 0 {
		if len(left) < 4 {
			return -1
		}
		n := int64(binary.LittleEndian.Uint32(left)) + int64(counted)
		if n > int64(len(left)) || n < 4 {
			return -1
		}
		size = int(n)
	}
	if size > len(left) {
		return -1
	}
	return size
}

// null says whether the value is none.
func (r *bsonReader) null() bool { return r.err != nil || r.kind == bsonNull }

func (r *bsonReader) text() string {
	switch {
	case r.null():
		return ""
	case r.kind != bsonString || len(r.value) < 5 || r.value[len(r.value)-1] != 0:
		r.fail("a string")
		return ""
	case r.texts != "":
		return r.texts[r.from+4 : r.pos-1]
	case r.shared != nil:
		return r.shared.keep(r.value[4 : len(r.value)-1])
	}
	return string(r.value[4 : len(r.value)-1])
}

func (r *bsonReader) textRef() *string {
	if r.null() {
		return nil
	}
	s := r.text()
	if r.shared != nil {
		ref := r.shared.texts.next()
		*ref = s
		return ref
	}
	return &s
}

func (r *bsonReader) json() crm.JSON { return crm.JSON(r.text()) }

func (r *bsonReader) bool() bool {
	if r.null() {
		return false
	}
	if r.kind != bsonBool || r.value[0] > 1 {
		r.fail("a boolean")
		return false
	}
	return r.value[0] == 1
}

// int64 takes any number that is whole: a person who edits documents by hand
// leaves doubles behind.
func (r *bsonReader) int64() int64 {
	if r.null() {
		return 0
	}
	switch r.kind {
	case bsonInt32:
		return int64(int32(binary.LittleEndian.Uint32(r.value)))
	case bsonInt64:
		return int64(binary.LittleEndian.Uint64(r.value))
	case bsonDouble:
		if f := math.Float64frombits(binary.LittleEndian.Uint64(r.value)); f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return int64(f)
		}
	}
	r.fail("a whole number")
	return 0
}

func (r *bsonReader) int() int { return int(r.int64()) }

func (r *bsonReader) intRef() *int {
	if r.null() {
		return nil
	}
	i := r.int()
	return &i
}

func (r *bsonReader) float() float64 {
	switch {
	case r.null():
		return 0
	case r.kind == bsonDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(r.value))
	case r.kind != bsonInt32 && r.kind != bsonInt64:
		r.fail("a number")
		return 0
	}
	return float64(r.int64())
}

func (r *bsonReader) time() time.Time {
	if r.null() {
		return time.Time{}
	}
	if r.kind != bsonDatetime {
		r.fail("a UTC datetime")
		return time.Time{}
	}
	return time.UnixMilli(int64(binary.LittleEndian.Uint64(r.value))).UTC()
}

func (r *bsonReader) timeRef() *time.Time {
	if r.null() {
		return nil
	}
	t := r.time()
	if r.shared != nil {
		ref := r.shared.times.next()
		*ref = t
		return ref
	}
	return &t
}

func (r *bsonReader) money() crm.Money {
	var m crm.Money
	digits := -1 // not written
	for at := r.open(); r.next(&at); {
		switch string(r.key) {
		case "minor":
			m.Minor = r.int64()
		case "currencyCode":
			m.CurrencyCode = r.currency()
		case "digits":
			digits = r.int()
		}
	}
	switch {
	case digits < 0 && !crm.HadNoDigits(m.CurrencyCode):
		return m
	case digits > maxDigits:
		r.fail("digits of a currency")
		return m
	}
	m, ok := crm.MoneyWith(m.Minor, max(digits, 0), m.CurrencyCode)
	if !ok {
		r.fail("an amount of its currency")
	}
	return m
}

// currency is a text that is one of few.
func (r *bsonReader) currency() string {
	if r.kind == bsonString && len(r.value) == 8 && r.value[7] == 0 {
		if code := commonCode(r.value[4:7]); code != "" {
			return code
		}
	}
	return r.text()
}

// maxDigits is more than any currency has after the point.
const maxDigits = 18

func (r *bsonReader) moneyRef() *crm.Money {
	if r.null() {
		return nil
	}
	m := r.money()
	if r.shared != nil {
		ref := r.shared.moneys.next()
		*ref = m
		return ref
	}
	return &m
}

func readBSONTexts[S ~string](r *bsonReader) []S {
	at, n := r.list()
	list := make([]S, 0, n)
	for r.item(&at) {
		list = append(list, S(r.text()))
	}
	return list
}
