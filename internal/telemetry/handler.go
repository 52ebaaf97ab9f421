package telemetry

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RequestMessage is the message of the line that every request gets, and ReasonKey and
// StatusKey are the attributes of it that say why nothing was executed, and what the
// caller was told.
const (
	RequestMessage = "request"
	ReasonKey      = "reason"
	StatusKey      = "status"
)

// mostLine bounds the buffers that are used again, in bytes.
const mostLine = 4 << 10

// handler writes the lines that there are many of by itself: flat ones, with texts of
// plain ASCII. It writes what slog's handler writes, byte for byte, for a third of the
// time, and leaves everything else to it.
type handler struct {
	slog.Handler
	lines   *Lines
	buffers *sync.Pool // of *[]byte
}

func newHandler(w io.Writer, options *slog.HandlerOptions) *handler {
	lines, ok := w.(*Lines)
	if !ok {
		lines = NewLines(w, 0)
	}
	return &handler{
		Handler: slog.NewJSONHandler(lines, options), lines: lines,
		buffers: &sync.Pool{New: func() any {
			buffer := make([]byte, 0, 512)
			return &buffer
		}},
	}
}

// Handle writes a line.
func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	buffer := h.buffers.Get().(*[]byte) //nolint:errcheck // There is nothing else in it.
	line, ok := appendLine((*buffer)[:0], record)
	var err error
	switch {
	case !ok:
		err = h.Handler.Handle(ctx, record)
	case canWait(record):
		_, err = h.lines.Hold(line)
	default:
		_, err = h.lines.Write(line)
	}
	if cap(line) <= mostLine {
		*buffer = line
		h.buffers.Put(buffer)
	}
	return err
}

// canWait says whether a line is that of a request which was answered as its caller
// wished: nobody misses it for a moment.
func canWait(record slog.Record) bool {
	if record.Level != slog.LevelInfo || record.Message != RequestMessage {
		return false
	}
	waits := false
	record.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case StatusKey:
			waits = a.Value.Kind() == slog.KindInt64 && a.Value.Int64() < http.StatusBadRequest
		case ReasonKey:
			waits = false
			return false
		}
		return true
	})
	return waits
}

// appendLine adds a record to text as slog.JSONHandler would write it; false if it
// holds anything else than what is known here.
func appendLine(text []byte, record slog.Record) ([]byte, bool) {
	if year := record.Time.Year(); record.Time.IsZero() || year < 0 || year > 9999 || !isPlain(record.Message) {
		return text, false
	}
	text = append(text, `{"time":"`...)
	text = record.Time.AppendFormat(text, time.RFC3339Nano)
	text = append(text, `","level":"`...)
	text = append(text, record.Level.String()...)
	text = append(text, `","msg":"`...)
	text = append(text, record.Message...)
	text = append(text, '"')
	ok := true
	record.Attrs(func(a slog.Attr) bool {
		ok = a.Key != "" && isPlain(a.Key)
		if ok {
			text = append(append(append(text, `,"`...), a.Key...), `":`...)
			text, ok = appendValue(text, a.Value)
		}
		return ok
	})
	return append(text, "}\n"...), ok
}

func appendValue(text []byte, value slog.Value) ([]byte, bool) {
	switch value.Kind() { //nolint:exhaustive // slog's handler knows the others.
	case slog.KindString:
		s := value.String()
		return appendText(text, s), isPlain(s)
	case slog.KindInt64:
		return strconv.AppendInt(text, value.Int64(), 10), true
	case slog.KindBool:
		return strconv.AppendBool(text, value.Bool()), true
	case slog.KindFloat64:
		// What is smaller or larger is written with an exponent.
		f := value.Float64()
		size := math.Abs(f)
		return strconv.AppendFloat(text, f, 'f', -1, 64), f == 0 || size >= 1e-6 && size < 1e21
	case slog.KindAny:
		list, ok := value.Any().([]string)
		if !ok || list == nil {
			return text, false
		}
		text = append(text, '[')
		for i, s := range list {
			if i > 0 {
				text = append(text, ',')
			}
			text, ok = appendText(text, s), ok && isPlain(s)
		}
		return append(text, ']'), ok
	default:
		return text, false
	}
}

// appendText adds a text that isPlain.
func appendText(text []byte, s string) []byte {
	return append(append(append(text, '"'), s...), '"')
}

// isPlain says whether a text is the same in JSON: printable ASCII, and nothing that is
// escaped.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
