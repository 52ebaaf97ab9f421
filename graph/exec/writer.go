package exec

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// takenBytes are how many bytes are written before they are taken from the budget.
const takenBytes = 1 << 10

// Writer writes an answer: values one after another, each where it belongs. What is null
// where null must not stand makes what is above it null, so that objects and lists say
// when they are closed whether they are whole.
type Writer struct {
	run   *Run
	ctx   context.Context
	buf   []byte
	taken int // bytes that were taken from the budget
	// steps are where the value stands that is written.
	steps        []step
	room         [16]step // of steps
	values, cost int
	stopped      bool
}

// step is a field of an object, or a place in a list.
type step struct {
	field *Field
	index int
}

func newWriter(ctx context.Context, r *Run) *Writer {
	w := &Writer{run: r, ctx: ctx, buf: r.plan.room()}
	w.steps = w.room[:0]
	return w
}

// take takes from the budget what was written.
func (w *Writer) take() {
	w.run.budget.Spend(w.cost)
	if !w.run.budget.Take(w.values, max(0, len(w.buf)-w.taken)) {
		w.stopped = true
	}
	w.taken, w.values, w.cost = max(w.taken, len(w.buf)), 0, 0
}

// Stopped says that nothing more has to be written: the budget has ended.
func (w *Writer) Stopped() bool { return w.stopped }

// Took counts what a plain field gives: so many entries, or one object.
func (w *Writer) Took(f *Field, entries int) {
	w.values += entries * (1 + f.width)
	w.cost += entries * f.per
}

// Open begins an object. Close ends it, and makes it null if it is not whole.
func (w *Writer) Open() (at int) {
	w.steps = append(w.steps, step{})
	w.buf = append(w.buf, '{')
	return len(w.buf) - 1
}

// Close ends what Open has begun at a place.
func (w *Writer) Close(at int, whole bool) bool { return w.end(at, whole, '}') }

// OpenList begins a list. CloseList ends it, and makes it null if it is not whole.
func (w *Writer) OpenList() (at int) {
	w.steps = append(w.steps, step{})
	w.buf = append(w.buf, '[')
	return len(w.buf) - 1
}

// CloseList ends what OpenList has begun at a place.
func (w *Writer) CloseList(at int, whole bool) bool { return w.end(at, whole, ']') }

func (w *Writer) end(at int, whole bool, bracket byte) bool {
	w.steps = w.steps[:len(w.steps)-1]
	if !whole {
		w.buf = append(w.buf[:at], "null"...)
		return false
	}
	w.buf = append(w.buf, bracket)
	if len(w.buf)-w.taken > takenBytes {
		w.take()
	}
	return true
}

// Field begins a field of the object that is open.
func (w *Writer) Field(f *Field) {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, f.key...)
	w.steps[len(w.steps)-1].field = f
	w.cost += f.base
}

// Item begins an entry of the list that is open.
func (w *Writer) Item(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.steps[len(w.steps)-1].index = i
}

// Null writes null.
func (w *Writer) Null() { w.buf = append(w.buf, "null"...) }

// Typename writes the type's name.
func (w *Writer) Typename(s *Selection) { w.buf = append(w.buf, s.quoted...) }

// Bool writes a boolean.
func (w *Writer) Bool(b bool) { w.buf = strconv.AppendBool(w.buf, b) }

// Int writes a whole number.
func (w *Writer) Int(i int) { w.buf = strconv.AppendInt(w.buf, int64(i), 10) }

// Float writes a number; one that JSON does not have is null and an error.
func (w *Writer) Float(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		w.add(errNoNumber)
		w.Null()
		return
	}
	w.buf = strconv.AppendFloat(w.buf, f, 'g', -1, 64)
}

const hex = "0123456789ABCDEF"

// Text writes a text.
func (w *Writer) Text(s string) {
	w.buf = append(w.buf, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !escaped(c) {
			continue
		}
		w.buf = append(w.buf, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			w.buf = append(w.buf, '\\', c)
		case '\n':
			w.buf = append(w.buf, '\\', 'n')
		case '\r':
			w.buf = append(w.buf, '\\', 'r')
		case '\t':
			w.buf = append(w.buf, '\\', 't')
		default:
			w.buf = append(w.buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	w.buf = append(append(w.buf, s[from:]...), '"')
}

// Quoted writes a text that needs no escapes beyond Go's own.
func (w *Writer) Quoted(s string) { w.buf = strconv.AppendQuote(w.buf, s) }

// Append returns where to append a text, without quotes; Appended takes what it has
// become.
func (w *Writer) Append() []byte { return append(w.buf, '"') }

// Appended ends the text that Append has begun.
func (w *Writer) Appended(buf []byte) {
	from := len(w.buf)
	for _, c := range buf[from+1:] {
		if escaped(c) {
			w.Text(string(buf[from+1:]))
			return
		}
	}
	w.buf = append(buf, '"')
}

// escaped says whether a byte of a text does not stand for itself in JSON.
func escaped(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

// JSON writes a JSON value as it is; false if there is none, which is null.
func (w *Writer) JSON(v crm.JSON) bool {
	if v == "" {
		w.Null()
		return false
	}
	w.buf = append(w.buf, v...)
	return true
}

// Time writes an instant in UTC to the millisecond; false if there is none, which is
// null.
func (w *Writer) Time(t time.Time) bool {
	if t.IsZero() {
		w.Null()
		return false
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		w.buf = t.AppendFormat(w.buf, `"2006-01-02T15:04:05.000Z"`)
		return true
	}
	hour, minute, second := t.Clock()
	milli := t.Nanosecond() / 1e6
	two := func(n int, after byte) { w.buf = append(w.buf, byte('0'+n/10), byte('0'+n%10), after) }
	w.buf = append(w.buf, '"', byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-')
	two(int(month), '-')
	two(day, 'T')
	two(hour, ':')
	two(minute, ':')
	two(second, '.')
	w.buf = append(w.buf, byte('0'+milli/100), byte('0'+milli/10%10), byte('0'+milli%10), 'Z', '"')
	return true
}
