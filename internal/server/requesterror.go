package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/crm"
)

// requestError is a GraphQL request error: nothing was executed.
func requestError(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// reject answers with request errors.
func (s *Server) reject(w http.ResponseWriter, r *http.Request, response *graphql.Response) {
	code := string(crm.CodeInvalid)
	for i, failure := range response.Errors {
		if failure.Extensions == nil {
			failure.Extensions = map[string]any{}
		}
		if _, ok := failure.Extensions["code"].(string); !ok {
			failure.Extensions["code"] = string(crm.CodeInvalid)
		}
		if i == 0 {
			code = failure.Extensions["code"].(string)
		}
	}
	e := exchangeOf(r.Context())
	e.reason = code
	writeAnswer(w, e.mediaType, statusOf(code, e.mediaType), response)
}

// statusOf returns the status of a well-formed request that was not executed: in
// application/json the status 200, unless it is the caller or the gateway rather
// than the document that is in the way (GraphQL over HTTP, "Status Codes").
func statusOf(code, mediaType string) int {
	switch crm.Code(code) {
	case codeBadRequest:
		return http.StatusBadRequest
	case crm.CodeUnauthenticated:
		return http.StatusUnauthorized
	case crm.CodeRateLimited:
		return http.StatusTooManyRequests
	case crm.CodeUnavailable:
		return http.StatusServiceUnavailable
	case crm.CodeInternal:
		return http.StatusInternalServerError
	default:
	}
	switch {
	case mediaType != mediaGraphQL:
		return http.StatusOK
	case code == string(crm.CodeForbidden):
		return http.StatusForbidden
	default:
		return http.StatusBadRequest
	}
}

// unresolved is the error of a document that is not there or not taken.
func unresolved(err error) *gqlerror.Error {
	var known *persisted.Error
	if errors.As(err, &known) {
		return requestError(known.Code(), known.Error())
	}
	code := crm.CodeOf(err)
	if code == crm.CodeInvalid { // It is the request that is wrong, not a value in it.
		code = codeBadRequest
	}
	return requestError(string(code), messageOf(err, "the document is not taken"))
}

// told returns the errors of an operation that may not begin. The executor's own
// about variables repeat values and have words of Go in them.
func told(op *ast.OperationDefinition, errs gqlerror.List) gqlerror.List {
	shown := make(gqlerror.List, len(errs))
	for i, err := range errs {
		shown[i] = err
		if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") {
			shown[i] = wrongVariable(op, err)
		}
	}
	return shown
}

// wrongVariable says which variable does not fit its type, where in it and why, in
// the schema's words.
func wrongVariable(op *ast.OperationDefinition, err *gqlerror.Error) *gqlerror.Error {
	const code = document.CodeBadUserInput
	name, _ := err.Path[1].(ast.PathName)
	v := op.VariableDefinitions.ForName(string(name))
	if v == nil {
		return requestError(code, "a variable does not fit its type")
	}
	path := err.Path[2:]
	unknown := err.Message == "unknown field"
	if unknown && len(path) > 0 {
		path = path[:len(path)-1] // It is the caller's word.
	}
	message := "the value of this variable, of type " + v.Type.String() + ", does not fit: "
	if where := within(path); where != "" {
		message += where + " "
	} else {
		message += "it "
	}
	switch {
	case unknown:
		message += "has a field that its type does not have"
	case err.Message == "must be defined":
		message += "is missing"
	case err.Message == "cannot be null":
		message += "must not be null"
	default:
		message += "is of another type"
	}
	shown := requestError(code, message)
	if v.Position != nil {
		shown.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
	}
	return shown
}

// within writes a path in a variable's value: names of the schema and indexes.
func within(path ast.Path) string {
	words := make([]string, len(path))
	for i, element := range path {
		switch element := element.(type) {
		case ast.PathName:
			words[i] = string(element)
		case ast.PathIndex:
			words[i] = strconv.Itoa(int(element))
		}
	}
	return strings.Join(words, ".")
}
