package access

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// guard is the policy for one kind of record. It is asked for partners and
// customers; staff have everything.
type guard[T any] struct {
	// kind names the records, in metrics.
	kind string
	// reads returns the members that around and see read of a record, and what finds
	// out whether it still fulfils the conditions that it was found by. They are read
	// beside what is wanted; of what is not wanted, see may hand out anything.
	reads func(where []crm.Predicate) *crm.Members
	// byID says whether records may be had by id at all, as the context comes by them.
	byID func(ctx context.Context, v *view) bool
	// list returns the conditions that narrow a list of all, or FORBIDDEN.
	list func(v *view, where []crm.Predicate) ([]crm.Predicate, error)
	// under returns which lists may be asked for of those that hang on parents. A
	// parent that is in none has no records.
	under func(ctx context.Context, v *view, parents []crm.ID) ([]branch, error)
	// around loads what is needed to decide on records: always in the same number
	// of calls. Parents are whom they hang on, if they were listed so.
	around func(ctx context.Context, v *view, records []*T, parents []crm.ID) (around, error)
	// see returns a record as the caller may see it, nil if it may not. It changes
	// nothing in the record it is given.
	see func(v *view, r *T, a around) *T
	// exact says whether the conditions of a list select exactly what may be seen
	// of it. If not, it is filtered and counted here.
	exact func(v *view, where []crm.Predicate) bool
}

// wants adds what the guard reads to what a caller wants.
func (g guard[T]) wants(want *crm.Members, where []crm.Predicate) *crm.Members {
	if want == nil {
		return nil
	}
	return want.With(g.reads(where))
}

// reading is the guard's reads where they are the same for all conditions.
func reading(members *crm.Members) func([]crm.Predicate) *crm.Members {
	return func([]crm.Predicate) *crm.Members { return members }
}

// readingID is the reads of a guard that looks at nothing but the id.
func readingID[T any]([]crm.Predicate) *crm.Members {
	return crm.KeyMembers(any((*T)(nil)).(crm.Record).RecordKind(), crm.FieldID)
}

// branch is a part of the parents, and what narrows the lists that hang on them.
type branch struct {
	parents []crm.ID
	where   []crm.Predicate
}

// around is what decisions about records need to know of others.
type around struct {
	// customers are those of the caller's rows, by id.
	customers map[crm.ID]*crm.Customer
	// tickets are those that the caller may see, by id.
	tickets map[crm.ID]*crm.Ticket
}

// knows says whether one of the ids is a customer of the caller's rows.
func (a around) knows(ids ...crm.ID) bool {
	for _, id := range ids {
		if a.customers[id] != nil {
			return true
		}
	}
	return false
}

// no is the guard of records that a caller may not have in any way.
func no[T any](kind string, rule func(v *view) Rule) guard[T] {
	off := func(v *view) bool { return !v.on(rule(v)) }
	return guard[T]{
		kind:  kind,
		reads: readingID[T],
		byID:  func(_ context.Context, v *view) bool { return off(v) },
		list: func(v *view, _ []crm.Predicate) ([]crm.Predicate, error) {
			if off(v) {
				return nil, nil
			}
			return nil, forbidden("these records are not for this caller")
		},
		under: func(_ context.Context, v *view, parents []crm.ID) ([]branch, error) {
			if off(v) {
				return []branch{{parents: parents}}, nil
			}
			return nil, nil
		},
		around: nothingAround[T],
		see: func(v *view, r *T, _ around) *T {
			if off(v) {
				return r
			}
			return nil
		},
		exact: always,
	}
}

// own is the guard of records that customers have of themselves: mine returns whose a
// record is, and whether it is meant for them, and theirs are the conditions that select
// those of a customer's that are; nil are all. reads are the members that mine looks at.
// A partner has none.
func own[T any](
	kind string, rule Rule, theirs []crm.Predicate, reads *crm.Members, mine func(*T) (customer crm.ID, theirs bool),
) guard[T] {
	none := no[T](kind, func(*view) Rule { return RulePartnerKinds })
	return guard[T]{
		kind:  kind,
		reads: reading(reads),
		byID:  func(ctx context.Context, v *view) bool { return v.portal() || none.byID(ctx, v) },
		list: func(v *view, where []crm.Predicate) ([]crm.Predicate, error) {
			switch {
			case !v.portal():
				return none.list(v, where)
			case v.on(rule):
				return nil, noLists()
			}
			return nil, nil
		},
		under: func(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
			if !v.portal() {
				return none.under(ctx, v, parents)
			}
			self := slices.DeleteFunc(slices.Clone(parents), func(id crm.ID) bool { return id != v.self.ID && v.on(rule) })
			if len(self) == 0 {
				return nil, nil
			}
			if !v.on(rule) {
				return []branch{{parents: self}}, nil
			}
			return []branch{{parents: self, where: theirs}}, nil
		},
		around: nothingAround[T],
		see: func(v *view, r *T, a around) *T {
			if !v.portal() {
				return none.see(v, r, a)
			}
			if customer, theirs := mine(r); v.on(rule) && (customer != v.self.ID || !theirs) {
				return nil
			}
			return r
		},
		exact: always,
	}
}

// kindsRule returns the rule by which a kind is kept from a caller altogether.
func kindsRule(v *view) Rule {
	if v.portal() {
		return RuleCustomerKinds
	}
	return RulePartnerKinds
}

func nothingAround[T any](context.Context, *view, []*T, []crm.ID) (around, error) {
	return around{}, nil
}

func always(*view, []crm.Predicate) bool { return true }

// noLists refuses lists of all records to customers in the portal.
func noLists() error {
	return forbidden("customers list what hangs on themselves: ask for viewer.customer")
}

// noRows refuses what cannot be narrowed to a partner's rows.
func noRows() error {
	return forbidden("this list cannot be narrowed to the rows of this key: ask for it below a customer, or for records by id")
}

// noScope refuses lists of a kind for which a partner's key has no scope.
func noScope() error {
	return forbidden("this key has no scope for these records")
}

// customersAround loads the customers of records and keeps those of a partner's
// rows; parents are known to be.
func customersAround[T any](of func(*T) []crm.ID) func(context.Context, *view, []*T, []crm.ID) (around, error) {
	return func(ctx context.Context, v *view, records []*T, _ []crm.ID) (around, error) {
		if !v.partner() || !v.limited() {
			return around{}, nil
		}
		var ids []crm.ID
		for _, r := range records {
			ids = append(ids, of(r)...)
		}
		return v.rowsOf(ctx, ids)
	}
}

// rowsOf returns those of the customers that are a partner's rows.
func (v *view) rowsOf(ctx context.Context, ids []crm.ID) (around, error) {
	found, err := v.customers(ctx, ids)
	if err != nil {
		return around{}, err
	}
	for id, c := range found {
		if !v.hasRow(c) {
			delete(found, id)
		}
	}
	return around{customers: found}, nil
}

// hanging is what a partner sees of lists that hang on customers.
func hangingOnCustomers(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
	visible, err := v.visibleParents(ctx, parents)
	if err != nil || len(visible) == 0 {
		return nil, err
	}
	return []branch{{parents: visible}}, nil
}
