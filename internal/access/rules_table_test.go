package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
)

// TestWriteTable holds the table of the small schema: every coordinate once,
// sorted, and none of the enums that only directives take.
func TestWriteTable(t *testing.T) {
	t.Parallel()
	rules, err := access.NewRules(parse(t, small))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := rules.WriteTable(&got); err != nil {
		t.Fatal(err)
	}
	want := `coordinate	staff	partner	customer	pii
Any.id	SUPPORT,ADMIN	ORDERS_READ,TICKETS_READ	yes	no
By.name	*	*	*	no
By.number	*	*	*	no
Filter.inner	*	*	*	no
Filter.name	ADMIN	ORDERS_READ	no	no
Filter.score	*	*	*	no
Filter.sort	*	*	*	no
Note.id	ADMIN	-	no	no
Note.text	ADMIN	-	no	yes
Query.any	SUPPORT,ADMIN	ORDERS_READ,TICKETS_READ	yes	no
Query.scored	SUPPORT,ADMIN	-	no	no
Query.things	SUPPORT,ADMIN	ORDERS_READ	yes	no
Query.things(by:)	*	*	*	no
Query.things(filter:)	*	*	*	no
Query.things(many:)	*	*	*	no
Query.things(sort:)	*	*	*	no
Query.things(text:)	ADMIN	-	no	no
Scored.rank	SUPPORT,ADMIN	-	no	no
Scored.rank(by:)	*	*	*	no
Scored.score	ADMIN	-	no	no
Sort.AGE	*	*	*	no
Sort.NAME	ADMIN	-	no	no
Thing.id	SUPPORT,ADMIN	ORDERS_READ	yes	no
Thing.name	ADMIN	ORDERS_READ	yes	yes
Thing.notes	ADMIN	-	no	no
Thing.rank	SUPPORT,ADMIN	-	no	no
Thing.rank(by:)	ADMIN	-	no	no
Thing.score	SUPPORT,ADMIN	-	no	no
Thing.tags	ADMIN	-	no	yes
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
