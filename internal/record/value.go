package record

import (
	"encoding/json"
	"fmt"
	"time"
)

// The layout that instants are written in; reading takes any RFC 3339.
const timeLayout = "2006-01-02T15:04:05.000Z"

// cut returns t in UTC, cut to the millisecond.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// appendTime writes an instant in JSON: RFC 3339 in UTC with milliseconds.
func appendTime(text []byte, t time.Time) []byte {
	text = append(text, '"')
	text = cut(t).AppendFormat(text, timeLayout)
	return append(text, '"')
}

// writtenTime reads what appendTime writes, without going through a string;
// everything else is left to readTime.
func writtenTime(text []byte) (t time.Time, ok bool) {
	if len(text) != len(timeLayout)+2 {
		return time.Time{}, false
	}
	text = text[1 : len(text)-1]
	numbers := [...]struct{ from, to, least, most, value int }{
		{0, 4, 0, 9999, 0}, {5, 7, 1, 12, 0}, {8, 10, 1, 31, 0}, {11, 13, 0, 23, 0}, {14, 16, 0, 59, 0}, {17, 19, 0, 59, 0}, {20, 23, 0, 999, 0},
	}
	for i := range numbers {
		n := &numbers[i]
		for _, c := range text[n.from:n.to] {
			if c < '0' || '9' < c {
				return time.Time{}, false
			}
			n.value = n.value*10 + int(c-'0')
		}
		if n.value < n.least || n.most < n.value {
			return time.Time{}, false
		}
	}
	if text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[23] != 'Z' {
		return time.Time{}, false
	}
	v := func(i int) int { return numbers[i].value }
	t = time.Date(v(0), time.Month(v(1)), v(2), v(3), v(4), v(5), v(6)*int(time.Millisecond), time.UTC)
	return t, t.Day() == v(2) // The 30th of February is another day.
}

// readTime reads RFC 3339 with any offset and fraction.
func readTime(text []byte) (time.Time, error) {
	if t, ok := writtenTime(text); ok {
		return t, nil
	}
	var instant time.Time
	if err := json.Unmarshal(text, &instant); err != nil {
		return time.Time{}, fmt.Errorf("read instant: %w", err)
	}
	return cut(instant), nil
}
