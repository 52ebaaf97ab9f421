package persisted

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The manifest's format and version.
const (
	format  = "apollo-persisted-query-manifest"
	version = 1
)

const (
	// MaxManifest is the size of a manifest, in bytes, beyond which it is refused.
	MaxManifest = 32 << 20
	// MaxOperations is how many operations a manifest may have.
	MaxOperations = 10_000
	// maxID is the longest id, in bytes.
	maxID = 256
)

// operation is an entry of the manifest. Fields that are not here are ignored, as
// generators add theirs.
type operation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Body string `json:"body"`
}

func (o *operation) found() Found { return Found{Text: o.Body, Trusted: true, Name: o.Name} }

// check says what is wrong with an operation by itself.
func (o *operation) check() error {
	switch {
	case o.ID == "":
		return errors.New("it has no id")
	case len(o.ID) > maxID:
		return fmt.Errorf("its id is longer than %d bytes", maxID)
	case o.Body == "":
		return errors.New("it has no body")
	}
	switch o.Type {
	case "", "query", "mutation", "subscription":
		return nil
	}
	return errors.New("its type is none of query, mutation and subscription")
}

// operations are the manifest's list, counted while it is read.
type operations []operation

// UnmarshalJSON implements json.Unmarshaler.
func (list *operations) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return errors.New("operations is null")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	start, err := d.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('[') {
		return errors.New("operations is not a list")
	}
	*list = operations{}
	for d.More() {
		if err := list.room(); err != nil {
			return err
		}
		var o operation
		if err := d.Decode(&o); err != nil {
			return fmt.Errorf("operation %d: %w", len(*list), err)
		}
		*list = append(*list, o)
	}
	return nil
}

// room says whether there may be one more operation.
func (list *operations) room() error {
	if len(*list) == MaxOperations {
		return fmt.Errorf("it has more than %d operations", MaxOperations)
	}
	return nil
}

// pairs are documents by their ids, as operations: `{"id": "text"}`, counted while
// they are read, and in the order of the file.
type pairs operations

// UnmarshalJSON implements json.Unmarshaler.
func (list *pairs) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	*list = pairs{}
	for d.More() {
		if err := (*operations)(list).room(); err != nil {
			return err
		}
		id, err := d.Token()
		if err != nil {
			return err
		}
		var body *string
		if err := d.Decode(&body); err != nil || body == nil {
			return fmt.Errorf("operation %d: it is no text; a manifest that holds more than ids with their texts says its format", len(*list))
		}
		name, _ := id.(string)
		*list = append(*list, operation{ID: name, Body: *body})
	}
	return nil
}

// manifest is a manifest that was checked. It does not change.
type manifest struct {
	operations operations
	// ids and hashes find operations by their own ids, and by the SHA-256 of their
	// text; texts finds them by the text itself.
	ids, hashes, texts map[string]*operation
}

// byID finds the operation with an id of its own, or with a text of which the id is
// the SHA-256; nil if there is none.
func (m *manifest) byID(id string) *operation {
	if o := m.ids[id]; o != nil {
		return o
	}
	id = bareID(id)
	if o := m.ids[id]; o != nil {
		return o
	}
	return m.hashes[id]
}

// byText finds the operation with exactly this text; nil if there is none.
func (m *manifest) byText(text string) *operation { return m.texts[text] }

// parse reads a manifest: Apollo's, or ids with their texts. It names the first
// operation that is wrong by its index, which counts from 0.
func parse(text []byte, validate func(string) error) (*manifest, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the manifest is not UTF-8")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	read := readPairs
	for name := range members {
		if strings.EqualFold(name, "format") || strings.EqualFold(name, "operations") {
			read = readApollo
		}
	}
	list, err := read(text)
	if err != nil {
		return nil, err
	}
	m := &manifest{operations: list}
	return m, m.index(validate)
}

// readPairs reads ids with their texts, as graphql-codegen's client preset
// (persisted-documents.json) and the Relay compiler (persistConfig.file) write them.
func readPairs(text []byte) (operations, error) {
	var list pairs
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	if len(list) == 0 { // What is left of a file that was not written.
		return nil, errors.New("the manifest has no format, and no documents by their ids")
	}
	return operations(list), nil
}

// readApollo reads what @apollo/generate-persisted-query-manifest writes.
func readApollo(text []byte) (operations, error) {
	var file struct {
		Format     string     `json:"format"`
		Version    int        `json:"version"`
		Operations operations `json:"operations"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	switch {
	case file.Format != format:
		return nil, fmt.Errorf("the manifest's format is not %q", format)
	case file.Version != version:
		return nil, fmt.Errorf("the manifest's version is not %d", version)
	case file.Operations == nil:
		return nil, errors.New("the manifest has no operations; an empty list would be some")
	}
	return file.Operations, nil
}

// index checks every operation and fills the manifest's maps.
func (m *manifest) index(validate func(string) error) error {
	size := len(m.operations)
	m.ids = make(map[string]*operation, size)
	m.hashes = make(map[string]*operation, size)
	m.texts = make(map[string]*operation, size)
	for i := range m.operations {
		o := &m.operations[i]
		if err := o.check(); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		if m.ids[o.ID] != nil {
			return fmt.Errorf("operation %d: its id is an earlier one's too", i)
		}
		m.ids[o.ID] = o
		if m.texts[o.Body] == nil {
			m.texts[o.Body], m.hashes[hashOf(o.Body)] = o, o
		}
	}
	for i := range m.operations {
		o := &m.operations[i]
		if other := m.hashes[bareID(o.ID)]; other != nil && other.Body != o.Body {
			return fmt.Errorf("operation %d: its id is the SHA-256 of another's text", i)
		}
		if validate == nil {
			continue
		}
		if err := validate(o.Body); err != nil {
			return fmt.Errorf("operation %d: its body is not valid: %w", i, err)
		}
	}
	return nil
}
