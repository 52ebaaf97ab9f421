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
	list := []rule{}
	for _, k := range kinds() {
		list = append(list, kindRules(k)...)
	}
	return slices.Concat(list,
		recordRules(), fullRules(), membersRules(), pagingRules(), whereRules(), textRules(), listByRules(), listByBoundRules(),
		writeRules(), sequenceRules(), referenceRules(), commitRules(), removeRules(), sizeRules(), logRules(), logRaceRules(),
		concurrencyRules(), factsRules(), timelineRules(), checkpointRules(), apiKeyRules(), lifeRules(),
	)
}

// kindRules are the rules that hold for every kind of record alike.
func kindRules(k kind) []rule {
	name := string(k.Kind) + "/"
	return []rule{
		{name + "records are read back as they were written", k.readsBack},
		{name + "ByID leaves out what is not there and takes repeats", k.leavesOut},
		{name + "every sort pages like a flat sorted slice", k.pagesLikeASlice},
		{name + "a record whose id is not one of its kind is invalid, for that write only", k.refusesOtherIDs},
		{name + "a write whose Expect does not hold is a conflict and stores nothing", k.checksExpect},
		{name + "a record of a parent that is not there is invalid, for that change only", k.parentsMustExist},
		{name + "a conflict comes before it is invalid that a parent is not there", k.conflictsComeFirst},
		{name + "a record that is removed is gone", k.removes},
		{name + "a record is removed before its parent, and not after it", k.parentsGoLast},
	}
}
