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
	found, why := loadActors(ctx, r.Store, refs)
	results := make([]crm.Actor, len(refs))
	var failed failures
	for i, ref := range refs {
		if results[i] = found[ref]; results[i] == nil && why[ref.ID.Kind()] != nil {
			failed.add(i, len(refs), why[ref.ID.Kind()])
		}
	}
	return results, failed.err()
}

// loadActors loads who is referred to: one call for each kind of actor among them. What
// fails costs the actors of its kind, whoever else is asked for with them.
func loadActors(ctx context.Context, store crm.Store, refs []crm.ActorRef) (map[crm.ActorRef]crm.Actor, map[crm.Kind]error) {
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
	return found, map[crm.Kind]error{
		crm.KindEmployee:   addActors(ctx, stored[crm.Employee](store), crm.KindEmployee, ids, found),
		crm.KindCustomer:   addActors(ctx, stored[crm.Customer](store), crm.KindCustomer, ids, found),
		crm.KindPartnerApp: addActors(ctx, stored[crm.PartnerApp](store), crm.KindPartnerApp, ids, found),
	}
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
