package server

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/zstd"
)

const (
	// minCompressed is the size from which an answer is compressed, in bytes: less
	// fits a packet or two anyway.
	minCompressed = 1024
	// jitter is how many bytes at most are added to an answer that gzip or zstd has
	// compressed, by what is in it, so that its length says less about its content
	// (BREACH). Brotli's form has no room for it. No answer repeats a credential, and no
	// page of another site can make a browser send one, so there is little to find out.
	jitter = 32
	// The levels are those that cost least for what they save (docs/benchmarks.md).
	gzipLevel   = 5
	zstdLevel   = int(zstd.SpeedFastest)
	brotliLevel = 4
)

// codings are what an answer may be compressed with, those that cost the gateway
// least first: a client that wants several equally gets the first of them.
func codings() []string { return []string{"gzip", "zstd", "br"} }

// compression returns the handler that compresses answers for clients that want it,
// with what they want most.
func compression() (func(http.Handler) http.HandlerFunc, error) {
	gzipped, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.CompressionLevel(gzipLevel),
		gzhttp.EnableZstd(false),
		gzhttp.ContentTypeFilter(gzhttp.CompressAllContentTypeFilter),
		gzhttp.RandomJitter(jitter, 0, false),
	)
	if err != nil {
		return nil, fmt.Errorf("set up gzip: %w", err)
	}
	zstandard, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.ZstdCompressionLevel(zstdLevel),
		gzhttp.EnableGzip(false),
		gzhttp.EnableZstd(true),
		gzhttp.ContentTypeFilter(gzhttp.CompressAllContentTypeFilter),
		gzhttp.RandomJitter(jitter, 0, false),
	)
	if err != nil {
		return nil, fmt.Errorf("set up zstd: %w", err)
	}
	return func(next http.Handler) http.HandlerFunc {
		by := map[string]http.Handler{"gzip": gzipped(next), "zstd": zstandard(next), "br": brotlied(next)}
		wanted := newMemo(chooseCoding)
		return func(w http.ResponseWriter, r *http.Request) {
			var handler http.Handler
			if accepted := r.Header["Accept-Encoding"]; len(accepted) > 0 {
				handler = by[wanted.of(accepted)]
			}
			if handler == nil {
				w.Header().Add("Vary", "Accept-Encoding")
				handler = next
			}
			handler.ServeHTTP(w, r)
		}
	}, nil
}

// chooseCoding returns the coding that a client wants most by its Accept-Encoding
// (RFC 9110, section 12.5.3), "" for none. "*" stands for none that is not named:
// clients that send it do not say what they can read.
func chooseCoding(accepted []string) string {
	weights := map[string]float64{}
	for entry := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		name, parameter, weighted := strings.Cut(entry, ";")
		weight := 1.0
		if weighted {
			name, text, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || !(value >= 0 && value <= 1) {
				continue
			}
			weight = value
		}
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			weights[name] = weight
		}
	}
	best := ""
	for _, coding := range codings() {
		if weights[coding] > weights[best] {
			best = coding
		}
	}
	if best != "" && weights["identity"] > weights[best] {
		return ""
	}
	return best
}

// brotlied compresses with Brotli.
func brotlied(next http.Handler) http.Handler {
	writers := &sync.Pool{New: func() any { return brotli.NewWriterLevel(io.Discard, brotliLevel) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		b := &brotliWriter{ResponseWriter: w, writers: writers}
		next.ServeHTTP(b, r)
		b.close()
	})
}

// brotliWriter compresses an answer that is large enough. Whether it is, is decided
// at the first write, as answers are written at once.
type brotliWriter struct {
	http.ResponseWriter
	writers *sync.Pool
	status  int
	begun   bool
	writer  *brotli.Writer // nil if the answer is sent as it is
}

// WriteHeader notes the status until the answer begins.
func (b *brotliWriter) WriteHeader(status int) {
	switch {
	case b.begun || b.status != 0:
	case status < http.StatusOK: // What comes before it is no answer yet.
		b.ResponseWriter.WriteHeader(status)
	default:
		b.status = status
	}
}

// Write sends a part of the body.
func (b *brotliWriter) Write(p []byte) (int, error) {
	if !b.begun {
		b.begin(len(p))
	}
	if b.writer != nil {
		return b.writer.Write(p)
	}
	return b.ResponseWriter.Write(p)
}

// begin sends the header of an answer whose first part has so many bytes.
func (b *brotliWriter) begin(bytes int) {
	header := b.Header()
	if size, err := strconv.Atoi(header.Get("Content-Length")); err == nil {
		bytes = size
	}
	if bytes >= minCompressed && header.Get("Content-Encoding") == "" {
		header.Del("Content-Length")
		header.Set("Content-Encoding", "br")
		b.writer, _ = b.writers.Get().(*brotli.Writer)
		b.writer.Reset(b.ResponseWriter)
	}
	b.begun = true
	if b.status == 0 {
		b.status = http.StatusOK
	}
	b.ResponseWriter.WriteHeader(b.status)
}

// close ends the answer.
func (b *brotliWriter) close() {
	if !b.begun && b.status != 0 {
		b.begun = true
		b.ResponseWriter.WriteHeader(b.status)
	}
	if b.writer == nil {
		return
	}
	_ = b.writer.Close() // Whoever has gone away does not miss the end.
	b.writer.Reset(io.Discard)
	b.writers.Put(b.writer)
}

// Unwrap lets http.ResponseController reach the connection.
func (b *brotliWriter) Unwrap() http.ResponseWriter { return b.ResponseWriter }
