package server

import (
	"errors"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/crm"
)

// requestError is a GraphQL request error: nothing was executed.
func requestError(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// reject answers with request errors.
func (s *Server) reject(w http.ResponseWriter, r *http.Request, answer given) {
	code := string(crm.CodeInvalid)
	for i, failure := range answer.Errors {
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
	writeAnswer(w, e, statusOf(code, e.mediaType), answer)
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
