package files

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/customer360/gateway/internal/crm"
)

// MaxLine bounds a line, or the record that CSV rows make up, in bytes: above any
// record that can be stored, in its envelope.
const MaxLine = crm.MaxRecordBytes + 64<<10

// maxLine is MaxLine in words.
const maxLine = "8 MiB and 64 KiB"

// nodeKind is a kind of JSON value.
type nodeKind string

const (
	nodeNull   nodeKind = "null"
	nodeBool   nodeKind = "true or false"
	nodeNumber nodeKind = "a number"
	nodeString nodeKind = "text"
	nodeList   nodeKind = "a list"
	nodeObject nodeKind = "an object"
)

// node is a JSON value: numbers are kept as they are written.
type node struct {
	kind    nodeKind
	text    string // a string's text; a number, true and false as written
	list    []*node
	members []member
}

type member struct {
	name  string
	value *node
}

func textNode(text string) *node { return &node{kind: nodeString, text: text} }

// get returns a member of an object, nil if it has none.
func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// withoutNull is a copy of an object without those of the members that are null.
func (n *node) withoutNull(names ...string) *node {
	gone := func(m member) bool { return m.value.kind == nodeNull && slices.Contains(names, m.name) }
	return &node{kind: n.kind, members: slices.DeleteFunc(slices.Clone(n.members), gone)}
}

// parse reads a line that must be one JSON object.
func parse(text []byte) (*node, *fault) {
	if !utf8.Valid(text) {
		return nil, &fault{reason: "the line must be valid UTF-8"}
	}
	n, why := parseValue(text)
	if why != nil {
		return nil, why
	}
	if n.kind != nodeObject {
		return nil, &fault{reason: "a line must be a JSON object, not " + string(n.kind)}
	}
	return n, nil
}

// parseValue reads one JSON value strictly (RFC 8259): UTF-8, no name twice in an
// object, no half surrogates, nothing after the value. What texts, numbers and names
// may be is left to crm, which knows the member that they are in.
func parseValue(text []byte) (*node, *fault) {
	p := &parser{jsontext.NewDecoder(bytes.NewBuffer(text))}
	n, why := p.value(nil)
	if why != nil {
		return nil, why
	}
	if rest := bytes.TrimLeft(text[p.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, broken("a line must hold one JSON object and nothing after it", len(text)-len(rest))
	}
	return n, nil
}

// parser reads the tokens of one text. Its decoder refuses repeated names, half
// surrogates and more than 10,000 objects and lists in each other by itself.
type parser struct{ *jsontext.Decoder }

func broken(what string, offset int) *fault {
	return &fault{reason: what + " (byte " + strconv.Itoa(offset+1) + " of the line)"}
}

// wrong says why a token of a value could not be read.
func (p *parser) wrong(err error, at *path) *fault {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return broken("the JSON ends too early", int(p.InputOffset()))
	case !errors.As(err, &syntax):
		return broken("the line is not valid JSON", int(p.InputOffset()))
	case errors.Is(err, jsontext.ErrDuplicateName):
		return newFault(at.member(clip(syntax.JSONPointer.LastToken())), "a name must stand only once in an object")
	default:
		return broken("the line is not valid JSON: "+unquoted(syntax.Err.Error()), int(syntax.ByteOffset))
	}
}

// unquoted takes out of an error what it quotes of a text, which may be anything.
func unquoted(reason string) string {
	for _, what := range []string{"invalid escape sequence", "invalid surrogate pair"} {
		if strings.HasPrefix(reason, what) {
			return what + " in a text"
		}
	}
	return reason
}

func (p *parser) value(at *path) (*node, *fault) {
	token, err := p.ReadToken()
	if err != nil {
		return nil, p.wrong(err, at)
	}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		return p.object(at)
	case jsontext.KindBeginArray:
		return p.array(at)
	case jsontext.KindString:
		return textNode(token.String()), nil
	case jsontext.KindNumber:
		return &node{kind: nodeNumber, text: token.String()}, nil
	case jsontext.KindNull:
		return &node{kind: nodeNull, text: "null"}, nil
	default:
		return &node{kind: nodeBool, text: token.String()}, nil
	}
}

func (p *parser) object(at *path) (*node, *fault) {
	n := &node{kind: nodeObject}
	for p.PeekKind() != jsontext.KindEndObject {
		token, err := p.ReadToken()
		if err != nil {
			return nil, p.wrong(err, at)
		}
		name := token.String()
		value, why := p.value(at.member(clip(name)))
		if why != nil {
			return nil, why
		}
		n.members = append(n.members, member{name, value})
	}
	if _, err := p.ReadToken(); err != nil {
		return nil, p.wrong(err, at)
	}
	return n, nil
}

func (p *parser) array(at *path) (*node, *fault) {
	n := &node{kind: nodeList}
	for p.PeekKind() != jsontext.KindEndArray {
		value, why := p.value(at.element(len(n.list)))
		if why != nil {
			return nil, why
		}
		n.list = append(n.list, value)
	}
	if _, err := p.ReadToken(); err != nil {
		return nil, p.wrong(err, at)
	}
	return n, nil
}

const hexDigits = "0123456789abcdef"

// appendText writes a JSON string.
func appendText(out []byte, text string) []byte {
	out = append(out, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// appendNode writes a JSON value without white space.
func appendNode(out []byte, n *node) []byte {
	switch n.kind {
	case nodeString:
		return appendText(out, n.text)
	case nodeList:
		out = append(out, '[')
		for i, element := range n.list {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendNode(out, element)
		}
		return append(out, ']')
	case nodeObject:
		out = append(out, '{')
		for i, m := range n.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendNode(append(appendText(out, m.name), ':'), m.value)
		}
		return append(out, '}')
	case nodeNull:
		return append(out, "null"...)
	case nodeBool, nodeNumber:
	}
	return append(out, n.text...)
}
