package server

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyTimeout bounds the question whether the store answers.
const readyTimeout = time.Second

// adminHandler serves health, readiness and metrics.
func (s *Server) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeStatus(w, http.StatusOK, `{"status":"ok"}`)
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.config.Metrics.Handler())
	if s.config.AdminAnywhere {
		return mux
	}
	return loopbackHost(mux)
}

// readyz says whether requests can be answered now, without any word of the
// store's driver.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		writeStatus(w, http.StatusServiceUnavailable, `{"status":"shutting down"}`)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := s.config.Ready(ctx); err != nil {
		writeStatus(w, http.StatusServiceUnavailable, `{"status":"unavailable","reason":"the store does not answer"}`)
		return
	}
	writeStatus(w, http.StatusOK, `{"status":"ok"}`)
}

func writeStatus(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body+"\n")
}
