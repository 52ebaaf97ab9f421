package document

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// reader reads the values of variables from JSON, each into what its type wants.
type reader struct {
	*variables
	*jsontext.Decoder
	names  bool // of the schema may be told
	faults []fault
	buffer []byte
}

// read reads all variables. An error says that the text is not JSON.
func (r *reader) read(values map[string]any) error {
	if r.PeekKind() != '{' {
		if _, err := r.ReadValue(); err != nil {
			return err
		}
		return errNoObject
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	for r.PeekKind() != '}' {
		name, err := r.name()
		if err != nil {
			return err
		}
		i, ok := r.index[string(name)]
		if !ok {
			if err := r.SkipValue(); err != nil {
				return err
			}
			continue
		}
		value, why, err := r.value(r.all[i].form)
		if err != nil {
			return err
		}
		if why == nil {
			values[r.all[i].definition.Variable] = value
			continue
		}
		r.faults = append(r.faults, fault{i, why.path, why.text})
		for r.StackDepth() > 1 {
			if err := r.skip(); err != nil {
				return err
			}
		}
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return cmp.Or(err, errNoObject)
	}
	return nil
}

// complete adds the default of a variable that was not given.
func (r *reader) complete(i int, values map[string]any) {
	v := &r.all[i]
	value, given := values[v.definition.Variable]
	switch {
	case slices.ContainsFunc(r.faults, func(f fault) bool { return f.variable == i }):
	case !given && v.has:
		values[v.definition.Variable] = v.fallback
	case !given && v.form.nonNull:
		r.faults = append(r.faults, fault{i, "", wantGiven})
	case given && value == nil && v.used:
		r.faults = append(r.faults, fault{i, "", wantNotNull + " where the document uses it"})
	}
}

// skip reads on to behind the next value, or out of the list or object.
func (r *reader) skip() error {
	if kind := r.PeekKind(); kind == ']' || kind == '}' {
		_, err := r.ReadToken()
		return err
	}
	return r.SkipValue()
}

// name reads the name of an object's member; it is there until the next is read.
func (r *reader) name() ([]byte, error) {
	quoted, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	r.buffer, err = jsontext.AppendUnquote(r.buffer[:0], quoted)
	return r.buffer, err
}

// reason is why a value does not fit, and where in it.
type reason struct{ path, text string }

// within adds to the front of a reason's path where the value is.
func (w *reason) within(step string) *reason {
	w.path = step + w.path
	return w
}

// value reads a value. Either what is read fits, or there is a reason; then at least
// what does not fit was read. The error says that the text is not JSON.
func (r *reader) value(f *form) (any, *reason, error) {
	kind := r.PeekKind()
	switch {
	case kind == 'n':
		_, err := r.ReadToken()
		if f.nonNull {
			return nil, &reason{text: wantNotNull}, err
		}
		return nil, nil, err
	case f.elem != nil && kind == '[':
		return r.list(f)
	case f.elem != nil: // A value alone is a list of one.
		value, why, err := r.value(f.elem)
		return []any{value}, why, err
	case f.input.kind == kindObject && kind == '{':
		return r.object(f.input)
	default:
		return r.leaf(f.input, kind)
	}
}

func (r *reader) list(f *form) (any, *reason, error) {
	if _, err := r.ReadToken(); err != nil {
		return nil, nil, err
	}
	list := []any{}
	for r.PeekKind() != ']' {
		value, why, err := r.value(f.elem)
		if err != nil {
			return nil, nil, err
		}
		if why != nil {
			return nil, why.within("[" + strconv.Itoa(len(list)) + "]"), nil
		}
		list = append(list, value)
	}
	_, err := r.ReadToken()
	return list, nil, err
}

func (r *reader) object(in *input) (any, *reason, error) {
	if _, err := r.ReadToken(); err != nil {
		return nil, nil, err
	}
	object := make(map[string]any, len(in.fields))
	for r.PeekKind() != '}' {
		name, err := r.name()
		if err != nil {
			return nil, nil, err
		}
		i, ok := in.index[string(name)]
		if !ok {
			return nil, &reason{text: in.unknown(r.names)}, nil
		}
		field := &in.fields[i]
		value, why, err := r.value(field.form)
		if err != nil {
			return nil, nil, err
		}
		if why != nil {
			return nil, why.within("." + field.name), nil
		}
		object[field.name] = value
	}
	if _, err := r.ReadToken(); err != nil {
		return nil, nil, err
	}
	if path, text := in.complete(object); text != "" {
		return nil, &reason{path, text}, nil
	}
	return object, nil, nil
}

// leaf reads a value of a scalar or an enum, or one that is no object where one
// is due.
func (r *reader) leaf(in *input, kind jsontext.Kind) (value any, why *reason, err error) {
	ok := false
	switch in.kind {
	case kindScalar:
		if value, err = r.any(); err != nil {
			return nil, nil, err
		}
		if text := in.checked(value); text != "" {
			return nil, &reason{text: text}, nil
		}
		return value, nil, nil
	case kindString, kindEnum, kindID:
		if kind == '"' {
			token, err := r.ReadToken()
			if err != nil {
				return nil, nil, err
			}
			text := token.String()
			if in.kind == kindEnum {
				if i, known := in.index[text]; known {
					return in.values[i], nil, nil
				}
				return nil, &reason{text: in.want(r.names)}, nil
			}
			return text, nil, nil
		}
	default:
	}
	raw, err := r.ReadValue()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case in.kind == kindBoolean:
		value, ok = kind == 't', kind == 't' || kind == 'f'
	case kind != '0':
	case in.kind == kindInt:
		value, ok = wholeNumber(string(raw))
	case in.kind == kindFloat:
		value, ok = number(string(raw))
	case in.kind == kindID:
		value, ok = digits(string(raw))
	}
	if !ok {
		return nil, &reason{text: in.want(r.names)}, nil
	}
	return value, nil, nil
}

// any reads a value of whatever kind.
func (r *reader) any() (any, error) {
	switch r.PeekKind() {
	case '[':
		list := []any{}
		if _, err := r.ReadToken(); err != nil {
			return nil, err
		}
		for r.PeekKind() != ']' {
			value, err := r.any()
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := r.ReadToken()
		return list, err
	case '{':
		object := map[string]any{}
		if _, err := r.ReadToken(); err != nil {
			return nil, err
		}
		for r.PeekKind() != '}' {
			quoted, err := r.name()
			if err != nil {
				return nil, err
			}
			name := string(quoted)
			if object[name], err = r.any(); err != nil {
				return nil, err
			}
		}
		_, err := r.ReadToken()
		return object, err
	default:
	}
	token, err := r.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	default:
		return nil, nil
	}
}

// wholeNumber reads a number as GraphQL's Int.
func wholeNumber(text string) (int, bool) {
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return int(n), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}

// number reads a number as GraphQL's Float.
func number(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// digits reads a number as GraphQL's ID: as it is written.
func digits(text string) (string, bool) {
	for i := range len(text) {
		if c := text[i]; c != '-' && (c < '0' || c > '9') {
			return "", false
		}
	}
	if text == "-0" {
		return "0", true
	}
	return text, true
}
