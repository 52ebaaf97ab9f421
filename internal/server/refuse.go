package server

import (
	"encoding/json"
	"net/http"
	"strconv"

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
	mediaType := mediaJSON
	if e := exchangeOf(r.Context()); e != nil {
		e.reason, mediaType = reason, e.mediaType
	}
	header := w.Header()
	for name, value := range p.header {
		header.Set(name, value)
	}
	writeAnswer(w, mediaType, p.status, &graphql.Response{Errors: gqlerror.List{{Message: p.message, Extensions: extensions}}})
}

// writeAnswer sends a GraphQL answer. Without data there is no data key: null
// would say that something was executed.
func writeAnswer(w http.ResponseWriter, mediaType string, status int, response *graphql.Response) {
	body, err := encode(response)
	if err != nil {
		status = http.StatusInternalServerError
		body = []byte(`{"errors":[{"message":"the answer cannot be written","extensions":{"code":"INTERNAL"}}]}`)
	}
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // It is JSON, and told to be nothing else.
}

// encode writes an answer as JSON. The data is JSON already and is not read again.
func encode(response *graphql.Response) ([]byte, error) {
	var failures, extensions []byte
	var err error
	if len(response.Errors) > 0 {
		if failures, err = json.Marshal(response.Errors); err != nil {
			return nil, err
		}
	}
	if len(response.Extensions) > 0 {
		if extensions, err = json.Marshal(response.Extensions); err != nil {
			return nil, err
		}
	}
	const names = `{"errors":,"data":,"extensions":}`
	body := make([]byte, 1, len(names)+len(failures)+len(response.Data)+len(extensions))
	body[0] = '{'
	for _, member := range []struct {
		name  string
		value []byte
	}{{`"errors":`, failures}, {`"data":`, response.Data}, {`"extensions":`, extensions}} {
		if len(member.value) == 0 {
			continue
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(body, member.name...), member.value...)
	}
	return append(body, '}'), nil
}
