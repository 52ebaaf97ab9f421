package telemetry

import (
	"io"
	"sync"
	"time"
)

// mostHeld bounds the lines that wait, in bytes.
const mostHeld = 64 << 10

// Lines writes the lines of a log, in the order in which they come and never a part of
// one. Those that may wait are written together, a moment later at most: what may not
// is written at once, with all that came before it.
type Lines struct {
	to    io.Writer
	delay time.Duration

	mu     sync.Mutex
	held   []byte
	timer  *time.Timer // nil until something was held
	closed bool
}

// NewLines returns Lines that go to w. What may wait does so for delay at most; 0 lets
// nothing wait. Whoever makes it closes it.
func NewLines(w io.Writer, delay time.Duration) *Lines { return &Lines{to: w, delay: delay} }

// Write writes a line now.
func (l *Lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.held) == 0 {
		return l.to.Write(line)
	}
	l.held = append(l.held, line...)
	return len(line), l.flush()
}

// Hold writes a line that may wait.
func (l *Lines) Hold(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.delay <= 0 || l.closed {
		return l.to.Write(line)
	}
	first := len(l.held) == 0
	l.held = append(l.held, line...)
	switch {
	case len(l.held) >= mostHeld:
		return len(line), l.flush()
	case !first:
	case l.timer == nil:
		l.timer = time.AfterFunc(l.delay, func() { _ = l.Flush() })
	default:
		l.timer.Reset(l.delay)
	}
	return len(line), nil
}

// Flush writes what waits.
func (l *Lines) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flush()
}

func (l *Lines) flush() error {
	if len(l.held) == 0 {
		return nil
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	_, err := l.to.Write(l.held)
	l.held = l.held[:0]
	return err
}

// Close writes what waits. What comes after it does not wait.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.flush()
}
