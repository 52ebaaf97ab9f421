package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of answers. The second says by its status whether a request was
// executed; the first is what clients get that name neither.
const (
	mediaJSON    = "application/json; charset=utf-8"
	mediaGraphQL = "application/graphql-response+json; charset=utf-8"
)

// preference is how much a client wants a media type: its weight, and how exactly
// it named it (0 not at all, 1 by */*, 2 by application/*, 3 by name).
type preference struct {
	weight float64
	exact  int
}

// negotiate chooses the media type of an answer by the Accept header (RFC 9110,
// section 12.5.1); "" if none of them is wanted. Where both are wanted as much,
// the one that was named wins, and the newer one if both were.
func negotiate(accept []string) string {
	all := strings.TrimSpace(strings.Join(accept, ","))
	if all == "" {
		return mediaJSON
	}
	var plain, newer preference
	for entry := range strings.SplitSeq(all, ",") {
		name, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		weight := 1.0
		if text, ok := parameters["q"]; ok {
			if weight, err = strconv.ParseFloat(text, 64); err != nil || !(weight >= 0 && weight <= 1) {
				continue
			}
		}
		if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
			continue
		}
		switch name {
		case "*/*":
			plain.prefer(weight, 1)
			newer.prefer(weight, 1)
		case "application/*":
			plain.prefer(weight, 2)
			newer.prefer(weight, 2)
		case "application/json":
			plain.prefer(weight, 3)
		case "application/graphql-response+json":
			newer.prefer(weight, 3)
		}
	}
	switch {
	case plain.weight == 0 && newer.weight == 0:
		return ""
	case newer.weight != plain.weight:
		return pick(newer.weight > plain.weight)
	default:
		return pick(newer.exact == 3)
	}
}

// pick returns the newer media type or the plain one. A client that named only the
// plain one got there by its weight, or not at all.
func pick(newer bool) string {
	if newer {
		return mediaGraphQL
	}
	return mediaJSON
}

// prefer notes a weight, if it was said more exactly than what was said before.
func (p *preference) prefer(weight float64, exact int) {
	if exact > p.exact || exact == p.exact && weight > p.weight {
		p.weight, p.exact = weight, exact
	}
}

// acceptable notes in which media type the request is answered, and refuses those
// that want none there is.
func acceptable(next http.Handler) http.Handler {
	wanted := newMemo(negotiate)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept, Authorization")
		mediaType := wanted.of(r.Header["Accept"])
		if mediaType == "" {
			refuse(w, r, invalid(http.StatusNotAcceptable,
				"answers are application/graphql-response+json or application/json, in UTF-8: let Accept name one of them").because("NOT_ACCEPTABLE"))
			return
		}
		if e := exchangeOf(r.Context()); e != nil {
			e.mediaType = mediaType
		}
		next.ServeHTTP(w, r)
	})
}
