package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/crm"
)

type interaction struct{ *Root }

// Interaction returns the resolvers of interactions.
func (r *Root) Interaction() graph.InteractionResolver { return interaction{r} }

func (r interaction) Customer(ctx context.Context, parents []*crm.Interaction) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(i *crm.Interaction) crm.ID { return i.CustomerID })
}

type participant struct{ *Root }

// Participant returns the resolvers of participants.
func (r *Root) Participant() graph.ParticipantResolver { return participant{r} }

func (r participant) Actor(ctx context.Context, parents []*crm.Participant) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(p *crm.Participant) crm.ActorRef { return p.ActorRef })
}
