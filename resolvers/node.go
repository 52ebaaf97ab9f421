package resolvers

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// Node returns the record of an id; unknown and malformed ids are null.
func (q query) Node(ctx context.Context, id crm.ID) (crm.Node, error) {
	nodes, failed, err := q.nodes(ctx, []crm.ID{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], failed[id]
}

// Nodes returns the records of ids in the order asked, null for what is missing:
// one call for each kind among them, and for each shop. What a shop fails to give
// is null too, with an error at its place.
func (q query) Nodes(ctx context.Context, ids []crm.ID) ([]crm.Node, error) {
	if len(ids) > page.MaxSize {
		return nil, crm.Invalid("ids must have at most 100 ids")
	}
	nodes, failed, err := q.nodes(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if cause := failed[id]; cause != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(append(slices.Clone(graphql.GetPath(ctx)), ast.PathIndex(i)), cause))
		}
	}
	return nodes, nil
}

func (q query) nodes(ctx context.Context, ids []crm.ID) ([]crm.Node, crm.PartialError, error) {
	found := make(map[crm.ID]crm.Node, len(ids))
	failed := crm.PartialError{}
	for _, kind := range crm.Kinds() {
		wanted := crm.Only(kind, ids)
		if len(wanted) == 0 {
			continue
		}
		err := q.addNodes(ctx, kind, wanted, found)
		var partial crm.PartialError
		if err != nil && !errors.As(err, &partial) {
			return nil, nil, err
		}
		maps.Copy(failed, partial)
	}
	nodes := make([]crm.Node, len(ids))
	for i, id := range ids {
		nodes[i] = found[id]
	}
	return nodes, failed, nil
}

func (q query) addNodes(ctx context.Context, kind crm.Kind, ids []crm.ID, found map[crm.ID]crm.Node) error {
	switch kind { //nolint:exhaustive // Records of the other kinds are the store's alone.
	case crm.KindProduct:
		return addNodes(ctx, q.Purchases.ProductsByID, ids, found)
	case crm.KindOrder:
		return addNodes(ctx, q.Purchases.OrdersByID, ids, found)
	}
	records, err := q.Store.ByID(ctx, kind, ids, exec.Reads(ctx, kind))
	records = slices.DeleteFunc(records, func(r crm.Record) bool { _, is := r.(crm.Node); return !is })
	for _, r := range records {
		found[r.RecordID()] = r.(crm.Node)
	}
	return err
}

func addNodes[T any, N interface {
	*T
	crm.Node
}](ctx context.Context, from byID[T], ids []crm.ID, found map[crm.ID]crm.Node) error {
	records, err := from(ctx, ids, selected[T](ctx))
	for id, r := range records {
		found[id] = N(r)
	}
	return err
}
