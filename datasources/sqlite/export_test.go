package sqlite

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// PlanList returns SQLite's plan for a page of records, a step a line.
func PlanList(ctx context.Context, s *Store, kind crm.Kind, q crm.Query) ([]string, error) {
	statement, _, err := s.kinds[kind].kind.list(q)
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, statement)
}

// PlanListBy returns SQLite's plan for a page for each id.
func PlanListBy(ctx context.Context, s *Store, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) ([]string, error) {
	statement, _, err := s.kinds[kind].kind.listBy(fields, ids, q)
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, statement)
}

// PlanCountBy returns SQLite's plan for a count for each id.
func PlanCountBy(ctx context.Context, s *Store, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate) ([]string, error) {
	statement, err := s.kinds[kind].kind.countBy(fields, ids, where)
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, statement)
}

// PlanFacts returns SQLite's plan for what is known of customers.
func PlanFacts(ctx context.Context, s *Store, ids []crm.ID) ([]string, error) {
	statement := &statement{}
	statement.add(factsQuery)
	statement.bind(jsonList(ids))
	return s.plan(ctx, statement)
}

func (s *Store) plan(ctx context.Context, q *statement) (steps []string, err error) {
	explain := &statement{args: q.args}
	explain.add("EXPLAIN QUERY PLAN ", q.text.String())
	var id, parent, unused int
	var step string
	err = s.query(ctx, explain, []any{&id, &parent, &unused, &step}, func() error {
		steps = append(steps, step)
		return nil
	})
	return steps, err
}

// Run runs a query of no interest but its time.
func (s *Store) Run(ctx context.Context, text string) error {
	q := &statement{}
	q.add(text)
	var value any
	return translate("run a query", s.query(ctx, q, []any{&value}, func() error { return nil }))
}

// Schema returns the statements that make the tables and indexes, by name.
func (s *Store) Schema(ctx context.Context) (map[string]string, error) {
	q := &statement{}
	q.add("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
	schema := map[string]string{}
	var name, text string
	err := s.query(ctx, q, []any{&name, &text}, func() error {
		schema[name] = text
		return nil
	})
	return schema, err
}

// Verb is what the observer is told of a statement.
func Verb(statement string) string { return verb(statement) }

// Successor returns the end of the texts that begin with a prefix.
func Successor(prefix string) (string, bool) { return successor(prefix) }

// Integrity returns what SQLite finds wrong with the file, its indexes and its
// references.
func (s *Store) Integrity(ctx context.Context) (problems []string) {
	q := &statement{}
	q.add("SELECT * FROM (SELECT integrity_check AS what FROM pragma_integrity_check UNION ALL",
		" SELECT \"table\" FROM pragma_foreign_key_check) WHERE what <> 'ok'")
	var what string
	err := s.query(ctx, q, []any{&what}, func() error {
		problems = append(problems, what)
		return nil
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// MigrateTo migrates as a program that describes these kinds does.
func (s *Store) MigrateTo(ctx context.Context, described []*crm.Description) error {
	return translate("migrate the store", s.migrate(ctx, described))
}

// Tables returns the statements that make the tables and indexes of a kind.
func Tables(d *crm.Description) []string { return tables(d) }

// BeCareful has the store write records of a kind one by one.
func (s *Store) BeCareful(kind crm.Kind) { s.kinds[kind].kind.careful = true }

// LogRows returns the number of rows that the log has.
func (s *Store) LogRows(ctx context.Context) (n int, err error) {
	q := &statement{}
	q.add("SELECT count(*) FROM log")
	err = s.query(ctx, q, []any{&n}, func() error { return nil })
	return n, err
}
