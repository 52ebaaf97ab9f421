package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// problem is what is wrong with a request as HTTP, before GraphQL.
type problem struct {
	status  int
	message string
}

func badRequest(message string) *problem { return &problem{http.StatusBadRequest, message} }

// wellFormed lets a request through that is one of GraphQL over HTTP: the right
// method and media type, not too large, UTF-8, and of the right shape. gqlgen's
// own answers to the others repeat what was sent.
func (s *Server) wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept")
		if p := s.check(w, r); p != nil {
			refuse(w, p.status, string(crm.CodeInvalid), p.message)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) check(w http.ResponseWriter, r *http.Request) *problem {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return badRequest("GraphQL is served over plain HTTP here: send no Upgrade header")
	}
	// Some clients offer HTTP/2 with every request, and an offer may be ignored.
	// gqlgen takes any for a websocket.
	r.Header.Del("Upgrade")
	switch r.Method {
	case http.MethodGet:
		return checkQuery(r.URL.RawQuery)
	case http.MethodPost:
		return s.checkPost(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		return &problem{http.StatusMethodNotAllowed, "GraphQL is asked with GET or POST"}
	}
}

// checkQuery checks the parameters of a GET.
func checkQuery(raw string) *problem {
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return badRequest("the parameters of the URL are not percent-encoded as they should be")
	}
	for name, values := range parameters {
		for _, text := range append(values, name) {
			if !utf8.ValidString(text) {
				return badRequest("the parameters of the URL are not valid UTF-8")
			}
		}
	}
	for _, name := range []string{"variables", "extensions"} {
		if text := parameters.Get(name); text != "" {
			var object map[string]json.RawMessage
			if err := json.Unmarshal([]byte(text), &object); err != nil {
				return badRequest(name + " must be a JSON object")
			}
		}
	}
	if parameters.Get("query") == "" {
		return badRequest("query is missing: the parameter that holds the GraphQL document")
	}
	return nil
}

// checkPost reads and checks the body of a POST and puts it back.
func (s *Server) checkPost(w http.ResponseWriter, r *http.Request) *problem {
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := parameters["charset"]; err != nil || mediaType != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return &problem{http.StatusUnsupportedMediaType, "a POST must have Content-Type: application/json, in UTF-8"}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return &problem{http.StatusUnsupportedMediaType, "the body must not be compressed"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.config.Limits.BodyBytes)))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return &problem{http.StatusRequestEntityTooLarge, "the body is larger than the gateway takes; ask for less in one request"}
		}
		return badRequest("the body could not be read to its end")
	}
	if p := checkBody(body); p != nil {
		return p
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func checkBody(body []byte) *problem {
	if !utf8.Valid(body) {
		return badRequest("the body is not valid UTF-8")
	}
	var shape struct {
		Query         *string                    `json:"query"`
		OperationName *string                    `json:"operationName"`
		Variables     map[string]json.RawMessage `json:"variables"`
		Extensions    map[string]json.RawMessage `json:"extensions"`
	}
	err := json.Unmarshal(body, &shape)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		switch field := wrongType.Field; field {
		case "query", "operationName":
			return badRequest(field + " must be a string")
		case "variables", "extensions":
			return badRequest(field + " must be a JSON object")
		default:
			return badRequest("the body must be one JSON object with query, and if need be variables and operationName")
		}
	case err != nil:
		return badRequest("the body is not valid JSON")
	case shape.Query == nil || *shape.Query == "":
		return badRequest("query is missing: the key that holds the GraphQL document")
	}
	return nil
}
