package crm

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// CanonicalJSON is the canonical text of a JSON value: members sorted by name, no
// white space, numbers as they were written.
func CanonicalJSON(text []byte) (JSON, error) {
	_, canonical, err := readJSON(text)
	return canonical, err
}

// readJSON reads a JSON value, and returns it with its canonical text.
func readJSON(text []byte) (value any, canonical JSON, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, "", fmt.Errorf("read JSON value: %w", err)
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, "", fmt.Errorf("write JSON value: %w", err)
	}
	return value, JSON(bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))), nil
}
