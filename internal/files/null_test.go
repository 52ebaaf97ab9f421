package files_test

import (
	"context"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// Null is no value in an article inside of a ticket, as it is on a line of its own.
func TestNullInAnInlineArticle(t *testing.T) {
	const null = `"channel":null,"visibility":null,"author":null}`
	store := newStore(t)
	row := `{"source":"d","externalId":"9","subject":"x","articles":[` +
		`{"body":"x","id":null,"source":null,"externalId":null,"ticket":null},{"body":"y",` + null + `]}`
	loadAll(t, store, row, files.Options{Kind: "tickets"})
	if summary := loadAll(t, store, row, files.Options{Kind: "tickets"}); summary.Unchanged != 3 {
		t.Errorf("again: %+v, want 3 unchanged", summary)
	}
	loadAll(t, store, `{"source":"d","externalId":"9/3","ticket":{"source":"d","externalId":"9"},"body":"z",`+null, files.Options{Kind: "articles"})
	ticket := crm.DerivedID(crm.KindTicket, "d", "9")
	found, err := crm.Of[crm.Article](store).ListBy(context.Background(), []crm.Field{crm.FieldTicket}, []crm.ID{ticket},
		crm.Query{Sort: crm.Sort{Field: crm.FieldCreatedAt}, Page: crm.PageRequest{Limit: 10}})
	if err != nil || len(found[ticket].Items) != 3 {
		t.Fatalf("%d articles, %v; want 3", len(found[ticket].Items), err)
	}
	for _, a := range found[ticket].Items {
		if a.Visibility != crm.VisibilityInternal || !a.CreatedAt.Equal(noon) {
			t.Errorf("article %q is %s, of %s", a.Body, a.Visibility, a.CreatedAt)
		}
	}
}

// A version that is null says none: the record is new, and no restored one.
func TestNullIsNoVersion(t *testing.T) {
	store := newStore(t)
	row := `{"id":"` + string(ann) + `","version":null,"consents":[{"purpose":"SERVICE","status":"GRANTED","lawfulBasis":"CONTRACT"}]}`
	loadAll(t, store, row, customers(noon))
	if c := one(t, crm.Of[crm.Customer](store), ann); c.Version != 1 || len(c.Consents[0].History) != 1 {
		t.Errorf("version %d, history %v, want version 1 and one step", c.Version, c.Consents[0].History)
	}
	if summary := loadAll(t, store, row, customers(noon.Add(time.Hour))); summary.Unchanged != 1 {
		t.Errorf("again: %+v, want 1 unchanged", summary)
	}
}
