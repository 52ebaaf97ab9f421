package server

import (
	"bytes"
	"context"
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

	"github.com/customer360/gateway/graph/document"
)

// question is a GraphQL request as HTTP brings it.
type question struct {
	// query is the document, nil if the request names one by its hash alone.
	query *string
	// hash is the id of the document, "" if there is none.
	hash          string
	ids           documentIDs
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
	// What a request announces is not what it brings: the buffer grows with what comes.
	var body bytes.Buffer
	arriving := &arriving{from: http.MaxBytesReader(w, r.Body, limit), enter: func(bytes int) bool { return s.holdBody(r.Context(), bytes) }}
	if _, err := body.ReadFrom(arriving); err != nil {
		return nil, unreadable(w, err)
	}
	return body.Bytes(), nil
}

// bodyStep is for how many bytes of a body room is taken at a time. Smaller bodies
// need none.
const bodyStep = 64 << 10

// errNoRoom says that bodies take up all the room there is for them.
var errNoRoom = errors.New("no room for the body")

// arriving reads a body as long as there is room for it.
type arriving struct {
	from       io.Reader
	enter      func(bytes int) bool
	have, paid int
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.from.Read(p)
	for a.have += n; a.have-bodyStep > a.paid; a.paid += bodyStep {
		if !a.enter(bodyStep) {
			return n, errNoRoom
		}
	}
	return n, err
}

// holdBody takes room for bytes of the request's body, until the request has ended.
func (s *Server) holdBody(ctx context.Context, bytes int) bool {
	e := exchangeOf(ctx)
	place, ok := s.gates.bodies.TryEnter(e.principal.ID, bytes)
	if ok {
		e.ended = append(e.ended, place.Leave)
	}
	return ok
}

// unreadable says why a body could not be read.
func unreadable(w http.ResponseWriter, err error) *problem {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		w.Header().Set("Connection", "close")
		return invalid(http.StatusRequestEntityTooLarge, "the body is larger than the gateway takes: ask for less in one request").as(document.CodeLimitExceeded).because("TOO_LARGE")
	case errors.Is(err, errNoRoom):
		w.Header().Set("Connection", "close")
		return overloaded(err)
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
		return q, badRequest("the body nests lists or objects deeper than the gateway takes").as(document.CodeLimitExceeded)
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
	var p *problem
	if q.ids, p = readDocumentIDs(members); p != nil {
		return q, p
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
	for _, name := range []string{"query", "documentId", "id", "doc_id", "operationName", "variables", "extensions"} {
		if len(parameters[name]) > 1 {
			return q, badRequest(name + " is there twice: give each parameter of the URL once")
		}
	}
	if parameters.Has("query") {
		query := parameters.Get("query")
		q.query = &query
	}
	q.operationName, q.ids.standard = parameters.Get("operationName"), parameters.Get("documentId")
	for i, name := range plainNames() {
		q.ids.plain[i] = parameters.Get(name)
	}
	return q.complete([]byte(parameters.Get("variables")), []byte(parameters.Get("extensions")))
}

// mostExtensions bounds the extensions of a request, in bytes.
const mostExtensions = 8 << 10

// complete adds variables and extensions, each a JSON object, null or nothing.
func (q question) complete(variables, extensions []byte) (question, *problem) {
	if !isObject(variables) {
		return q, badRequest("variables must be a JSON object")
	}
	if string(variables) != "null" {
		q.variables = variables
	}
	if len(extensions) > mostExtensions {
		return q, badRequest("extensions have more bytes than the gateway takes: they hold persistedQuery, and nothing else is read").as(document.CodeLimitExceeded).because("TOO_LARGE")
	}
	if len(extensions) > 0 {
		var ok bool
		if q.ids.hash, ok = persistedHash(extensions); !ok {
			return q, badRequest("extensions must be a JSON object, and persistedQuery in it one with version 1 and sha256Hash")
		}
	}
	if q.query != nil && *q.query == "" {
		q.query = nil
	}
	var p *problem
	if q.hash, p = q.ids.choose(q.query != nil); p != nil {
		return q, p
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
