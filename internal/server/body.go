package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/customer360/gateway/graph/document"
)

// bodies are where requests are read into: one after the other into the same, so that
// small ones take no memory of their own.
type bodies struct{ pool sync.Pool }

// What a body has room for at first, and the most that is kept for the next one.
const (
	usualBody = 4 << 10
	mostKept  = 64 << 10
)

func (b *bodies) get() *body {
	if have, ok := b.pool.Get().(*body); ok {
		return have
	}
	fresh := &body{}
	fresh.text.Grow(usualBody)
	return fresh
}

// put takes a body back of which nothing is used any more.
func (b *bodies) put(used *body) {
	if max(used.text.Cap(), cap(used.unquoted)) > mostKept {
		return
	}
	used.text.Reset()
	used.source, used.arriving = bytes.Buffer{}, arriving{}
	used.decoder.Reset(&used.source)
	b.pool.Put(used)
}

// body is that of a POST, and what reads it.
type body struct {
	text     bytes.Buffer
	arriving arriving
	source   bytes.Buffer // the text, for the decoder
	decoder  jsontext.Decoder
	name     []byte
	unquoted []byte // a text with escapes
}

// read reads the request that a GET or POST is, into where if it has a body: what the
// question has of variables is there until that is used again.
func (s *Server) read(ctx context.Context, w http.ResponseWriter, r *http.Request, where *body) (question, *problem) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return question{}, badRequest("GraphQL is served over plain HTTP here: send no Upgrade header")
	}
	if r.Method == http.MethodGet {
		return readParameters(r.URL.RawQuery)
	}
	if p := s.readBody(ctx, w, r, where); p != nil {
		return question{}, p
	}
	q, p := where.parse()
	q.size = where.text.Len()
	return q, p
}

// readBody reads the body of a POST whose headers promise JSON in UTF-8.
func (s *Server) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, where *body) *problem {
	if !isJSON(r.Header["Content-Type"]) {
		return invalid(http.StatusUnsupportedMediaType, "a POST must have Content-Type: application/json, in UTF-8").because("MEDIA_TYPE")
	}
	if encoding := strings.Join(r.Header["Content-Encoding"], ","); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return invalid(http.StatusUnsupportedMediaType, "the body must not be compressed").
			because("CONTENT_ENCODING").with("Accept-Encoding", "identity")
	}
	limit := int64(s.config.Limits.BodyBytes)
	if r.ContentLength > limit {
		return unreadable(w, &http.MaxBytesError{Limit: limit})
	}
	// What a request announces is not what it brings: the buffer grows with what comes.
	where.arriving = arriving{from: http.MaxBytesReader(w, r.Body, limit), server: s, ctx: ctx}
	if _, err := where.text.ReadFrom(&where.arriving); err != nil {
		return unreadable(w, err)
	}
	return nil
}

// isJSON says whether a Content-Type is that of JSON in UTF-8.
func isJSON(types []string) bool {
	if len(types) == 1 && types[0] == "application/json" { // Nearly every client's.
		return true
	}
	mediaType, parameters, err := mime.ParseMediaType(strings.Join(types, ","))
	charset, ok := parameters["charset"]
	return err == nil && mediaType == "application/json" && (!ok || strings.EqualFold(charset, "utf-8"))
}

// bodyStep is for how many bytes of a body room is taken at a time. Smaller bodies
// need none.
const bodyStep = 64 << 10

// errNoRoom says that bodies take up all the room there is for them.
var errNoRoom = errors.New("no room for the body")

// arriving reads a body as long as there is room for it.
type arriving struct {
	from       io.Reader
	server     *Server
	ctx        context.Context
	have, paid int
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.from.Read(p)
	for a.have += n; a.have-bodyStep > a.paid; a.paid += bodyStep {
		if !a.server.holdBody(a.ctx, bodyStep) {
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

// parse reads the JSON of a POST, that of RFC 7493: no name is twice in an object,
// and no escape is half of a surrogate pair. Names count as they are written.
func (b *body) parse() (question, *problem) {
	var q question
	if !utf8.Valid(b.text.Bytes()) {
		return q, badRequest("the body is not valid UTF-8")
	}
	members, kind, err := b.members()
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
	query, ok := b.textOf(members.query)
	if !ok {
		return q, badRequest("query must be a string")
	}
	if query != "" {
		q.query = &query
	}
	if q.operationName, ok = b.textOf(members.operationName); !ok {
		return q, badRequest("operationName must be a string")
	}
	var p *problem
	if q.ids, p = b.documentIDs(members); p != nil {
		return q, p
	}
	return q.complete(members.variables, members.extensions)
}

// members are those of a body that mean something, nil if they are not there.
type members struct {
	query, operationName, variables, extensions, documentID []byte
	plain                                                   [2][]byte // by plainNames
}

// of returns the member with a name, nil if it means nothing.
func (m *members) of(name []byte) *[]byte {
	switch string(name) {
	case "query":
		return &m.query
	case "operationName":
		return &m.operationName
	case "variables":
		return &m.variables
	case "extensions":
		return &m.extensions
	case "documentId":
		return &m.documentID
	}
	for i, plain := range plainNames() {
		if string(name) == plain {
			return &m.plain[i]
		}
	}
	return nil
}

// members returns the members of a JSON object and '{', or the kind of what else
// the body is.
func (b *body) members() (found members, kind jsontext.Kind, err error) {
	text, decoder := b.text.Bytes(), &b.decoder
	b.source = *bytes.NewBuffer(text)
	decoder.Reset(&b.source)
	if kind = decoder.PeekKind(); kind != '{' {
		if err := decoder.SkipValue(); err != nil {
			return found, kind, err
		}
		return found, kind, ended(decoder)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return found, kind, err
	}
	for decoder.PeekKind() != '}' {
		quoted, err := decoder.ReadValue()
		if err != nil {
			return found, kind, err
		}
		if b.name, err = jsontext.AppendUnquote(b.name[:0], quoted); err != nil {
			return found, kind, err
		}
		member := found.of(b.name)
		value, err := decoder.ReadValue()
		if err != nil {
			return found, kind, err
		}
		if member != nil {
			end := int(decoder.InputOffset())
			*member = text[end-len(value) : end : end]
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return found, kind, err
	}
	return found, kind, ended(decoder)
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

// textOf returns the text of a JSON string that is valid, "" for null and for nothing;
// false for what else there is.
func (b *body) textOf(value []byte) (text string, ok bool) {
	switch {
	case len(value) == 0 || string(value) == "null":
		return "", true
	case value[0] != '"':
		return "", false
	case bytes.IndexByte(value, '\\') < 0:
		return string(value[1 : len(value)-1]), true
	}
	var err error
	b.unquoted, err = jsontext.AppendUnquote(b.unquoted[:0], value)
	return string(b.unquoted), err == nil
}
