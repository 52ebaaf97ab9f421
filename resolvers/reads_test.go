package resolvers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// told is a store that notes which members are asked for of which records.
type told struct {
	crm.Store
	mu    sync.Mutex
	asked []string
}

func (s *told) note(kind crm.Kind, want *crm.Members) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := "all"
	if want != nil {
		text = strings.Join(want.Paths(), " ")
	}
	s.asked = append(s.asked, fmt.Sprintf("%s: %s", kind, text))
}

func (s *told) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	s.note(kind, want)
	return s.Store.ByID(ctx, kind, ids, want)
}

func (s *told) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	s.note(kind, q.Members)
	return s.Store.List(ctx, kind, q)
}

func (s *told) ListBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.RecordPage, error) {
	s.note(kind, q.Members)
	return s.Store.ListBy(ctx, kind, fields, ids, q)
}

// TestOnlyWhatIsSelectedIsRead wants the store to be asked for what the operation
// selects and what references and the merging of sources need, of records in every
// place: in lists, below edges, behind fragments and interfaces, and not for what may
// not be read.
func TestOnlyWhatIsSelectedIsRead(t *testing.T) {
	whole := filled(t, backends.Backends()[0], nil)
	for query, want := range map[string][]string{
		`{ customers(first: 3) { nodes { displayName orders(first: 2) { edges { node { number total { amount } lines { quantity product { title } } } } } } } }`: {
			"cus: id kind displayName version", "ord: id number lines.product lines.quantity price.total",
		},
		`{ orders(first: 2) { nodes { ...A ... on Node { id } } } } fragment A on Order { price { tax { currencyCode } } customer { tier } }`: {
			"cus: id tier version", "ord: id customer price.tax",
		},
		`{ orders(first: 1) { totalCount } }`: {"ord: id"},
		`{ node(id: "` + string(fixture.Records().Recommendations[0].ID) + `") { ... on Recommendation { product { title variants { sku } } } } }`: {"prd: id title variants.sku", "rec: id product"},
		`{ node(id: "ord_webshop.1001") { id } order(id: "ord_webshop.1001") { shippingAddress { city } } }`: {
			"ord: id customer organization", "ord: id customer organization shippingAddress.city",
		},
	} {
		store := &told{Store: whole.store}
		graph := newGraph(store)
		answer := graph.ask(t, query, nil)
		if strings.Contains(string(answer), "errors") {
			t.Errorf("%s: %s", query, answer)
		}
		slices.Sort(store.asked)
		if diff := cmp.Diff(want, store.asked); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
