package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// question is a GraphQL request as HTTP brings it.
type question struct {
	// query is the document, nil if the request names one by its hash alone.
	query *string
	// hash is extensions.persistedQuery.sha256Hash or documentId, "" if there is
	// neither.
	hash          string
	operationName string
	// variables are JSON, nothing if there are none.
	variables []byte
	// size is what was read, in bytes.
	size int
}

// read reads the request that a GET or POST is.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (question, *problem) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return question{}, badRequest("GraphQL is served over plain HTTP here: send no Upgrade header")
	}
	if r.Method == http.MethodGet {
		return readParameters(r.URL.RawQuery)
	}
	body, p := s.readBody(w, r)
	if p != nil {
		return question{size: len(body)}, p
	}
	q, p := parseBody(body)
	q.size = len(body)
	return q, p
}

// readBody reads the body of a POST whose headers promise JSON in UTF-8.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *problem) {
	types := r.Header.Values("Content-Type")
	mediaType, parameters, err := mime.ParseMediaType(strings.Join(types, ","))
	if charset, ok := parameters["charset"]; err != nil || mediaType != "application/json" || ok && !strings.EqualFold(charset, "utf-8") {
		return nil, invalid(http.StatusUnsupportedMediaType, "a POST must have Content-Type: application/json, in UTF-8").because("MEDIA_TYPE")
	}
	if encoding := strings.Join(r.Header.Values("Content-Encoding"), ","); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, invalid(http.StatusUnsupportedMediaType, "the body must not be compressed").
			because("CONTENT_ENCODING").with("Accept-Encoding", "identity")
	}
	limit := int64(s.config.Limits.BodyBytes)
	if r.ContentLength > limit {
		return nil, unreadable(w, &http.MaxBytesError{Limit: limit})
	}
	var body bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= limit {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit)); err != nil {
		return nil, unreadable(w, err)
	}
	return body.Bytes(), nil
}

// unreadable says why a body could not be read.
func unreadable(w http.ResponseWriter, err error) *problem {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		w.Header().Set("Connection", "close")
		return invalid(http.StatusRequestEntityTooLarge, "the body is larger than the gateway takes: ask for less in one request").because("TOO_LARGE")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return invalid(http.StatusRequestTimeout, "the body did not arrive in time").because("TOO_SLOW")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return badRequest("the body ended too early")
	default:
		return badRequest("the body could not be read to its end")
	}
}

// parseBody reads the JSON of a POST, that of RFC 7493: no name is twice in an object,
// and no escape is half of a surrogate pair. Names count as they are written.
func parseBody(body []byte) (question, *problem) {
	var q question
	if !utf8.Valid(body) {
		return q, badRequest("the body is not valid UTF-8")
	}
	members, kind, err := readMembers(body)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return q, badRequest("an object in the body has a name twice: give each member once")
	case err != nil && strings.Contains(err.Error(), "max depth"): // jsontext has no name for it.
		return q, badRequest("the body nests lists or objects deeper than the gateway takes")
	case err != nil && strings.Contains(err.Error(), "surrogate pair"):
		return q, badRequest("an escape in the body is half of a surrogate pair, which is no character")
	case err != nil:
		return q, badRequest("the body is not valid JSON")
	case kind == '[':
		return q, badRequest("batches are not taken: the body must be one JSON object, with one operation").because("BATCH")
	case kind != '{' && kind != 'n': // null is as good as an object without members.
		return q, badRequest("the body must be one JSON object with query, and if need be variables and operationName")
	}
	if text, ok := members["query"]; ok && json.Unmarshal(text, &q.query) != nil {
		return q, badRequest("query must be a string")
	}
	if text, ok := members["operationName"]; ok && json.Unmarshal(text, &q.operationName) != nil {
		return q, badRequest("operationName must be a string")
	}
	if text, ok := members["documentId"]; ok && json.Unmarshal(text, &q.hash) != nil {
		return q, badRequest("documentId must be a string")
	}
	return q.complete(members["variables"], members["extensions"])
}

// readMembers returns the members of a JSON object and '{', or the kind of what else
// the text is.
func readMembers(text []byte) (map[string]jsontext.Value, jsontext.Kind, error) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text))
	kind := decoder.PeekKind()
	if kind != '{' {
		if err := decoder.SkipValue(); err != nil {
			return nil, kind, err
		}
		return nil, kind, ended(decoder)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, kind, err
	}
	members := map[string]jsontext.Value{}
	for decoder.PeekKind() != '}' {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil, kind, err
		}
		name := token.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, kind, err
		}
		members[name] = value.Clone()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, kind, err
	}
	return members, kind, ended(decoder)
}

// ended wants nothing but white space to follow.
func ended(decoder *jsontext.Decoder) error {
	switch _, err := decoder.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	default:
		return errMore
	}
}

var errMore = errors.New("more follows")

// readParameters reads the parameters of a GET.
func readParameters(raw string) (question, *problem) {
	q := question{size: len(raw)}
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return q, badRequest("the parameters of the URL are not percent-encoded as they should be")
	}
	for name, values := range parameters {
		for _, text := range append(values, name) {
			if !utf8.ValidString(text) {
				return q, badRequest("the parameters of the URL are not valid UTF-8")
			}
		}
	}
	for _, name := range []string{"query", "documentId", "operationName", "variables", "extensions"} {
		if len(parameters[name]) > 1 {
			return q, badRequest(name + " is there twice: give each parameter of the URL once")
		}
	}
	if parameters.Has("query") {
		query := parameters.Get("query")
		q.query = &query
	}
	q.operationName, q.hash = parameters.Get("operationName"), parameters.Get("documentId")
	return q.complete([]byte(parameters.Get("variables")), []byte(parameters.Get("extensions")))
}

// complete adds variables and extensions, each a JSON object, null or nothing.
func (q question) complete(variables, extensions []byte) (question, *problem) {
	if !isObject(variables) {
		return q, badRequest("variables must be a JSON object")
	}
	if string(variables) != "null" {
		q.variables = variables
	}
	if len(extensions) > 0 {
		hash, ok := persistedHash(extensions)
		switch {
		case !ok:
			return q, badRequest("extensions must be a JSON object, and persistedQuery in it one with version 1 and sha256Hash")
		case hash != "" && q.hash != "":
			return q, badRequest("the document is named twice: send documentId or persistedQuery")
		case hash != "":
			q.hash = hash
		}
	}
	if q.query != nil && *q.query == "" {
		q.query = nil
	}
	if q.query == nil && q.hash == "" {
		return q, badRequest("query is missing: it holds the GraphQL document")
	}
	return q, nil
}

// isObject says whether a text is nothing, null or a JSON object.
func isObject(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) == 0 || string(text) == "null" || text[0] == '{' && json.Valid(text)
}

// persistedHash reads the hash of a document from a request's extensions, "" if
// there is none; false if it is not as Apollo's clients send it.
func persistedHash(extensions []byte) (string, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(extensions, &members) != nil {
		return "", false
	}
	text, ok := members["persistedQuery"]
	if !ok || string(text) == "null" {
		return "", true
	}
	var persisted struct {
		Version int    `json:"version"`
		Hash    string `json:"sha256Hash"`
	}
	if json.Unmarshal(text, &persisted) != nil || persisted.Version != 1 || persisted.Hash == "" {
		return "", false
	}
	return persisted.Hash, true
}
