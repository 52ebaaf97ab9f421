package storetest

import (
	"slices"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Run tests a store against every rule. open gives each rule a store that is
// fresh, migrated and empty, and cleans up after itself.
func Run(t *testing.T, open func(t *testing.T) crm.Store) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) { r.check(t, open(t)) })
	}
}

// rule is one promise of a store. It takes a testing.TB, so that the suite can
// be tested itself.
type rule struct {
	name  string
	check func(t testing.TB, s crm.Store)
}

func rules() []rule {
	return slices.Concat(
		kindRules(teams()), kindRules(employees()), kindRules(partnerApps()), kindRules(customers()),
		kindRules(products()), kindRules(orders()), kindRules(tickets()), kindRules(articles()),
		kindRules(interactions()), kindRules(recommendations()), kindRules(nextBestActions()),
		recordRules(), fullRules(), pagingRules(), whereRules(), textRules(), listByRules(), listByBoundRules(),
		writeRules(), sequenceRules(), referenceRules(), concurrencyRules(), factsRules(), timelineRules(), checkpointRules(), apiKeyRules(), lifeRules(),
	)
}

// kindRules are the rules that hold for every kind of record alike.
func kindRules[T any](k kind[T]) []rule {
	name := string(k.name) + "/"
	return []rule{
		{name + "records are read back as they were written", k.readsBack},
		{name + "ByID leaves out what is not there and takes repeats", k.leavesOut},
		{name + "every sort pages like a flat sorted slice", k.pagesLikeASlice},
		{name + "a record whose id is not one of its kind is invalid, for that write only", k.refusesOtherIDs},
		{name + "a write whose Expect does not hold is a conflict and stores nothing", k.checksExpect},
	}
}
