package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

// Node gives the record of an id; unknown and malformed ids are null.
func (q query) Node(ctx context.Context, id crm.ID) (crm.Node, error) {
	nodes, err := q.nodes(ctx, []crm.ID{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// Nodes gives the records of ids in the order asked, null for what is missing:
// one call for each kind among them.
func (q query) Nodes(ctx context.Context, ids []crm.ID) ([]crm.Node, error) {
	if len(ids) > page.MaxSize {
		return nil, crm.Invalid("ids must have at most 100 ids")
	}
	return q.nodes(ctx, ids)
}

func (q query) nodes(ctx context.Context, ids []crm.ID) ([]crm.Node, error) {
	found := make(map[crm.ID]crm.Node, len(ids))
	for _, kind := range crm.Kinds() {
		if wanted := crm.Only(kind, ids); len(wanted) > 0 {
			if err := q.addNodes(ctx, kind, wanted, found); err != nil {
				return nil, err
			}
		}
	}
	nodes := make([]crm.Node, len(ids))
	for i, id := range ids {
		nodes[i] = found[id]
	}
	return nodes, nil
}

func (q query) addNodes(ctx context.Context, kind crm.Kind, ids []crm.ID, found map[crm.ID]crm.Node) error {
	switch kind {
	case crm.KindTeam:
		return addNodes(ctx, q.Store.Teams(), ids, found)
	case crm.KindEmployee:
		return addNodes(ctx, q.Store.Employees(), ids, found)
	case crm.KindPartnerApp:
		return addNodes(ctx, q.Store.PartnerApps(), ids, found)
	case crm.KindCustomer:
		return addNodes(ctx, q.Store.Customers(), ids, found)
	case crm.KindProduct:
		return addNodes(ctx, q.Store.Products(), ids, found)
	case crm.KindOrder:
		return addNodes(ctx, q.Store.Orders(), ids, found)
	case crm.KindTicket:
		return addNodes(ctx, q.Store.Tickets(), ids, found)
	case crm.KindArticle:
		return addNodes(ctx, q.Store.Articles(), ids, found)
	case crm.KindInteraction:
		return addNodes(ctx, q.Store.Interactions(), ids, found)
	case crm.KindRecommendation:
		return addNodes(ctx, q.Store.Recommendations(), ids, found)
	case crm.KindNextBestAction:
		return addNodes(ctx, q.Store.NextBestActions(), ids, found)
	}
	return nil
}

func addNodes[T any, N interface {
	*T
	crm.Node
}](ctx context.Context, from crm.Reader[T], ids []crm.ID, found map[crm.ID]crm.Node) error {
	records, err := from.ByID(ctx, ids)
	if err != nil {
		return err
	}
	announce(ctx, loaders.Path(ctx), inOrder(records, ids))
	for id, r := range records {
		found[id] = N(r)
	}
	return nil
}
