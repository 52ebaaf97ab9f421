package resolvers

import (
	"context"
	"reflect"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Timeline pages through the records of the timeline; records that they only name,
// such as interactions, are loaded for all pages of the cohort in one more call for
// each kind.
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
	return hangingPages(ctx, parents, from, r.timelineEntries)
}

func (r customer) timelineEntries(
	ctx context.Context, path string, found map[crm.ID]crm.Page[crm.TimelineRecord], ids []crm.ID,
) (toConnection[crm.TimelineRecord, crm.TimelineEntry], error) {
	var records []*crm.TimelineRecord
	for _, id := range ids {
		records = append(records, found[id].Items...)
	}
	whole, err := r.wholeEntries(ctx, records)
	if err != nil {
		return nil, err
	}
	entries := map[*crm.TimelineRecord]crm.TimelineEntry{}
	for _, record := range records {
		if entry := record.Entry(); entry != nil {
			entries[record] = entry
		} else if entry := whole[record.Ref]; entry != nil {
			entries[record] = entry
		}
	}
	announceEntries(ctx, path, entries)
	return func(l page.List, request crm.PageRequest, p crm.Page[crm.TimelineRecord], count page.Count) *page.TimelineConnection {
		nodes := make([]crm.TimelineEntry, 0, len(p.Items))
		at := make([]crm.Positioned, 0, len(p.Items))
		for _, record := range p.Items {
			if entry, ok := entries[record]; ok {
				nodes, at = append(nodes, entry), append(at, record)
			}
		}
		return page.Of(l, request, nodes, at, p.More, count)
	}, nil
}

// wholeEntries loads the records that are timeline entries themselves, such as
// interactions: one call for each kind among them.
func (r customer) wholeEntries(ctx context.Context, records []*crm.TimelineRecord) (map[crm.ID]crm.TimelineEntry, error) {
	refs := make([]crm.ID, len(records))
	for i, record := range records {
		refs[i] = record.Ref
	}
	whole := map[crm.ID]crm.TimelineEntry{}
	for _, d := range crm.Descriptions() {
		wanted := d.Only(refs)
		if !d.Entry || len(wanted) == 0 {
			continue
		}
		found, err := r.Store.ByID(access.Referred(ctx), d.Kind, wanted)
		if err != nil {
			return nil, err
		}
		for _, record := range found {
			whole[record.RecordID()] = record.(crm.TimelineEntry)
		}
	}
	return whole, nil
}

// announceEntries announces timeline entries by their type.
func announceEntries(ctx context.Context, path string, entries map[*crm.TimelineRecord]crm.TimelineEntry) {
	byType := map[reflect.Type]reflect.Value{}
	for _, entry := range entries {
		t := reflect.TypeOf(entry)
		if _, known := byType[t]; !known {
			byType[t] = reflect.MakeSlice(reflect.SliceOf(t), 0, len(entries))
		}
		byType[t] = reflect.Append(byType[t], reflect.ValueOf(entry))
	}
	for _, list := range byType {
		announceAny(ctx, path, list.Interface())
	}
}
