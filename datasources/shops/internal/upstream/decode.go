package upstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Record decodes one record into the struct that into points to, so that a list of
// them does not fail with one. What shops send in place of what they document is taken
// for what it stands for: see meant. If a member makes no sense all the same, the error
// names the first that does, and the others are decoded.
//
// A type that is decoded so in lists has an UnmarshalJSON that keeps the error and
// returns none.
func Record(text []byte, into any) error {
	target := reflect.ValueOf(into).Elem()
	if json.Unmarshal(text, into) == nil {
		return nil
	}
	target.SetZero()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return errors.New("the record is no object")
	}
	var odd error
	for i := range target.NumField() {
		name, there := find(members, target.Type().Field(i))
		if !there {
			continue
		}
		member := members[name]
		field := target.Field(i)
		if json.Unmarshal(member, field.Addr().Interface()) == nil {
			continue
		}
		field.SetZero()
		if err := lenient(member, field.Addr().Interface()); err != nil {
			field.SetZero()
			if odd == nil {
				odd = fmt.Errorf("%s cannot be read", name)
			}
		}
	}
	return odd
}

// lenient decodes a value as what it stands for.
func lenient(text []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	rewritten, err := json.Marshal(meant(value, reflect.TypeOf(into).Elem()))
	if err != nil {
		return err
	}
	return json.Unmarshal(rewritten, into)
}

// find returns the member that a field is decoded from: that of its name or, as
// encoding/json has it, else one whose name differs in case.
func find[V any](members map[string]V, f reflect.StructField) (name string, there bool) {
	name, _, _ = strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || !f.IsExported() {
		return "", false
	}
	if name == "" {
		name = f.Name
	}
	if _, there = members[name]; there {
		return name, true
	}
	for other := range members {
		if strings.EqualFold(other, name) {
			return other, true
		}
	}
	return "", false
}

var (
	numberType  = reflect.TypeFor[json.Number]()
	timeType    = reflect.TypeFor[time.Time]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// meant returns a decoded value as a type wants it, as far as it is plain what it
// stands for: a number for the text that has its digits and the other way round, a
// text or a number for a truth, and nothing for what PHP and databases write for
// nothing: false, an empty text, an empty list in place of an object. An object in
// place of a list is a list that has lost members (PHP numbers them).
func meant(value any, t reflect.Type) any {
	switch {
	case t.Kind() == reflect.Pointer:
		return meant(value, t.Elem())
	case t == timeType:
		return orNothing(value)
	case t == numberType:
		return number(orNothing(value))
	case reflect.PointerTo(t).Implements(unmarshaler):
		return orNothing(value)
	}
	switch t.Kind() {
	case reflect.String:
		return text(value)
	case reflect.Bool:
		return truth(value)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return number(orNothing(value))
	case reflect.Struct:
		return object(orNothing(value), t)
	case reflect.Slice:
		return list(orNothing(value), t)
	default:
		return value
	}
}

// orNothing returns nil for what stands for nothing.
func orNothing(value any) any {
	if value == false || value == "" {
		return nil
	}
	return value
}

func text(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case bool:
		if !v {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return value
}

func number(value any) any {
	if v, ok := value.(string); ok {
		return json.Number(strings.TrimSpace(v)) // What is no number, Marshal refuses.
	}
	return value
}

func truth(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v != "0"
	case string:
		switch strings.ToLower(v) {
		case "", "0", "no", "false":
			return false
		case "1", "yes", "true":
			return true
		}
	}
	return value
}

func object(value any, t reflect.Type) any {
	switch v := value.(type) {
	case []any:
		if len(v) == 0 {
			return nil
		}
	case map[string]any:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "" {
				value = object(value, f.Type)
				continue
			}
			if name, there := find(v, f); there {
				v[name] = meant(v[name], f.Type)
			}
		}
	}
	return value
}

func list(value any, t reflect.Type) any {
	if t.Elem().Kind() == reflect.Uint8 { // Bytes, or a RawMessage.
		return value
	}
	members, ok := value.([]any)
	if numbered, is := value.(map[string]any); is {
		if members, ok = inOrder(numbered); !ok {
			return value
		}
	}
	if !ok {
		return value
	}
	for i, member := range members {
		members[i] = meant(member, t.Elem())
	}
	return members
}

// inOrder returns the members of a list that PHP has written as an object, as their
// numbers say; ok is false for an object with other names.
func inOrder(numbered map[string]any) (members []any, ok bool) {
	numbers := make([]int, 0, len(numbered))
	for name := range numbered {
		n, err := strconv.Atoi(name)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	members = make([]any, len(numbers))
	for i, n := range numbers {
		members[i] = numbered[strconv.Itoa(n)]
	}
	return members, true
}
