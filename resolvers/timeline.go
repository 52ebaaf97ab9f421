package resolvers

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Timeline pages through the records of the timeline. Records that are entries
// themselves, such as interactions, are loaded for all pages in one more
// call for each kind of which more is selected than the timeline has.
func (r customer) Timeline(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.TimelineFilter) ([]*page.TimelineConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	from := hanging[crm.Customer, crm.TimelineRecord]{
		listing: listing[crm.TimelineRecord]{
			from: crm.Read[crm.TimelineRecord](r.Store), kind: "timeline", where: where, sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	}
	kinds := selectedEntries(ctx)
	return hangingPages(ctx, parents, from, func(
		ctx context.Context, found map[crm.ID]crm.Page[crm.TimelineRecord],
	) (toConnection[crm.TimelineRecord, crm.TimelineEntry], error) {
		return r.timelineEntries(ctx, kinds, found)
	})
}

// selectedEntries are the kinds of records that are timeline entries and of which the
// timeline in the context selects more than what every entry has.
func selectedEntries(ctx context.Context) []*crm.Description {
	operation := graphql.GetOperationContext(ctx)
	connection := graphql.CollectFieldsCtx(ctx, []string{"TimelineConnection"})
	nodes := selectionsOf(connection, "nodes")
	for _, edges := range selectionsOf(connection, "edges") {
		nodes = append(nodes, selectionsOf(graphql.CollectFields(operation, edges, []string{"TimelineEdge"}), "node")...)
	}
	var kinds []*crm.Description
	for _, d := range crm.Descriptions() {
		if d.Entry && slices.ContainsFunc(nodes, func(node ast.SelectionSet) bool { return wantsMore(operation, d, node) }) {
			kinds = append(kinds, d)
		}
	}
	return kinds
}

// selectionsOf are what is selected of the fields of a name, under whatever aliases.
func selectionsOf(fields []graphql.CollectedField, name string) []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, f := range fields {
		if f.Name == name {
			sets = append(sets, f.Selections)
		}
	}
	return sets
}

// wantsMore says whether more is selected of a kind's entries than every entry has.
func wantsMore(operation *graphql.OperationContext, d *crm.Description, node ast.SelectionSet) bool {
	typ := reflect.TypeOf(d.New()).Elem().Name()
	return slices.ContainsFunc(graphql.CollectFields(operation, node, []string{typ, "TimelineEntry", "Node"}), func(f graphql.CollectedField) bool {
		return !slices.Contains([]string{"__typename", "id", "kind", "occurredAt"}, f.Name)
	})
}

func (r customer) timelineEntries(
	ctx context.Context, kinds []*crm.Description, found map[crm.ID]crm.Page[crm.TimelineRecord],
) (toConnection[crm.TimelineRecord, crm.TimelineEntry], error) {
	var records []*crm.TimelineRecord
	for _, page := range found {
		records = append(records, page.Items...)
	}
	whole, why := r.wholeEntries(ctx, kinds, records)
	failed := crm.PartialError{}
	for id, page := range found {
		for _, record := range page.Items {
			if err := why[record.Ref.Kind()]; err != nil {
				failed[id] = err
				break
			}
		}
	}
	entries := map[*crm.TimelineRecord]crm.TimelineEntry{}
	for _, record := range records {
		entry := record.Entry()
		if slices.ContainsFunc(kinds, func(d *crm.Description) bool { return d.Kind == record.Ref.Kind() }) {
			entry = whole[record.Ref]
		}
		if entry != nil {
			entries[record] = entry
		}
	}
	return func(l page.List, request crm.PageRequest, p crm.Page[crm.TimelineRecord], count page.Counter) page.TimelineConnection {
		nodes := make([]crm.TimelineEntry, 0, len(p.Items))
		at := make([]crm.Positioned, 0, len(p.Items))
		for _, record := range p.Items {
			if entry, ok := entries[record]; ok {
				nodes, at = append(nodes, entry), append(at, record)
			}
		}
		return page.Of(l, request, nodes, at, p.More, count)
	}, failed.OrNil()
}

// wholeEntries loads the records of kinds that are timeline entries: one call for each
// kind among them, and its error.
func (r customer) wholeEntries(
	ctx context.Context, kinds []*crm.Description, records []*crm.TimelineRecord,
) (map[crm.ID]crm.TimelineEntry, map[crm.Kind]error) {
	refs := make([]crm.ID, len(records))
	for i, record := range records {
		refs[i] = record.Ref
	}
	whole, why := map[crm.ID]crm.TimelineEntry{}, map[crm.Kind]error{}
	for _, d := range kinds {
		wanted := d.Only(refs)
		if len(wanted) == 0 {
			continue
		}
		found, err := attempt(func() ([]crm.Record, error) {
			return r.Store.ByID(access.Referred(ctx), d.Kind, wanted, exec.Reads(ctx, d.Kind))
		})
		why[d.Kind] = err
		for _, record := range found {
			whole[record.RecordID()] = record.(crm.TimelineEntry)
		}
	}
	return whole, why
}
