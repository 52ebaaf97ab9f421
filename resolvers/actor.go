package resolvers

import (
	"context"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

// actors returns for each parent who did it: one call for each kind of actor in
// the cohort.
func actors[P any](ctx context.Context, r *Root, parents []*P, ref func(*P) crm.ActorRef) ([]crm.Actor, error) {
	return loaders.Field[P, crm.ActorRef, crm.Actor]{
		Key: func(parent *P) (crm.ActorRef, bool) {
			key := ref(parent)
			return key, key != crm.ActorRef{}
		},
		Load: func(ctx context.Context, path string, refs []crm.ActorRef) (map[crm.ActorRef]crm.Actor, error) {
			return loadActors(ctx, r.Store, path, refs)
		},
	}.Resolve(ctx, parents)
}

func loadActors(ctx context.Context, store crm.Store, path string, refs []crm.ActorRef) (map[crm.ActorRef]crm.Actor, error) {
	ctx = access.Acting(ctx)
	ids := make([]crm.ID, 0, len(refs))
	found := make(map[crm.ActorRef]crm.Actor, len(refs))
	for _, ref := range refs {
		if ref.System != "" {
			found[ref] = &crm.System{Name: ref.System}
			continue
		}
		ids = append(ids, ref.ID)
	}
	if err := addActors(ctx, crm.Of[crm.Employee](store), crm.KindEmployee, path, ids, found); err != nil {
		return nil, err
	}
	if err := addActors(ctx, crm.Of[crm.Customer](store), crm.KindCustomer, path, ids, found); err != nil {
		return nil, err
	}
	return found, addActors(ctx, crm.Of[crm.PartnerApp](store), crm.KindPartnerApp, path, ids, found)
}

func addActors[T any, A interface {
	*T
	crm.Actor
}](ctx context.Context, from crm.Reader[T], kind crm.Kind, path string, ids []crm.ID, found map[crm.ActorRef]crm.Actor) error {
	ids = crm.Only(kind, ids)
	if len(ids) == 0 {
		return nil
	}
	records, err := from.ByID(ctx, ids, nil)
	if err != nil {
		return err
	}
	announce(ctx, path, inOrder(records, ids))
	for id, r := range records {
		found[crm.ActorRef{ID: id}] = A(r)
	}
	return nil
}
