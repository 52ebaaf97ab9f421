package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// oddity is a record in an answer that cannot be decoded.
type oddity struct {
	crm.Unreadable
	// customer is the global id of the customer whose order it is; "" if the record
	// is no order within a customer.
	customer string
}

// errForm is why a record cannot be decoded.
var errForm = errors.New("the record is not of the documented form")

// decode decodes the data of an answer as a whole. If that fails, the records of its
// lists that make it fail are looked for, left out and told: orders, or else customers,
// products or checkouts.
func (p paying) decode(data json.RawMessage, into any) error {
	err := json.Unmarshal(data, into)
	if err == nil || p.tell == nil {
		return err
	}
	for _, kind := range []string{"Order", "Customer", "Product", "AbandonedCheckout"} {
		s := sieve{prefix: "gid://shopify/" + kind + "/", into: reflect.TypeOf(into).Elem()}
		if s.read(data) != nil || !s.decodes(s.all) {
			continue
		}
		bad := s.bad(s.all)
		left, err := s.without(bad)
		if err != nil {
			return err
		}
		for _, e := range bad {
			p.tell(oddity{crm.Unreadable{ExternalID: native(e.id), Reason: errForm.Error()}, e.customer})
		}
		reflect.ValueOf(into).Elem().SetZero()
		return json.Unmarshal(left, into)
	}
	return err
}

// sieve looks for the records of one kind that make an answer fail.
type sieve struct {
	prefix string // of the global ids of the kind
	into   reflect.Type
	tree   any
	all    []entity
}

// entity is a record of the kind in a list.
type entity struct {
	id, customer string
	at           uintptr // which object of the tree
}

// read decodes the answer and finds the records of the kind.
func (s *sieve) read(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&s.tree); err != nil {
		return err
	}
	s.find(s.tree, "")
	return nil
}

// find looks through a value that belongs to a customer.
func (s *sieve) find(value any, customer string) {
	switch v := value.(type) {
	case map[string]any:
		if id, _ := v["id"].(string); strings.HasPrefix(id, "gid://shopify/Customer/") {
			customer = id
		}
		for _, member := range v {
			s.find(member, customer)
		}
	case []any:
		for _, member := range v {
			if record, ok := member.(map[string]any); ok {
				if id, _ := record["id"].(string); strings.HasPrefix(id, s.prefix) {
					s.all = append(s.all, entity{id, customer, reflect.ValueOf(record).Pointer()})
				}
			}
			s.find(member, customer)
		}
	}
}

// bad returns those of some records that make the answer fail, by halves.
func (s *sieve) bad(some []entity) []entity {
	rest := make([]entity, 0, len(s.all))
	kept := make(map[uintptr]bool, len(some))
	for _, e := range some {
		kept[e.at] = true
	}
	for _, e := range s.all {
		if !kept[e.at] {
			rest = append(rest, e)
		}
	}
	switch {
	case len(some) == 0 || s.decodes(rest):
		return nil
	case len(some) == 1:
		return some
	}
	half := len(some) / 2
	return append(s.bad(some[:half]), s.bad(some[half:])...)
}

// decodes says whether the answer can be decoded without some records.
func (s *sieve) decodes(without []entity) bool {
	text, err := s.without(without)
	return err == nil && json.Unmarshal(text, reflect.New(s.into).Interface()) == nil
}

// without writes the answer without some records.
func (s *sieve) without(some []entity) ([]byte, error) {
	omitted := make(map[uintptr]bool, len(some))
	for _, e := range some {
		omitted[e.at] = true
	}
	return json.Marshal(prune(s.tree, omitted))
}

// prune copies a value without the objects that are omitted.
func prune(value any, omitted map[uintptr]bool) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for name, member := range v {
			copied[name] = prune(member, omitted)
		}
		return copied
	case []any:
		copied := make([]any, 0, len(v))
		for _, member := range v {
			if record, ok := member.(map[string]any); !ok || !omitted[reflect.ValueOf(record).Pointer()] {
				copied = append(copied, prune(member, omitted))
			}
		}
		return copied
	}
	return value
}
