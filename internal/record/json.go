package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// jsonWriter appends an object to what is there, as Marshal writes it. The first
// error stays.
type jsonWriter struct {
	dst []byte
	err error
}

// open begins an object, close ends it.
func (w *jsonWriter) open() (at int) {
	w.dst = append(w.dst, '{')
	return 0
}

func (w *jsonWriter) close(int) { w.dst = append(w.dst, '}') }

// member begins a member. No value ends with what an object begins with, so that
// the last byte says whether it is the first one.
func (w *jsonWriter) member(name string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '"', ':')
}

// list begins a member that is a list, closeList ends it.
func (w *jsonWriter) list(name string) (at int) {
	w.member(name)
	w.dst = append(w.dst, '[')
	return 0
}

func (w *jsonWriter) closeList(int) { w.dst = append(w.dst, ']') }

// item begins the list's element i.
func (w *jsonWriter) item(i int) {
	if i > 0 {
		w.dst = append(w.dst, ',')
	}
}

const hexDigits = "0123456789abcdef"

// value appends a string as encoding/json does without escaping HTML.
func (w *jsonWriter) value(s string) {
	dst := append(w.dst, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = appendEscaped(append(dst, s[done:i]...), c)
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[done:i]...), `\ufffd`...)
		case r == '\u2028' || r == '\u2029': // JavaScript's line ends
			dst = append(append(dst, s[done:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
		default:
			i += size
			continue
		}
		i += size
		done = i
	}
	w.dst = append(append(dst, s[done:]...), '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

func (w *jsonWriter) text(name, s string) {
	w.member(name)
	w.value(s)
}

// json appends the value itself, without white space.
func (w *jsonWriter) json(name string, j crm.JSON) {
	w.member(name)
	if j == "" {
		j = "null"
	}
	buffer := bytes.NewBuffer(w.dst)
	if err := json.Compact(buffer, []byte(j)); err != nil {
		w.fail(name, err)
	}
	w.dst = buffer.Bytes()
}

func (w *jsonWriter) fail(name string, err error) {
	if w.err == nil {
		w.err = fmt.Errorf("member %q: %w", name, err)
	}
}

func (w *jsonWriter) bool(name string, b bool) {
	w.member(name)
	w.dst = strconv.AppendBool(w.dst, b)
}

func (w *jsonWriter) int(name string, i int) {
	w.member(name)
	w.dst = strconv.AppendInt(w.dst, int64(i), 10)
}

// float appends a number as encoding/json does: as ECMAScript would.
func (w *jsonWriter) float(name string, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.fail(name, errors.New("JSON has no such number"))
		return
	}
	w.member(name)
	if abs := math.Abs(f); abs == 0 || 1e-6 <= abs && abs < 1e21 {
		w.dst = strconv.AppendFloat(w.dst, f, 'f', -1, 64)
		return
	}
	w.dst = strconv.AppendFloat(w.dst, f, 'e', -1, 64)
	if n := len(w.dst); string(w.dst[n-4:n-1]) == "e-0" {
		w.dst = append(w.dst[:n-2], w.dst[n-1])
	}
}

// time leaves out no instant.
func (w *jsonWriter) time(name string, t time.Time) {
	if t = cut(t); !t.IsZero() {
		w.member(name)
		w.dst = appendTime(w.dst, t)
	}
}

// timeRef leaves out no instant, given or not, as in BSON.
func (w *jsonWriter) timeRef(name string, t *time.Time) {
	if t != nil {
		w.time(name, *t)
	}
}

// money leaves out no money.
func (w *jsonWriter) money(name string, m crm.Money) {
	if m != (crm.Money{}) {
		w.moneyRef(name, &m)
	}
}

func (w *jsonWriter) moneyRef(name string, m *crm.Money) {
	if m == nil {
		return
	}
	w.member(name)
	dst, err := appendMoney(w.dst, *m)
	if err != nil {
		w.fail(name, err)
		return
	}
	w.dst = dst
}

func writeJSONTexts[S ~string](w *jsonWriter, name string, list []S) {
	at := w.list(name)
	for i, s := range list {
		w.item(i)
		w.value(string(s))
	}
	w.closeList(at)
}
