package woocommercetest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are a request's; bad are the names of those that are refused.
type params struct {
	query            url.Values
	page, size, skip int
	include          []int64
	bad              []string
}

const stampForm = "2006-01-02T15:04:05"

// parse reads what every list takes; sorts are the words that orderby may have.
func parse(r *http.Request, sorts ...string) *params {
	p := &params{query: r.URL.Query()}
	p.page, p.size, p.skip = p.within("page", 1, 1, 1<<30), p.within("per_page", 10, 1, 100), p.within("offset", -1, 0, 1<<30)
	if order := p.query.Get("order"); order != "" && order != "asc" && order != "desc" {
		p.invalid("order")
	}
	if by := p.query.Get("orderby"); by != "" && !slices.Contains(sorts, by) {
		p.invalid("orderby")
	}
	for _, word := range p.words("include") {
		id, _ := strconv.ParseInt(strings.TrimSpace(word), 10, 64)
		p.include = append(p.include, id)
	}
	return p
}

func (p *params) invalid(name string) { p.bad = append(p.bad, name) }

func (p *params) within(name string, otherwise, low, high int) int {
	text := p.query.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		p.invalid(name)
		return otherwise
	}
	return n
}

// integer reads a parameter that takes one number.
func (p *params) integer(name string) (int64, bool) {
	text := p.query.Get(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.invalid(name)
	}
	return n, true
}

// words reads a list with commas.
func (p *params) words(name string) []string {
	if text := p.query.Get(name); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}

// included says whether an object is one of include; an empty include is no filter.
func (p *params) included(o Object) bool {
	return len(p.include) == 0 || slices.Contains(p.include, number(o["id"]))
}

// dated says whether an object is within the bounds of time, which leave out the
// bound itself.
func (p *params) dated(o Object, zone *time.Location) bool {
	at := func(name string) time.Time {
		text, _ := o[name].(string)
		t, _ := time.Parse(stampForm, text)
		if p.query.Get("dates_are_gmt") != "true" {
			t, _ = time.Parse(stampForm, t.In(zone).Format(stampForm))
		}
		return t
	}
	bound := func(name string) (time.Time, bool) {
		text := p.query.Get(name)
		if text == "" {
			return time.Time{}, false
		}
		t, err := time.Parse(stampForm, text)
		if err != nil {
			p.invalid(name)
		}
		return t, true
	}
	in := true
	for _, f := range []struct{ name, of string }{
		{"after", "date_created_gmt"},
		{"modified_after", "date_modified_gmt"},
	} {
		if t, ok := bound(f.name); ok {
			in = in && at(f.of).After(t)
		}
	}
	for _, f := range []struct{ name, of string }{
		{"before", "date_created_gmt"},
		{"modified_before", "date_modified_gmt"},
	} {
		if t, ok := bound(f.name); ok {
			in = in && at(f.of).Before(t)
		}
	}
	return in
}

// list answers with a page of the objects that match.
func (s *Server) list(w http.ResponseWriter, r *http.Request, p *params, by, order string, all []Object, match func(Object) bool) {
	found := []Object{}
	for _, o := range all {
		if match(o) {
			found = append(found, o)
		}
	}
	if len(p.bad) > 0 {
		refuse(w, http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): "+strings.Join(p.bad, ", "))
		return
	}
	sorted(found, cmp.Or(p.query.Get("orderby"), by), cmp.Or(p.query.Get("order"), order) == "desc")
	first := (p.page - 1) * p.size
	if p.skip >= 0 {
		first = p.skip
	}
	pages := (len(found) + p.size - 1) / p.size
	w.Header().Set("X-WP-Total", strconv.Itoa(len(found)))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa(pages))
	if p.page < pages {
		next := *r.URL
		query := r.URL.Query()
		query.Set("page", strconv.Itoa(p.page+1))
		next.RawQuery = query.Encode()
		w.Header().Set("Link", fmt.Sprintf("<http://%s%s>; rel=\"next\"", r.Host, next.RequestURI()))
	}
	first = min(first, len(found))
	answer(w, only(found[first:min(first+p.size, len(found))], p.words("_fields")))
}

// sorted sorts by time or id; times that are equal go by id.
func sorted(objects []Object, by string, desc bool) {
	key := map[string]string{"date": "date_created_gmt", "modified": "date_modified_gmt", "registered_date": "date_created_gmt", "name": "email"}[by]
	slices.SortStableFunc(objects, func(a, b Object) int {
		if desc {
			a, b = b, a
		}
		x, _ := a[key].(string)
		y, _ := b[key].(string)
		return cmp.Or(strings.Compare(x, y), cmp.Compare(number(a["id"]), number(b["id"])))
	})
}

// only keeps the fields that are asked for.
func only(objects []Object, fields []string) []Object {
	if len(fields) == 0 {
		return objects
	}
	kept := make([]Object, len(objects))
	for i, o := range objects {
		kept[i] = Object{}
		for _, f := range fields {
			if value, ok := o[f]; ok {
				kept[i][f] = value
			}
		}
	}
	return kept
}

var octet = regexp.MustCompile(`%[a-fA-F0-9]{2}`)

// searched returns a term as WooCommerce looks for it: without what looks like a
// percent-encoded byte, and with "+" read as a space.
func searched(term string) string {
	return strings.ReplaceAll(octet.ReplaceAllString(term, ""), "+", " ")
}

// index is the text that an order is found by: its addresses and its lines' names.
func index(o Object) string {
	var text strings.Builder
	for _, name := range []string{"billing", "shipping"} {
		fields, _ := o[name].(Object)
		for _, f := range []string{"first_name", "last_name", "company", "address_1", "city", "postcode", "email", "phone"} {
			fmt.Fprint(&text, fields[f], " ")
		}
	}
	lines, _ := o["line_items"].([]any)
	for _, l := range lines {
		if fields, ok := l.(Object); ok {
			fmt.Fprint(&text, fields["name"], " ")
		}
	}
	return strings.ToLower(text.String())
}

func number(v any) int64 {
	switch n := v.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case float64:
		return int64(n)
	default:
		return -1
	}
}
