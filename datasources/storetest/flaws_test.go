package storetest_test

import (
	"flag"
	"reflect"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/storetest"
)

func TestMain(m *testing.M) {
	// Rules are made to fail here: their counterexamples are not worth a file.
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// TestSuiteNoticesFlaws runs the suite on stores that are wrong in one way
// each. The rule named must fail, among others.
func TestSuiteNoticesFlaws(t *testing.T) {
	tests := []struct {
		flaws flaws
		rule  string // a part of its name
	}{
		{flaws{noTieBreak: true}, "fifty records of one instant"},
		{flaws{inclusiveAfter: true}, "every sort pages like"},
		{flaws{inclusiveRange: true}, "a time range excludes both ends"},
		{flaws{nullIsNone: true}, "Absent for one that is not"},
		{flaws{anyPrefix: true}, "Prefix holds for any token"},
		{flaws{foldsCase: true}, "In holds for any"},
		{flaws{firstPredicateOnly: true}, "several predicates"},
		{flaws{neverMore: true}, "every sort pages like"},
		{flaws{limitForAll: true}, "first n of 1, 10 and 100"},
		{flaws{twicePerID: true}, "each order once"},
		{flaws{countsTwice: true}, "each ticket once"},
		{flaws{countsTwice: true}, "facts are those counted"},
		{flaws{emptyEntries: true}, "ListBy leaves out"},
		{flaws{staleKeys: true}, "nothing of the old state"},
		{flaws{staleTimeline: true}, "replaces a record's timeline entries"},
		{flaws{lastWriteWins: true}, "exactly one wins"},
		{flaws{sharedIdentity: true}, "an external identity is one customer's"},
		{flaws{sharedIdentity: true}, "one after another"},
		{flaws{lastWriteWins: true}, "follow each other"},
		{flaws{allOrNothing: true}, "five thousand"},
		{flaws{deafToCancel: true}, "a deadline that has passed"},
		{flaws{orphans: true}, "a parent that is not there"},
		{flaws{allOrNothing: true}, "Expect does not hold"},
		{flaws{sharedMemory: true}, "read back as they were written"},
		{flaws{deafToCancel: true}, "a canceled context"},
		{flaws{addsCurrencies: true}, "facts are those counted"},
		{flaws{migrateEmpties: true}, "migrating again"},
		{flaws{seconds: true}, "ord/every sort pages like"},
		{flaws{repeats: true}, "takes repeats"},
		{flaws{nilItems: true}, "no records are an empty page"},
		{flaws{nilItems: true}, "limit 0"},
		{flaws{parentsOnly: true}, "every field of every kind is kept"},
		{flaws{anyID: true}, "not one of its kind"},
		{flaws{orphansFirst: true}, "before it is invalid"},
		{flaws{unwanted: true}, "the members that are wanted"},
		{flaws{noPlaces: true}, "the members that are wanted"},
		{flaws{setsAnyway: true}, "stays as it is"},
		{flaws{setsAnyway: true}, "one version of a checkpoint"},
		{flaws{foldsNames: true}, "read back with its version"},
		{flaws{alwaysFirst: true}, "first once"},
		{flaws{neverForgets: true}, "until it is forgotten"},
		{flaws{remembersForEver: true}, "as if it had never been there"},
		{flaws{sharedSecret: true}, "id or hash is there already"},
		{flaws{sharedSecret: true}, "one API key at once"},
		{flaws{anyKey: true}, "malformed API key"},
		{flaws{hidesRevoked: true}, "revoked and expired"},
		{flaws{hidesExpired: true}, "revoked and expired"},
		{flaws{revokesAgain: true}, "revoked for good"},
		{flaws{revokesNone: true}, "revoked for good"},
		{flaws{touchesBack: true}, "forwards only"},
		{flaws{unsortedKeys: true}, "by id"},
		{flaws{lentKeys: true}, "by hash and in a list"},
		{flaws{deafToCancel: true}, "a canceled context"},
		{flaws{torn: true}, "nothing is there"},
		{flaws{torn: true}, "leaves what was stored before"},
		{flaws{torn: true}, "losers leave nothing"},
		{flaws{torn: true}, "one after another"},
		{flaws{lastWriteWins: true}, "losers leave nothing"},
		{flaws{sideways: true}, "stored together"},
		{flaws{sideways: true}, "act one after another"},
		{flaws{sideways: true}, "first record that cannot be stored"},
		{flaws{orphansFirst: true}, "ord/a conflict comes before"},
		{flaws{orphans: true}, "a parent stands before"},
		{flaws{noEmpty: true}, "may be empty"},
		{flaws{writesDerived: true}, "a derived kind"},
		{flaws{anyKind: true}, "a kind that is not described"},
		{flaws{ghostRecord: true}, "team/a record that is removed"},
		{flaws{ghostTimeline: true}, "ord/a record that is removed"},
		{flaws{ghostTimeline: true}, "is free for others"},
		{flaws{removesStale: true}, "tkt/a record that is removed"},
		{flaws{removesNothing: true}, "emp/a record that is removed"},
		{flaws{removesParents: true}, "art/a record is removed before its parent"},
		{flaws{removesAnyID: true}, "a removal that names nothing"},
		{flaws{removesUnseen: true}, "a record that is removed is gone"},
		{flaws{smallSize: true}, "twenty thousand documents"},
		{flaws{anySize: true}, "too many documents"},
		{flaws{anyBytes: true}, "too many bytes"},
		{flaws{logsNoRemoval: true}, "stored and removed, once each"},
		{flaws{logsTwice: true}, "stored and removed, once each"},
		{flaws{logsRefused: true}, "nothing is there"},
		{flaws{logRepeats: true}, "without a gap or a repeat"},
		{flaws{logSkips: true}, "without a gap or a repeat"},
		{flaws{logsBackward: true}, "versions of one record"},
		{flaws{numbersEarly: true}, "misses nothing"},
		{flaws{numbersAgain: true}, "rise from call to call"},
		{flaws{endsEarly: true}, "the log's end"},
		{flaws{lags: true}, "the latest records"},
	}
	for _, test := range tests {
		t.Run(test.flaws.name(), func(t *testing.T) {
			for _, rule := range storetest.Rules() {
				if strings.Contains(rule.Name, test.rule) && fails(t, rule, test.flaws) {
					return
				}
			}
			t.Errorf("no rule %q failed", test.rule)
		})
	}
}

// name is the flaw that is set.
func (f flaws) name() string {
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if v.Field(i).Bool() {
			return v.Type().Field(i).Name
		}
	}
	return "none"
}

// fails says whether a rule fails on a store with flaws.
func fails(t *testing.T, rule storetest.Rule, f flaws) bool {
	t.Helper()
	r := &recorder{TB: t}
	var done sync.WaitGroup
	done.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("rule %q panicked: %v", rule.Name, p)
			}
		}()
		rule.Check(r, newMemory(f))
	})
	done.Wait()
	return r.Failed()
}
