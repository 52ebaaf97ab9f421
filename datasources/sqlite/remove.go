package sqlite

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// remove removes records of one kind, with their keys and timeline entries, up to
// the first that cannot be removed, and says why. The schema removes the keys.
func (t *transaction) remove(ctx context.Context, k *kind, list []*prepared) (problem, err error) {
	ids := make([]crm.ID, len(list))
	for i, p := range list {
		ids[i] = p.id
	}
	state, _, err := t.stored(k, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		was := state[p.id]
		if problem := k.admits(p, was); problem != nil {
			return problem, nil
		}
		if err := t.run("DELETE FROM "+k.table()+" WHERE row = ?", was.row); err != nil {
			if driver, ok := violates(err); ok {
				refused := constraint("remove from "+k.Name, driver)
				refused.Message = "another record refers to the record: remove that one first"
				return refused, nil
			}
			return nil, err
		}
		if k.Chronicled {
			if err := t.run("DELETE FROM timeline WHERE ref = ?", string(p.id)); err != nil {
				return nil, err
			}
		}
		delete(state, p.id)
		t.log = append(t.log, crm.LogEntry{ID: p.id, Version: was.version, Removed: true})
	}
	return nil, nil
}

// admits says why a change must not be made of a record that is stored like
// this; the zero value is that it is not.
func (k *kind) admits(p *prepared, was stored) error {
	switch {
	case p.problem != nil:
		return p.problem
	case p.expect == 0 && was.row != 0:
		return k.conflict("the record is there already")
	case p.expect != 0 && (was.row == 0 || was.version != p.expect):
		return k.conflict("the record has changed since it was read: read it again")
	}
	return nil
}

func (k *kind) conflict(message string) error {
	return &crm.Error{Code: crm.CodeConflict, Op: "write to " + k.Name, Message: message}
}
