package resolvers

import (
	"context"
	"slices"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

// hits collects what search finds, kind by kind, each kind in the order of ids.
type hits struct {
	nodes []crm.SearchResult
	at    []crm.Positioned
}

// hit is a result's place in the list of results: its kind, then its id.
type hit struct {
	rank int64
	id   crm.ID
}

// Position returns the hit's place.
func (h hit) Position(crm.Field) crm.Position { return crm.Position{Number: h.rank, ID: h.id} }

// Search asks one kind after the other until the page is full: at most one call
// a kind.
func (q query) Search(ctx context.Context, text string, kinds []crm.SearchKind, first *int, after *string) (*page.SearchConnection, error) {
	where, err := crm.WithText(nil, &text)
	if err != nil {
		return nil, err
	}
	if kinds != nil && len(kinds) == 0 {
		return nil, crm.Invalid("kinds must not be empty: leave it out to search through every kind")
	}
	l := page.NewList("search "+kindSet(kinds), crm.Sort{Field: crm.FieldKind}, where)
	request, err := page.Args{First: first, After: after}.Request(l)
	if err != nil {
		return nil, err
	}
	var found hits
	for i, kind := range crm.SearchKinds() {
		rank := int64(i)
		wanted := slices.Contains(kinds, kind)
		if kinds == nil && mayUse(ctx, "SearchKind."+string(kind)) {
			if wanted, err = q.Policy.Finds(ctx, kind); err != nil {
				return nil, err
			}
		}
		if !wanted || (request.After != nil && rank < request.After.Number) {
			continue
		}
		one := crm.Query{Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: request.Limit - len(found.nodes)}}
		if request.After != nil && rank == request.After.Number {
			one.Page.After = &crm.Position{ID: request.After.ID}
		}
		more, err := q.searchKind(ctx, kind, rank, one, &found)
		if err != nil {
			return nil, err
		}
		if more {
			return page.Of(l, request, found.nodes, found.at, true, nil), nil
		}
	}
	return page.Of(l, request, found.nodes, found.at, false, nil), nil
}

// kindSet names a set of kinds, whatever the order they were given in.
func kindSet(kinds []crm.SearchKind) string {
	if kinds == nil {
		kinds = crm.SearchKinds()
	}
	set := ""
	for _, kind := range crm.SearchKinds() {
		if slices.Contains(kinds, kind) {
			set += string(kind) + " "
		}
	}
	return set
}

func (q query) searchKind(ctx context.Context, kind crm.SearchKind, rank int64, one crm.Query, found *hits) (more bool, err error) {
	switch kind {
	case crm.SearchKindCustomer:
		return addHits(ctx, crm.Of[crm.Customer](q.Store), rank, one, found)
	case crm.SearchKindOrder:
		return addHits(ctx, crm.Of[crm.Order](q.Store), rank, one, found)
	case crm.SearchKindProduct:
		return addHits(ctx, crm.Of[crm.Product](q.Store), rank, one, found)
	case crm.SearchKindTicket:
		return addHits(ctx, crm.Of[crm.Ticket](q.Store), rank, one, found)
	}
	return false, nil
}

func addHits[T any, R interface {
	*T
	crm.SearchResult
	crm.Positioned
}](ctx context.Context, from crm.Reader[T], rank int64, one crm.Query, found *hits) (more bool, err error) {
	result, err := from.List(ctx, one)
	if err != nil {
		return false, err
	}
	announce(ctx, loaders.Path(ctx), result.Items)
	for _, item := range result.Items {
		found.nodes = append(found.nodes, R(item))
		found.at = append(found.at, hit{rank, R(item).Position(crm.FieldID).ID})
	}
	return result.More, nil
}
