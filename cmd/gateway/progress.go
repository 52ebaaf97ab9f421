package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// redraw is how often the bar is drawn at most.
const redraw = 100 * time.Millisecond

// progress shows how far an import is: rows, their rate and the time left, by
// the bytes read of the files' sizes. Away from a terminal it shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	start time.Time
	drawn time.Time
	bytes int64 // of the files before
	rows  int64
}

func newProgress(m *Main, list inputs) *progress {
	if !m.Terminal {
		return &progress{}
	}
	size := int64(0)
	for _, in := range list {
		if in.size < 0 {
			size = -1
			break
		}
		size += in.size
	}
	return &progress{start: time.Now(), bar: newBar(m, size)}
}

// newBar makes a bar of so many steps, -1 if nobody knows.
func newBar(m *Main, size int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(m.Stderr),
		progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionSetElapsedTime(true),
	)
}

// file returns what to call while a file is read; its rows add to those before.
func (p *progress) file(in *input) func(bytes, rows int64) {
	if p.bar == nil {
		return nil
	}
	before, last := p.rows, int64(0)
	return func(_, rows int64) {
		p.bytes += in.counted - last
		last = in.counted
		p.rows = before + rows
		if now := time.Now(); now.Sub(p.drawn) >= redraw {
			p.drawn = now
			p.draw(now.Sub(p.start))
		}
	}
}

func (p *progress) draw(took time.Duration) {
	rate := float64(p.rows) / max(took.Seconds(), redraw.Seconds())
	p.bar.Describe(fmt.Sprintf("%d rows, %.0f rows/s", p.rows, rate))
	_ = p.bar.Set64(p.bytes)
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
