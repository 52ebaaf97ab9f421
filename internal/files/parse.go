package files

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of one record in a file.
const (
	// MaxLine bounds a line, or the record that CSV rows make up, in bytes.
	MaxLine = 1 << 20
	// MaxDepth bounds how deep objects and lists stand in each other.
	MaxDepth = 16
	// MaxAttributes bounds the custom attributes of a record, counting each
	// member of an object among their values.
	MaxAttributes = 1000
)

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

// parser reads one JSON text strictly (RFC 8259): UTF-8, no name twice in an
// object, no half surrogates, no NUL, nothing after the value.
type parser struct {
	text  []byte
	pos   int
	depth int
}

// parse reads a line that must be one JSON object.
func parse(text []byte) (*node, *fault) {
	if !utf8.Valid(text) {
		return nil, &fault{reason: "the line must be valid UTF-8"}
	}
	p := &parser{text: text}
	n, why := p.value(nil)
	if why != nil {
		return nil, why
	}
	if p.space(); p.pos < len(p.text) {
		return nil, p.broken("a line must hold one JSON object and nothing after it")
	}
	if n.kind != nodeObject {
		return nil, &fault{reason: "a line must be a JSON object, not " + string(n.kind)}
	}
	return n, nil
}

func (p *parser) broken(what string) *fault {
	return &fault{reason: what + " (byte " + strconv.Itoa(p.pos+1) + " of the line)"}
}

func (p *parser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// take skips white space and says whether c follows; then it is read.
func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(at *path) (*node, *fault) {
	p.space()
	if p.pos == len(p.text) {
		return nil, p.broken("the JSON ends too early")
	}
	switch c := p.text[p.pos]; {
	case c == '{':
		return p.nested(at, p.object)
	case c == '[':
		return p.nested(at, p.array)
	case c == '"':
		text, why := p.quoted()
		return textNode(text), why
	case c == '-' || (c >= '0' && c <= '9'):
		return p.number()
	}
	for word, kind := range map[string]nodeKind{"true": nodeBool, "false": nodeBool, "null": nodeNull} {
		if rest := p.text[p.pos:]; len(rest) >= len(word) && string(rest[:len(word)]) == word {
			p.pos += len(word)
			return &node{kind: kind, text: word}, nil
		}
	}
	return nil, p.broken("the line is not valid JSON")
}

func (p *parser) nested(at *path, read func(*path) (*node, *fault)) (*node, *fault) {
	if p.depth == MaxDepth {
		return nil, newFault(at, "objects and lists must stand at most 16 deep in each other")
	}
	p.depth++
	defer func() { p.depth-- }()
	p.pos++
	return read(at)
}

func (p *parser) object(at *path) (*node, *fault) {
	n := &node{kind: nodeObject}
	if p.take('}') {
		return n, nil
	}
	var seen map[string]bool
	for {
		if p.space(); p.pos == len(p.text) || p.text[p.pos] != '"' {
			return nil, p.broken("an object's member must begin with its name in double quotes")
		}
		name, why := p.quoted()
		if why != nil {
			return nil, why
		}
		if !p.take(':') {
			return nil, p.broken("a member's name must be followed by a colon")
		}
		var repeat bool
		if seen, repeat = remember(seen, n.members, name); repeat {
			return nil, newFault(at.member(clip(name)), "a name must stand only once in an object")
		}
		value, why := p.value(at.member(clip(name)))
		if why != nil {
			return nil, why
		}
		n.members = append(n.members, member{name, value})
		if p.take('}') {
			return n, nil
		}
		if !p.take(',') {
			return nil, p.broken("an object's members must be separated by commas and end with }")
		}
	}
}

// remember says whether name is among members; past a few it keeps a set of them.
func remember(seen map[string]bool, members []member, name string) (map[string]bool, bool) {
	const few = 16
	if len(members) < few {
		return nil, slices.ContainsFunc(members, func(m member) bool { return m.name == name })
	}
	if seen == nil {
		seen = make(map[string]bool, 2*few)
		for _, m := range members {
			seen[m.name] = true
		}
	}
	repeat := seen[name]
	seen[name] = true
	return seen, repeat
}

func (p *parser) array(at *path) (*node, *fault) {
	n := &node{kind: nodeList}
	if p.take(']') {
		return n, nil
	}
	for {
		value, why := p.value(at.element(len(n.list)))
		if why != nil {
			return nil, why
		}
		n.list = append(n.list, value)
		if p.take(']') {
			return n, nil
		}
		if !p.take(',') {
			return nil, p.broken("a list's values must be separated by commas and end with ]")
		}
	}
}

func (p *parser) number() (*node, *fault) {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[p.pos]) >= 0 {
		p.pos++
	}
	text := string(p.text[start:p.pos])
	if len(text) > 100 || !numberForm.MatchString(text) {
		return nil, p.broken("a number must be as JSON has it, with at most 100 digits")
	}
	return &node{kind: nodeNumber, text: text}, nil
}

// quoted reads a string; p stands at its opening quote.
func (p *parser) quoted() (string, *fault) {
	p.pos++
	start := p.pos
	plain := true
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			raw := p.text[start:p.pos]
			p.pos++
			if plain {
				return string(raw), nil
			}
			return p.unescape(raw)
		case c == '\\':
			plain = false
			p.pos += 2
		case c < 0x20:
			return "", p.broken("a control character in text must be escaped")
		default:
			p.pos++
		}
	}
	p.pos = len(p.text)
	return "", p.broken("a text lacks its closing quote")
}

var escapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\/`, `/`, `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\t`, "\t")

func (p *parser) unescape(raw []byte) (string, *fault) {
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			text = append(text, raw[i])
			i++
			continue
		}
		if raw[i+1] != 'u' {
			escaped := string(raw[i : i+2])
			single := escapes.Replace(escaped)
			if len(single) != 1 {
				return "", p.broken("a text has an unknown escape")
			}
			text = append(text, single...)
			i += 2
			continue
		}
		r, length := unicodeEscape(raw[i:])
		if length == 0 {
			return "", p.broken(`a text must have \u with four hexadecimal digits, in whole surrogate pairs, and not \u0000`)
		}
		text = utf8.AppendRune(text, r)
		i += length
	}
	return string(text), nil
}

// unicodeEscape reads \uXXXX, or two of them for a surrogate pair; the length is
// 0 if it is none, half a pair, or NUL.
func unicodeEscape(raw []byte) (r rune, length int) {
	unit := func(at int) (rune, bool) {
		if len(raw) < at+6 || raw[at] != '\\' || raw[at+1] != 'u' {
			return 0, false
		}
		code, err := strconv.ParseUint(string(raw[at+2:at+6]), 16, 16)
		return rune(code), err == nil //nolint:gosec // 16 bits
	}
	first, ok := unit(0)
	switch {
	case !ok || first == 0:
		return 0, 0
	case !utf16.IsSurrogate(first):
		return first, 6
	}
	second, ok := unit(6)
	if r = utf16.DecodeRune(first, second); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
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
