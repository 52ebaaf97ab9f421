package mongodb

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// kind returns the collection of a kind, or CodeInvalid.
func (s *Store) kind(op string, kind crm.Kind) (*collection, error) {
	if c := s.kinds[kind]; c != nil {
		return c, nil
	}
	return nil, &crm.Error{Code: crm.CodeInvalid, Op: op, Message: messageNoKind}
}

// ByID returns the records that exist, in one command.
func (s *Store) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	c, err := s.kind("load records", kind)
	if err != nil {
		return nil, err
	}
	return c.byID(ctx, c.docs, ids, want)
}

// Latest returns the records that exist on the primary and will not be taken back, no
// older than what the store has told of, in one command.
func (s *Store) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	c, err := s.kind("load the latest records", kind)
	if err != nil {
		return nil, err
	}
	var records []crm.Record
	err = s.afterTold(ctx, func(ctx context.Context) (err error) {
		records, err = c.byID(ctx, c.lasting, ids, want)
		return err
	})
	return records, translate(ctx, "load the latest records", err)
}

// List returns one page of a kind's records, in one command.
func (s *Store) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	c, err := s.kind("list records", kind)
	if err != nil {
		return crm.RecordPage{}, err
	}
	return c.list(ctx, q)
}

// Count returns the number of a kind's records, in one command.
func (s *Store) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	c, err := s.kind("count records", kind)
	if err != nil {
		return 0, err
	}
	return c.count(ctx, where)
}

// ListBy returns a page of a kind's records for each id, in one command.
func (s *Store) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	c, err := s.kind("list records by ids", kind)
	if err != nil {
		return nil, err
	}
	return c.listBy(ctx, fields, ids, q)
}

// CountBy returns the number of a kind's records for each id, in one command.
func (s *Store) CountBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	c, err := s.kind("count records by ids", kind)
	if err != nil {
		return nil, err
	}
	return c.countBy(ctx, fields, ids, where)
}
