package resolvers

import (
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// hits collects what search finds, kind by kind, each kind in the order of ids.
type hits struct {
	nodes []crm.SearchResult
	at    []crm.Positioned
}

// hit is a result's place in the list of results: its kind, then its id.
type hit struct {
	kind crm.SearchKind
	id   crm.ID
}

// Position returns the hit's place.
func (h hit) Position(crm.Field) crm.Position { return crm.Position{Text: string(h.kind), ID: h.id} }

// Search asks one kind after the other until the page is full, from the end of the list
// if it pages backward: at most one call a kind.
func (q query) Search(ctx context.Context, text string, kinds []crm.SearchKind, first *int, after *string, last *int, before *string) (*page.SearchConnection, error) {
	where, err := crm.WithText(nil, &text)
	if err != nil {
		return nil, err
	}
	if kinds != nil && len(kinds) == 0 {
		return nil, crm.Invalid("kinds must not be empty: leave it out to search through every kind")
	}
	l := page.NewList("search of "+kindSet(kinds), crm.Sort{Field: crm.FieldKind}, where)
	request, err := page.Args{First: first, After: after, Last: last, Before: before}.Request(l)
	if err != nil {
		return nil, err
	}
	searched := slices.Clone(crm.Searched())
	if request.Backward {
		slices.Reverse(searched)
	}
	var found hits
	for _, d := range searched {
		wanted := slices.Contains(kinds, d.Search)
		if kinds == nil && mayUse(ctx, "SearchKind."+string(d.Search)) {
			if wanted, err = q.Policy.Finds(ctx, d.Kind); err != nil {
				return nil, err
			}
		}
		part, inside := partOf(request, d.Search)
		if !wanted || !inside {
			continue
		}
		part.Limit -= len(found.nodes)
		more, err := q.addHits(ctx, d, crm.Query{Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: part}, &found)
		if err != nil {
			return nil, err
		}
		if more {
			return found.page(l, request, true), nil
		}
	}
	return found.page(l, request, false), nil
}

// page returns the page of what was found; nobody counts the whole.
func (h hits) page(l page.List, request crm.PageRequest, more bool) *page.SearchConnection {
	c := page.Of(l, request, h.nodes, h.at, more, nil)
	return &c
}

// partOf returns what to ask one kind for: a bound is one of the kind's own ids if it is
// in the kind, and the kind is not inside if it lies beyond a bound.
func partOf(request crm.PageRequest, kind crm.SearchKind) (part crm.PageRequest, inside bool) {
	part = crm.PageRequest{Limit: request.Limit, Backward: request.Backward}
	if at := request.After; at != nil {
		if string(kind) < at.Text {
			return part, false
		}
		if string(kind) == at.Text {
			part.After = &crm.Position{ID: at.ID}
		}
	}
	if at := request.Before; at != nil {
		if string(kind) > at.Text {
			return part, false
		}
		if string(kind) == at.Text {
			part.Before = &crm.Position{ID: at.ID}
		}
	}
	return part, true
}

// kindSet names a set of kinds, whatever the order they were given in; nil is all
// that there are, also later.
func kindSet(kinds []crm.SearchKind) string {
	if kinds == nil {
		return "all"
	}
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// addHits adds one page of a kind's records to what was found.
func (q query) addHits(ctx context.Context, d *crm.Description, one crm.Query, found *hits) (more bool, err error) {
	one.Members = exec.Reads(ctx, d.Kind)
	result, err := q.Store.List(ctx, d.Kind, one)
	if err != nil {
		return false, err
	}
	of := hits{}
	for _, r := range result.Items {
		of.nodes = append(of.nodes, r.(crm.SearchResult))
		of.at = append(of.at, hit{d.Search, r.RecordID()})
	}
	if one.Page.Backward { // What was found so far comes after it.
		of, *found = *found, of
	}
	found.nodes, found.at = append(found.nodes, of.nodes...), append(found.at, of.at...)
	return result.More, nil
}
