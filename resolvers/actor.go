package resolvers

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// actors returns for each parent who did it.
func actors[P any](ctx context.Context, r *Root, parents []*P, ref func(*P) crm.ActorRef) ([]crm.Actor, error) {
	refs := make([]crm.ActorRef, len(parents))
	for i, parent := range parents {
		if parent != nil {
			refs[i] = ref(parent)
		}
	}
	found, err := loadActors(ctx, r.Store, refs)
	if err != nil {
		var failed failures
		for i, ref := range refs {
			if ref != (crm.ActorRef{}) {
				failed.add(i, len(refs), err)
			}
		}
		return make([]crm.Actor, len(refs)), failed.err()
	}
	results := make([]crm.Actor, len(refs))
	for i, ref := range refs {
		results[i] = found[ref]
	}
	return results, nil
}

// loadActors loads who is referred to: one call for each kind of actor among them.
func loadActors(ctx context.Context, store crm.Store, refs []crm.ActorRef) (map[crm.ActorRef]crm.Actor, error) {
	ids := make([]crm.ID, 0, len(refs))
	found := make(map[crm.ActorRef]crm.Actor, len(refs))
	for _, ref := range refs {
		switch {
		case ref.System != "":
			found[ref] = &crm.System{Name: ref.System}
		case ref.ID != "":
			ids = append(ids, ref.ID)
		}
	}
	if err := addActors(ctx, stored[crm.Employee](store), crm.KindEmployee, ids, found); err != nil {
		return nil, err
	}
	if err := addActors(ctx, stored[crm.Customer](store), crm.KindCustomer, ids, found); err != nil {
		return nil, err
	}
	return found, addActors(ctx, stored[crm.PartnerApp](store), crm.KindPartnerApp, ids, found)
}

func addActors[T any, A interface {
	*T
	crm.Actor
}](ctx context.Context, from source[T], kind crm.Kind, ids []crm.ID, found map[crm.ActorRef]crm.Actor) error {
	records, err := from.load(ctx, acting, crm.Only(kind, ids))
	if err != nil {
		return err
	}
	for id, r := range records {
		found[crm.ActorRef{ID: id}] = A(r)
	}
	return nil
}
