package server

import (
	"compress/gzip"
	"fmt"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

const (
	// minCompressed is the size from which an answer is compressed, in bytes: less
	// fits a packet or two anyway.
	minCompressed = 1024
	// jitter is how many bytes at most are added to a compressed answer, by what is in
	// it, so that its length says less about its content (BREACH). No answer repeats a
	// credential, and none comes from a cookie, so there is little to find out.
	jitter = 32
)

// compression returns the handler that compresses answers for clients that want it.
func compression() (func(http.Handler) http.HandlerFunc, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(minCompressed),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(false),
		gzhttp.ContentTypeFilter(gzhttp.CompressAllContentTypeFilter),
		gzhttp.RandomJitter(jitter, 0, false),
	)
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	return wrap, nil
}
