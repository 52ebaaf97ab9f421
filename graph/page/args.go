package page

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Bounds of a page.
const (
	DefaultSize = 20
	MaxSize     = 100
)

// Args are a connection's paging arguments as the caller gave them.
type Args struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// Request returns what to ask a port for, or Invalid.
func (a Args) Request(list List) (crm.PageRequest, error) {
	req := crm.PageRequest{Limit: DefaultSize}
	switch {
	case a.First != nil && a.Last != nil:
		return req, crm.Invalid("first and last must not both be given: first pages forward, last backward")
	case a.First != nil:
		req.Limit = *a.First
	case a.Last != nil:
		req.Limit, req.Backward = *a.Last, true
	case a.Before != nil && a.After == nil:
		req.Backward = true
	}
	if req.Limit < 0 || req.Limit > MaxSize {
		return req, crm.Invalid("first and last must be from 0 to 100")
	}
	var err error
	if a.After != nil {
		if req.After, err = list.decode(*a.After); err != nil {
			return req, err
		}
	}
	if a.Before != nil {
		req.Before, err = list.decode(*a.Before)
	}
	return req, err
}

// Complete returns those of the sources that had answered in full when the cursors
// were made, nil without a cursor: paging begins. The cursors are the list's, as
// Request has checked.
func (a Args) Complete(list List, sources []string) ([]string, error) {
	if a.After == nil && a.Before == nil {
		return nil, nil
	}
	complete := slices.Clone(sources)
	for _, text := range []*string{a.After, a.Before} {
		if text == nil {
			continue
		}
		c, err := list.read(*text)
		if err != nil {
			return nil, err
		}
		complete = slices.DeleteFunc(complete, func(source string) bool {
			return !slices.Contains(c.Complete, mark(source))
		})
	}
	return complete, nil
}
