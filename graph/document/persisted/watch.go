package persisted

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

// watched is the manifest's file as it was seen last.
type watched struct {
	path string
	info fs.FileInfo
	sum  [sha256.Size]byte
}

// Watch looks at the manifest until the context ends, and uses it anew when it has
// changed. It asks the file system every few seconds instead of being told, so that
// it notices what a Kubernetes config map does (a swap of a symbolic link above the
// file) on every file system. A manifest that is broken or missing is logged once
// and changes nothing: the last good one stays. One Watch at a time.
func (d *Documents) Watch(ctx context.Context) {
	if d.file == nil {
		return
	}
	ticker := time.NewTicker(d.config.Poll)
	defer ticker.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed, err := d.reload()
		if err == nil {
			last = ""
		}
		switch {
		case err != nil && err.Error() != last:
			last = err.Error()
			d.config.Logger.LogAttrs(ctx, slog.LevelError, "manifest of trusted documents is not used: the last one stays", slog.Any("error", err))
		case changed:
			d.config.Logger.LogAttrs(ctx, slog.LevelInfo, "manifest of trusted documents is used",
				slog.Int("operations", len(d.manifest.Load().operations)))
		}
	}
}

// reload uses the manifest if its file has changed since it was read, and says
// whether it did. What was read and is broken is not read again until it changes.
func (d *Documents) reload() (bool, error) {
	text, err := d.file.read()
	if err != nil || text == nil {
		return false, err
	}
	m, err := parse(text, d.config.Validate)
	if err != nil {
		return false, err
	}
	d.manifest.Store(m)
	return true, nil
}

// read returns what is in the file, nil if it is what it was.
func (w *watched) read() ([]byte, error) {
	file, err := os.Open(w.path)
	if err != nil {
		w.info = nil
		return nil, fmt.Errorf("open the manifest: %w", err)
	}
	defer func() { _ = file.Close() }()
	// What is written while this reads changes the time again, and is read next time.
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the manifest: %w", err)
	}
	if w.info != nil && os.SameFile(w.info, info) && w.info.ModTime().Equal(info.ModTime()) && w.info.Size() == info.Size() {
		return nil, nil
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("the manifest is no file")
	}
	text, err := io.ReadAll(io.LimitReader(file, MaxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	w.info = info
	if len(text) > MaxManifest {
		return nil, fmt.Errorf("the manifest is larger than %d MiB", MaxManifest>>20)
	}
	sum := sha256.Sum256(text)
	if sum == w.sum {
		return nil, nil
	}
	w.sum = sum
	return text, nil
}
