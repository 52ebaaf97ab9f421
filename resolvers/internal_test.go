package resolvers_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
)

// broken is a store whose orders fail in a way that only a log may tell: a
// stored number that cannot be read is no caller's mistake.
type broken struct{ crm.Store }

func (s broken) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	if kind != crm.KindOrder {
		return s.Store.ListBy(ctx, kind, fields, ids, q)
	}
	return nil, &crm.Error{Code: crm.CodeInternal, Message: "for logs", Err: &strconv.NumError{Func: "ParseInt", Num: "disk on fire", Err: strconv.ErrSyntax}}
}

func (s broken) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, _ *crm.Members) ([]crm.Record, error) {
	if kind == crm.KindOrder {
		panic("value that must not show")
	}
	return s.Store.ByID(ctx, kind, ids, nil)
}

// TestInternalErrorsAreMaskedAndLoggedOnce lets a batch fail for many parents
// and a resolver panic: each path gets a masked error with the request's id, the
// rest of the answer is there, and the log has each failure once, and the stack of the first panic alone.
func TestInternalErrorsAreMaskedAndLoggedOnce(t *testing.T) {
	whole := filled(t, backends.Backends()[0], nil)
	graph := newGraph(broken{whole.store})
	answer := string(graph.ask(t, `{ customers(first: 3) { nodes { id orders { nodes { id } } } } order(id: "ord_webshop.1001") { id } again: order(id: "ord_webshop.1001") { id } }`, nil))
	for want, times := range map[string]int{
		`"code":"INTERNAL"`: 5, `"requestId":"request-1"`: 5, `"id":"cus_`: 3, `"order":null`: 1, `"again":null`: 1, `"path":["customers","nodes",1,"orders"]`: 1,
		"fire": 0, "for logs": 0, "must not show": 0,
	} {
		if got := strings.Count(answer, want); got != times {
			t.Errorf("%s is in the answer %d times, want %d:\n%s", want, got, times, answer)
		}
	}
	log := graph.log.String()
	for want, times := range map[string]int{"disk on fire": 1, "level=ERROR": 2, "field=Customer.orders": 1, "field=Query.order": 1, "stack=": 1, "must not show": 0, "again": 0} {
		if got := strings.Count(log, want); got != times {
			t.Errorf("%s is in the log %d times, want %d:\n%s", want, got, times, log)
		}
	}
}
