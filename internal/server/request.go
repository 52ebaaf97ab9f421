package server

import (
	"bytes"
	"encoding/json"
	"net/url"
	"unicode/utf8"

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
	variables, extensions := []byte(parameters.Get("variables")), []byte(parameters.Get("extensions"))
	if text := bytes.TrimLeft(variables, blanks); len(text) > 0 && text[0] == '{' && !json.Valid(text) {
		return q, badRequest(notAnObject)
	}
	return q.complete(variables, extensions)
}

// notAnObject is what is said of variables that are none, and blanks are those of JSON.
const (
	notAnObject = "variables must be a JSON object"
	blanks      = " \t\r\n"
)

// mostExtensions bounds the extensions of a request, in bytes.
const mostExtensions = 8 << 10

// complete adds variables and extensions, each JSON or nothing.
func (q question) complete(variables, extensions []byte) (question, *problem) {
	if !isObject(variables) {
		return q, badRequest(notAnObject)
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

// isObject says whether JSON is nothing, null or an object.
func isObject(text []byte) bool {
	text = bytes.TrimLeft(text, blanks)
	return len(text) == 0 || string(text) == "null" || text[0] == '{'
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
