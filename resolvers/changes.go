package resolvers

import (
	"context"
	"slices"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// Changes returns what became of records since a cursor: one read of the log, and one
// for each kind that it tells of.
func (q query) Changes(ctx context.Context, after *string, first *int, kinds []crm.ChangeKind) (*crm.ChangePage, error) {
	limit := page.DefaultSize
	if first != nil {
		limit = *first
	}
	if limit < 1 || limit > page.MaxSize {
		return nil, crm.Invalid("first must be from 1 to 100")
	}
	followed, err := q.followed(ctx, kinds)
	if err != nil {
		return nil, err
	}
	changes, err := q.Feed.Changes(ctx, followed, after, limit)
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// followed returns the kinds to tell of: those given, or all that the caller may
// follow. If there are none, all of them, so that the feed says why not.
func (q query) followed(ctx context.Context, given []crm.ChangeKind) ([]crm.Kind, error) {
	if given != nil && len(given) == 0 {
		return nil, crm.Invalid("kinds must not be empty: leave it out to follow every kind")
	}
	var all, followed []crm.Kind
	for _, d := range crm.Shown() {
		wanted := slices.Contains(given, d.Change)
		if given == nil && mayUse(ctx, "ChangeKind."+string(d.Change)) {
			all = append(all, d.Kind)
			var err error
			if wanted, err = q.Feed.Follows(ctx, d.Kind); err != nil {
				return nil, err
			}
		}
		if wanted {
			followed = append(followed, d.Kind)
		}
	}
	if len(followed) == 0 {
		return all, nil
	}
	return followed, nil
}
