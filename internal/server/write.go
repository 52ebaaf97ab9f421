package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
)

// chunkBytes are how many bytes of an answer a client has to read before the time
// runs out that it has for them.
const chunkBytes = 32 << 10

// writeAnswer sends a GraphQL answer. Without data there is no data key: null
// would say that something was executed. A client that does not read is not waited
// for: see exchange.extend. e may be nil.
func writeAnswer(w http.ResponseWriter, e *exchange, status int, answer given) {
	var room []byte
	mediaType := mediaJSON
	if e != nil {
		room, mediaType = e.text[:0], e.mediaType
	}
	parts, err := encode(room, answer)
	if err != nil {
		status = http.StatusInternalServerError
		parts = [3][]byte{[]byte(`{"errors":[{"message":"the answer cannot be written","extensions":{"code":"INTERNAL"}}]}`)}
	}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header := w.Header()
	e.set(header, "Content-Type", mediaType)
	e.set(header, "Content-Length", strconv.Itoa(length))
	e.set(header, "Cache-Control", "no-store")
	w.WriteHeader(status)
	for _, part := range parts {
		for chunk := range slices.Chunk(part, chunkBytes) {
			if _, err := w.Write(chunk); err != nil { //nolint:gosec // It is JSON, and told to be nothing else.
				return
			}
		}
	}
}

// encode writes an answer as JSON, in parts: what stands before the data, the data and
// what stands behind it. The data is JSON already, and neither read again nor copied.
// The others begin in room.
func encode(room []byte, answer given) (parts [3][]byte, err error) {
	text := append(room, '{')
	if len(answer.Errors) > 0 {
		failures, err := json.Marshal(answer.Errors)
		if err != nil {
			return parts, err
		}
		text = append(append(text, `"errors":`...), failures...)
	}
	if len(answer.Data) > 0 {
		text = append(comma(text), `"data":`...)
	}
	before := len(text)
	if text, err = appendExtensions(text, len(answer.Data) > 0, answer); err != nil {
		return parts, err
	}
	text = append(text, '}')
	return [3][]byte{text[:before], answer.Data, text[before:]}, nil
}

// comma adds the comma behind a member, if there is one.
func comma(text []byte) []byte {
	if text[len(text)-1] != '{' {
		text = append(text, ',')
	}
	return text
}

// appendExtensions adds the extensions, if there are any, to what stands behind data or
// not. Most answers have the cost alone.
func appendExtensions(text []byte, behindData bool, answer given) ([]byte, error) {
	extensions := answer.Extensions
	if len(extensions) == 0 && answer.cost == nil {
		return text, nil
	}
	if behindData {
		text = append(text, ',')
	} else {
		text = comma(text)
	}
	text = append(text, `"extensions":`...)
	if len(extensions) == 0 {
		return append(answer.cost.append(append(text, `{"cost":`...)), '}'), nil
	}
	if answer.cost != nil {
		extensions["cost"] = answer.cost
	}
	all, err := json.Marshal(extensions)
	return append(text, all...), err
}

// given is what became of an operation: an answer, or why there is none now.
type given struct {
	*graphql.Response
	// cost is extensions.cost, nil if it is not told.
	cost    *queryCost
	problem *problem
}

// queryCost is extensions.cost: what an operation was expected to cost, what it has
// cost, and what its caller may spend, by Shopify's names. How much is left changes
// with the time and stands in the RateLimit header: the same request has the same
// answer.
type queryCost struct {
	Requested int            `json:"requestedQueryCost"`
	Actual    int            `json:"actualQueryCost,omitempty"`
	Throttle  throttleStatus `json:"throttleStatus,omitzero"`
}

// throttleStatus is the caller's bucket of points, and the whole points that come
// back in a second.
type throttleStatus struct {
	Maximum     int64 `json:"maximumAvailable"`
	RestoreRate int64 `json:"restoreRate"`
}

// append adds the cost as encoding/json writes it.
func (c *queryCost) append(text []byte) []byte {
	text = strconv.AppendInt(append(text, `{"requestedQueryCost":`...), int64(c.Requested), 10)
	if c.Actual != 0 {
		text = strconv.AppendInt(append(text, `,"actualQueryCost":`...), int64(c.Actual), 10)
	}
	if c.Throttle != (throttleStatus{}) {
		text = strconv.AppendInt(append(text, `,"throttleStatus":{"maximumAvailable":`...), c.Throttle.Maximum, 10)
		text = append(strconv.AppendInt(append(text, `,"restoreRate":`...), c.Throttle.RestoreRate, 10), '}')
	}
	return append(text, '}')
}

func (s *Server) queryCost(requested, actual int) *queryCost {
	cost := &queryCost{Requested: requested, Actual: actual}
	if rates := s.config.Rates; rates.Principals != nil {
		cost.Throttle = throttleStatus{
			Maximum: rates.Cost.Burst, RestoreRate: int64(float64(rates.Cost.Points) / rates.Cost.Per.Seconds()),
		}
	}
	return cost
}
