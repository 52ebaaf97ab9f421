package server

import (
	"bytes"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
)

// Cost is extensions.cost as it is written, and as encoding/json would write it.
func Cost(requested, actual int, maximum, restore int64) (written, marshaled string) {
	c := &queryCost{Requested: requested, Actual: actual, Throttle: throttleStatus{maximum, restore}}
	text, err := json.Marshal(c)
	if err != nil {
		return "", err.Error()
	}
	return string(c.append(nil)), string(text)
}

// Encode writes an answer, with a cost or without.
func Encode(response *graphql.Response, cost bool) (string, error) {
	answer := given{Response: response}
	if cost {
		answer.cost = &queryCost{Requested: 3}
	}
	parts, err := encode(make([]byte, 0, 8), answer)
	return string(bytes.Join(parts[:], nil)), err
}

// Remembered is how many headers a memo knows after it was asked for these.
func Remembered(headers []string) (known, read int) {
	m := newMemo(func([]string) int {
		read++
		return 0
	})
	for _, header := range headers {
		m.of([]string{header})
	}
	return m.known.Len(), read
}
