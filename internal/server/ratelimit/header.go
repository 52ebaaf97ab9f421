package ratelimit

import (
	"math/bits"
	"strconv"
	"time"
)

// The header fields of draft-ietf-httpapi-ratelimit-headers-11, and RFC 9110's.
const (
	HeaderPolicy     = "RateLimit-Policy"
	HeaderLimit      = "RateLimit"
	HeaderRetryAfter = "Retry-After"
)

// usualValue has room for the value of a header with two limits, in bytes.
const usualValue = 128

// Policy is a limit that a caller is under, as the headers name it.
type Policy struct {
	// Name is printable ASCII.
	Name string
	Rate Rate
	// Unit is what a point stands for, "" if it is a request. It is told in a
	// parameter of our own: the draft's qu has only units from its registry.
	Unit string
}

// State is where a caller stands under the policy with the name.
type State struct {
	Name     string
	Decision Decision
}

// Policies formats the value of RateLimit-Policy: a list (RFC 9651) such as
// `"requests";q=20;w=2`. A bucket is told as its burst (q) in the seconds that it
// takes to fill (w), which says its rate and its burst at once.
func Policies(list ...Policy) string {
	text := make([]byte, 0, usualValue)
	for _, p := range list {
		text = appendName(text, p.Name)
		text = appendParameter(text, 'q', p.Rate.Burst)
		if p.Unit != "" {
			text = appendString(append(text, ";c360-unit="...), p.Unit)
		}
		text = appendParameter(text, 'w', seconds(p.Rate.Window()))
	}
	return string(text)
}

// States formats the value of RateLimit, such as `"requests";r=19;t=2`: the points
// that remain (r), and the seconds (t) within which a caller does best to take no
// more than these: as long as the bucket takes to fill by as many, so that r/t is
// the rate. For a refusal t is the same as in Retry-After, as the draft asks; it is
// missing if waiting does not help.
func States(list ...State) string {
	text := make([]byte, 0, usualValue)
	for _, s := range list {
		text = appendParameter(appendName(text, s.Name), 'r', s.Decision.Remaining)
		t := s.Decision.pace()
		if !s.Decision.OK {
			t = s.Decision.RetryAfter
		}
		if t != Never {
			text = appendParameter(text, 't', seconds(t))
		}
	}
	return string(text)
}

// pace is how long the bucket takes to fill by the points that remain, and by one
// if none does.
func (d Decision) pace() time.Duration {
	points := max(d.Remaining, 1)
	if d.Limit <= points {
		return d.Window
	}
	high, low := bits.Mul64(uint64(points), uint64(d.Window))
	whole, rest := bits.Div64(high, low, uint64(d.Limit))
	if rest > 0 {
		whole++
	}
	return time.Duration(whole)
}

// RetryAfter formats the value of Retry-After in seconds, of the decision that
// takes longest; "" if all are OK, and if waiting does not help.
func RetryAfter(list ...Decision) string {
	var wait time.Duration
	for _, d := range list {
		wait = max(wait, d.RetryAfter)
	}
	if wait == 0 || wait == Never {
		return ""
	}
	return strconv.FormatInt(seconds(wait), 10)
}

// seconds rounds up, so that nobody comes a moment too early.
func seconds(d time.Duration) int64 {
	whole := int64(d / time.Second)
	if d%time.Second > 0 {
		whole++
	}
	return whole
}

func appendName(text []byte, name string) []byte {
	if len(text) > 0 {
		text = append(text, ", "...)
	}
	return appendString(text, name)
}

// appendString writes a string of RFC 9651, section 4.1.6, which has printable
// ASCII alone; anything else is left out.
func appendString(text []byte, s string) []byte {
	text = append(text, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~':
		case c == '"' || c == '\\':
			text = append(text, '\\', c)
		default:
			text = append(text, c)
		}
	}
	return append(text, '"')
}

// maxInteger is the largest integer of RFC 9651, section 3.3.1.
const maxInteger = 999_999_999_999_999

func appendParameter(text []byte, name byte, n int64) []byte {
	return strconv.AppendInt(append(text, ';', name, '='), min(n, maxInteger), 10)
}
