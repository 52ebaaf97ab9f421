package server

import (
	"encoding/json"
	"net/http"
	"slices"
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
// would say that something was executed. A client that does not read is not waited
// for: see exchange.extend.
func writeAnswer(w http.ResponseWriter, mediaType string, status int, response *graphql.Response) {
	parts, err := encode(response)
	if err != nil {
		status = http.StatusInternalServerError
		parts = [][]byte{[]byte(`{"errors":[{"message":"the answer cannot be written","extensions":{"code":"INTERNAL"}}]}`)}
	}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Content-Length", strconv.Itoa(length))
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	for _, part := range parts {
		for chunk := range slices.Chunk(part, chunkBytes) {
			if _, err := w.Write(chunk); err != nil { //nolint:gosec // It is JSON, and told to be nothing else.
				return
			}
		}
	}
}

// chunkBytes are how many bytes of an answer a client has to read before the time
// runs out that it has for them.
const chunkBytes = 32 << 10

// encode writes an answer as JSON, in parts. The data is JSON already, and neither
// read again nor copied.
func encode(response *graphql.Response) ([][]byte, error) {
	var before, after []byte
	if len(response.Errors) > 0 {
		failures, err := json.Marshal(response.Errors)
		if err != nil {
			return nil, err
		}
		before = append(append(before, `,"errors":`...), failures...)
	}
	if len(response.Data) > 0 {
		before = append(before, `,"data":`...)
	}
	if len(response.Extensions) > 0 {
		extensions, err := json.Marshal(response.Extensions)
		if err != nil {
			return nil, err
		}
		after = append(append(after, `,"extensions":`...), extensions...)
	}
	after = append(after, '}')
	if len(before) == 0 && len(after) > 1 {
		after[0] = '{'
		return [][]byte{after}, nil
	}
	if len(before) == 0 {
		return [][]byte{[]byte("{}")}, nil
	}
	before[0] = '{'
	return [][]byte{before, response.Data, after}, nil
}
