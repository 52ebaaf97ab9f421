package server

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server/requestid"
)

// problem is why a request gets no further, before GraphQL has a say. Nothing of
// the request is in it.
type problem struct {
	status  int
	code    crm.Code
	message string
	// reason is the word for the log and the metrics; "" is the code.
	reason string
	// header is sent along, nil for none.
	header map[string]string
}

// codeBadRequest is that of a request which is wrong before GraphQL has a say: no
// request of this kind can be answered (Apollo Server's).
const codeBadRequest crm.Code = "BAD_REQUEST"

// invalid is a problem with what the request is.
func invalid(status int, message string) *problem {
	return &problem{status: status, code: codeBadRequest, message: message}
}

func badRequest(message string) *problem { return invalid(http.StatusBadRequest, message) }

// as gives the problem another code.
func (p *problem) as(code crm.Code) *problem {
	p.code = code
	return p
}

// because returns the problem its own word for the log and the metrics.
func (p *problem) because(reason string) *problem {
	p.reason = reason
	return p
}

// with adds a header to the answer.
func (p *problem) with(name, value string) *problem {
	if p.header == nil {
		p.header = map[string]string{}
	}
	p.header[name] = value
	return p
}

// refuse answers with a problem in the shape of a GraphQL answer. Only of an
// INTERNAL one the body has the request's id.
func refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	extensions := map[string]any{"code": string(p.code)}
	if p.code == crm.CodeInternal {
		extensions["requestId"] = requestid.From(r.Context())
	}
	reason := p.reason
	if reason == "" {
		reason = string(p.code)
	}
	e := exchangeOf(r.Context())
	if e != nil {
		e.reason = reason
	}
	header := w.Header()
	for name, value := range p.header {
		header.Set(name, value)
	}
	writeAnswer(w, e, p.status, given{Response: &graphql.Response{Errors: gqlerror.List{{Message: p.message, Extensions: extensions}}}})
}
