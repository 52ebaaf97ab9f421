package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/test/attacks"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/internal/test/race"
	"github.com/customer360/gateway/resolvers"
)

// fewDocuments are those of go test; DOCUMENTS says how many instead, and SEED the seed
// of the first. Each has a seed of its own, one more than that of the one before.
const fewDocuments = 400

func number(t testing.TB, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%s is no number", name, text)
	}
	return n
}

// callers are kinds of caller: of each one is drawn for a document.
func callers() [][]*access.Principal {
	partner := func(rows crm.RowLimits, scopes ...access.Scope) *access.Principal {
		p := partnerOf(scopes...)
		p.Rows = rows
		return p
	}
	roles, partners, customers := []*access.Principal{}, []*access.Principal{}, []*access.Principal{}
	for _, role := range access.Roles() {
		roles = append(roles, staffOf(role))
	}
	for _, scope := range access.Scopes() {
		partners = append(partners, partnerOf(scope))
	}
	for _, rows := range []crm.RowLimits{{}, {Sources: []string{"webshop"}}, {Sources: []string{"corner"}}, {Regions: []string{"GB"}}, {Regions: []string{"DE"}}, {Own: "erp"}, {Own: "webshop"}} {
		partners = append(partners, partner(rows, access.Scopes()...))
	}
	for _, key := range []string{"zoe", "otto", "olga", "amir", "yuki", "ines", "kelm"} {
		customers = append(customers, inPortal(fixture.ID(crm.KindCustomer, key)))
	}
	admin := staffOf(access.RoleAdmin)
	return [][]*access.Principal{{admin, access.Local()}, roles, partners, customers}
}

// faultyPair is the pair over a store with the fixture, and its shops beside it, that
// fails as the context says.
func faultyPair(t testing.TB) pair {
	t.Helper()
	whole := filledWithShops(t, backends.Backends()[0])
	store, clock := faultyStore{whole.store}, func() time.Time { return fixture.Now }
	g := &graphOn{store: store, log: whole.log}
	g.serve(resolvers.NewSchema(resolvers.Config{
		Store: store, Clock: clock,
		Sources: faultySources{purchases.New(store, []purchases.Source{
			{Shop: shoptest.Shared(cornerShop()), Mode: purchases.ModeLive},
			{Shop: shoptest.Shared(shoptest.New("outage", nil, shoptest.WithErr(down("outage")))), Mode: purchases.ModeLive},
			{Shop: shoptest.Shared(shoptest.New("webshop", nil)), Mode: purchases.ModeSynced},
		}, purchases.Options{Clock: clock})},
	}))
	return paired(g)
}

// variedOver makes documents for the fixture.
func variedOver(p pair) attacks.Varied {
	ids := map[string][]string{}
	for _, r := range fixture.Records().All() {
		word := map[crm.Kind]string{crm.KindCustomer: "customer", crm.KindOrder: "order", crm.KindTicket: "ticket", crm.KindProduct: "product"}[r.RecordKind()]
		if word == "" {
			word = string(r.RecordKind())
		}
		ids[word] = append(ids[word], string(r.RecordID()))
	}
	for word, kind := range map[string]string{"customer": "cus", "order": "ord_corner.", "ticket": "tkt", "product": "prd_corner."} {
		ids[word] = append(ids[word], kind+"_unknown", "malformed")
	}
	ids["order"] = append(ids["order"], "ord_corner.c0", "ord_corner.c2", "ord_outage.1", "ord_outage.2")
	ids["product"] = append(ids["product"], "prd_corner.tea", "prd_outage.1")
	return attacks.Varied{
		Random:  attacks.Random{Schema: p.levels.schema.Schema(), IDs: ids},
		Texts:   []string{"zoe", "lamp", "tea", "1001", "a", "webshop", "corner", "LAMP", "TEA-100", "zoe.private@example.com", "vip"},
		Cursors: []string{beginning, "AAAA"},
		Seen:    map[string]int{},
	}
}

// ask is one document as it is asked by one caller.
type ask struct {
	seed uint64
	attacks.Asked
	who    *access.Principal
	faults *faults
}

func (a ask) request(t testing.TB) request {
	t.Helper()
	raw, err := json.Marshal(a.Variables)
	if err != nil {
		t.Fatal(err)
	}
	return request{Query: a.Document, Variables: raw}
}

func (a ask) String() string {
	raw, _ := json.Marshal(a.Variables)
	var failing []string
	if a.faults != nil {
		for what, code := range a.faults.reads {
			failing = append(failing, what+" "+string(code))
		}
		slices.Sort(failing)
	}
	return fmt.Sprintf("SEED=%d DOCUMENTS=1\n%s\nvariables %s\nasked by %s %s %v\nfaults %q, missing 1 in %d, partial 1 in %d, blank 1 in %d",
		a.seed, a.Document, raw, a.who.Class(), a.who.Customer, a.who.Rows, failing, a.faults.missing, a.faults.partial, a.faults.blank)
}

// eachAsk makes documents, and has each asked by a caller of every kind; and again with
// cursors of the first answer, if it has any. do gives the body.
func eachAsk(v attacks.Varied, seed, documents uint64, do func(a ask) (body []byte, more bool)) {
	kinds := callers()
	for n := range documents {
		v.Rand = rand.New(rand.NewPCG(seed+n, 1))
		a := ask{seed: seed + n, Asked: v.Document(), faults: drawFaults(v.Rand)}
		for _, kind := range kinds {
			a.who = kind[v.IntN(len(kind))]
			body, more := do(a)
			if !more {
				return
			}
			again := a
			again.Variables = maps.Clone(a.Variables)
			if !again.continued(body) {
				continue
			}
			v.Seen["cursor of an answer"]++
			if _, more = do(again); !more {
				return
			}
		}
	}
}

// continued gives the variables for cursors those of an answer; false if it has none.
func (a ask) continued(body []byte) bool {
	var answer struct{ Data any }
	if len(a.Cursors) == 0 || json.Unmarshal(body, &answer) != nil {
		return false
	}
	found := false
	for variable, at := range a.Cursors {
		if info, ok := named(answer.Data, at[0]).(map[string]any); ok && info[at[1]] != nil {
			a.Variables[variable], found = info[at[1]], true
		}
	}
	return found
}

// named returns the first value under a name, in the order of the names.
func named(data any, name string) any {
	switch data := data.(type) {
	case []any:
		for _, element := range data {
			if v := named(element, name); v != nil {
				return v
			}
		}
	case map[string]any:
		if v := data[name]; v != nil {
			return v
		}
		for _, key := range slices.Sorted(maps.Keys(data)) {
			if v := named(data[key], name); v != nil {
				return v
			}
		}
	}
	return nil
}

// mostDifferences are shown of a run.
const mostDifferences = 5

// TestRandomDocuments asks random documents of both executors, as every kind of caller,
// of a store that fails at random: the same body, and the same cost. SEED and DOCUMENTS
// choose others than those of go test; a difference tells both for its document.
func TestRandomDocuments(t *testing.T) {
	seed, documents := number(t, "SEED", 1), number(t, "DOCUMENTS", uint64(race.Fewer(fewDocuments, 60)))
	p := faultyPair(t)
	v, saw, differences, asked, begun := variedOver(p), map[string]int{}, 0, 0, time.Now()
	eachAsk(v, seed, documents, func(a ask) ([]byte, bool) {
		ctx := with(context.Background(), a.faults)
		want := p.reference.outcome(ctx, t, a.request(t), a.who)
		got := p.levels.outcome(ctx, t, a.request(t), a.who)
		asked++
		count(t, saw, want.body)
		if a.faults.panicked.Swap(false) { // Of several objects gqlgen charges for all but the first.
			saw["panic"]++
			got.spent = want.spent
		}
		if diff := difference(want, got); diff != "" {
			t.Errorf("%s\n%s\ngqlgen: %.2000s\nlevels: %.2000s", a, diff, want.body, got.body)
			differences++
		}
		p.levels.log.Reset()
		p.reference.log.Reset()
		return want.body, differences < mostDifferences
	})
	t.Logf("SEED=%d: %d documents, asked %d times, %v, %d differences\nin documents: %v\nin answers: %v",
		seed, documents, asked, time.Since(begun).Round(time.Second), differences, v.Seen, saw)
	if documents < fewDocuments {
		return
	}
	for _, what := range inDocuments {
		if v.Seen[what] == 0 {
			t.Errorf("no document had: %s", what)
		}
	}
	for _, what := range inAnswers {
		if saw[what] == 0 {
			t.Errorf("no answer had: %s", what)
		}
	}
	if saw["not valid"]*20 > asked {
		t.Errorf("%d of %d were not valid documents", saw["not valid"], asked)
	}
}

// What must occur in every run of some length, so that it does not go blind.
var (
	inDocuments = strings.Split("alias,several fields at the root,inline fragment without a type,inline fragment on a type,named fragment,"+
		"named fragment spread again,fragment in a union,fragment in an interface,fragment on the abstract type itself,fragment on another interface,"+
		"named fragment on a possible type,fields of an interface,one name in fragments on several types,merged fields,merged fields in a fragment,repeated field,"+
		"__typename,@skip by a literal,@skip by a variable,@include by a literal,@include by a variable,variable given,variable null,variable left out,"+
		"variable with a default,variable inside of a value,forward,backward,cursor of an answer,cursor of changes,edges,nodes,pageInfo,totalCount,a size that is refused", ",")
	inAnswers = strings.Split("whole,INTERNAL,UNAVAILABLE,FORBIDDEN,INVALID,masked,null for an error,null above the error,null above a list,no data,several errors,error in a list,error of a source,panic", ",")
)
