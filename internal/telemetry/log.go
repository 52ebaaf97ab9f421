package telemetry

import (
	"errors"
	"io"
	"log/slog"
)

// NewLogger makes a logger that writes one line an event to w. Level is debug,
// info, warn or error; format is json or text. If w are Lines, those of requests that
// were answered may wait there.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, errors.New("log level must be debug, info, warn or error")
	}
	options := &slog.HandlerOptions{Level: least}
	switch format {
	case "json":
		return slog.New(newHandler(w, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	default:
		return nil, errors.New("log format must be json or text")
	}
}
