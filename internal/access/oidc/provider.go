package oidc

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// When is a condition on a token: that a claim has one of some values.
type When struct {
	// Claim is a claim's name or the way to one, as RolesClaim is. It must be one that
	// nobody can set for themselves.
	Claim string
	// Values are the values that fulfil the condition, exactly as they are written: of
	// a text, of one of a list of texts, or of a whole number or true and false.
	Values []string
}

// zero says whether every token fulfils the condition.
func (w When) zero() bool { return w.Claim == "" && len(w.Values) == 0 }

// check says what is wrong with a condition.
func (w When) check() error {
	switch {
	case w.zero():
		return nil
	case w.Claim == "" || len(w.Values) == 0 || slices.Contains(w.Values, ""):
		return errors.New("a condition needs a claim and values")
	}
	return nil
}

// overlaps says whether one value fulfils both conditions.
func (w When) overlaps(other When) bool {
	return w.zero() || other.zero() ||
		w.Claim == other.Claim && slices.ContainsFunc(w.Values, func(v string) bool { return slices.Contains(other.Values, v) })
}

// holds says whether a token fulfils the condition. Where a path can be read in
// several ways, all of them count: so a claim that somebody has put beside the real
// one can add an item, and thereby be refused, but never take one's place.
func (w When) holds(claims map[string]any) bool {
	if w.zero() {
		return true
	}
	for _, value := range every(claims, w.Claim) {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, item := range list {
			if text, ok := plain(item); ok && slices.Contains(w.Values, text) {
				return true
			}
		}
	}
	return false
}

// plain writes a value of a claim as configurations do; false for one that is no
// single value.
func plain(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case float64:
		whole := int64(value)
		return strconv.FormatInt(whole, 10), float64(whole) == value
	default:
		return "", false
	}
}

// provider is who signs tokens: an iss with its keys, and the issuers that were
// configured for it, in their order.
type provider struct {
	issuers []*issuer
	keys    *keySet
}

// name is what it is called in errors as long as nobody knows whose a token is.
func (p *provider) name() string {
	names := make([]string, len(p.issuers))
	for n, i := range p.issuers {
		names[n] = i.Name
	}
	return strings.Join(names, ",")
}

// first is the issuer that says what all tokens of the provider have in common.
func (p *provider) first() *issuer { return p.issuers[0] }

// add makes a further issuer one of the provider's, if no token can be meant by both
// it and another.
func (p *provider) add(i *issuer) error {
	first := p.first()
	for _, other := range p.issuers {
		if i.When.overlaps(other.When) {
			return errors.New("its iss is another issuer's too, and nothing tells their tokens apart")
		}
	}
	switch {
	case i.JWKSURL != "" && i.JWKSURL != first.JWKSURL,
		i.StaticKeys != nil && string(i.StaticKeys) != string(first.StaticKeys),
		i.Algorithms != nil && !slices.Equal(i.algorithms, first.algorithms),
		i.Types != nil && !slices.Equal(i.types, first.types):
		return errors.New("its keys, algorithms or types are not those of the first issuer with the same iss")
	}
	p.issuers = append(p.issuers, i)
	return nil
}

// of returns the issuer that a token is meant for: the only one whose condition its
// claims fulfil.
func (p *provider) of(c claims) (*issuer, Reason) {
	var found *issuer
	for _, i := range p.issuers {
		switch {
		case !i.When.holds(c.all):
		case found != nil:
			return nil, ReasonSeveral
		default:
			found = i
		}
	}
	if found == nil {
		return nil, ReasonNobody
	}
	return found, ""
}
