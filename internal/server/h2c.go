package server

import "net/http"

// What one HTTP/2 connection may hold. Its headers are bound by MaxHeaderBytes, and
// its times by the server's, as HTTP/1.1's are.
const (
	// maxStreams bounds the requests under way; further ones wait at the client.
	maxStreams = 100
	// maxFrame bounds a frame, and maxStreamBuffer and maxConnectionBuffer what was
	// sent of bodies before it is read, in bytes.
	maxFrame            = 64 << 10
	maxStreamBuffer     = 256 << 10
	maxConnectionBuffer = 1 << 20
)

// speakHTTP2 lets a server speak HTTP/2 without TLS beside HTTP/1.1.
func speakHTTP2(s *http.Server) {
	s.Protocols = &http.Protocols{}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.HTTP2 = &http.HTTP2Config{
		MaxConcurrentStreams:          maxStreams,
		MaxReadFrameSize:              maxFrame,
		MaxReceiveBufferPerStream:     maxStreamBuffer,
		MaxReceiveBufferPerConnection: maxConnectionBuffer,
	}
}
