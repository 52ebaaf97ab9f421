package files_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/files"
)

// restored are records as a dump has them whose references lead nowhere any more, and
// whose words are permitted no more.
const restored = `{"customer":{"id":"cus_00000000000000000000000001","kind":"ORGANIZATION","organizationName":"O","parent":"cus_0000000000000000000000000z","version":1,"createdAt":"2024-01-01T00:00:00Z","updatedAt":"2024-01-01T00:00:00Z"}}
{"customer":{"id":"cus_00000000000000000000000002","customerGroup":"of old","referredBy":"cus_0000000000000000000000000z","memberships":[{"organization":"cus_0000000000000000000000000z","role":"BUYER"}],"version":1,"createdAt":"2024-01-01T00:00:00Z","updatedAt":"2024-01-01T00:00:00Z"}}
`

// What was taken once is taken again, and changes nothing.
func TestTakenOnceIsTakenAgain(t *testing.T) {
	for name, text := range map[string]string{
		"restored": restored,
		"a creation that is null": `{"team":{"source":"hr","externalId":"x","name":"T","createdAt":null}}
{"product":{"source":"shop","externalId":"p","title":"Pot","createdAt":null,"updatedAt":"2020-05-16T08:00:00Z"}}
{"customer":{"externalIdentities":[{"source":"shop","externalId":"c"}],"createdAt":null,"updatedAt":null,"status":null}}`,
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			options := files.Options{CustomerGroups: []string{"household"}, Clock: clockAt(noon)}
			first := loadAll(t, store, text, options)
			before := dump(t, store)
			options.Clock = clockAt(noon.Add(time.Hour))
			if again := loadAll(t, store, text, options); again.Unchanged != first.Created {
				t.Errorf("again: %+v, want %d unchanged", again, first.Created)
			}
			if diff := cmp.Diff(before, dump(t, store)); diff != "" {
				t.Errorf("a second run changed something (-before +after):\n%s", diff)
			}
		})
	}
}

// Only what a record has already need not be right: another reference, or another word, must be.
func TestRestoredRecordsTakeNothingElseThatIsWrong(t *testing.T) {
	for member, value := range map[string]string{
		"referredBy": `"cus_0000000000000000000000000y"`, "customerGroup": `"of nobody"`,
		"memberships": `[{"organization":"cus_0000000000000000000000000y","role":"BUYER"}]`,
	} {
		store := newStore(t)
		options := files.Options{CustomerGroups: []string{"household"}}
		loadAll(t, store, restored, options)
		_, rejects := load(t, store, `{"customer":{"id":"cus_00000000000000000000000002","`+member+`":`+value+`}}`, options)
		if len(rejects) != 1 || !strings.HasPrefix(rejects[0].Field, member) {
			t.Errorf("%s: %+v, want it rejected", member, rejects)
		}
	}
}

// A store dumps what it takes again, whatever became of those that are referred to.
func TestOrganizationThatBecameAPerson(t *testing.T) {
	store := newStore(t)
	loadAll(t, store, `{"externalIdentities":[{"source":"s","externalId":"P"}],"kind":"ORGANIZATION","organizationName":"P"}
{"externalIdentities":[{"source":"s","externalId":"K"}],"kind":"ORGANIZATION","organizationName":"K","parent":{"source":"s","externalId":"P"}}
{"externalIdentities":[{"source":"s","externalId":"M"}],"memberships":[{"organization":{"source":"s","externalId":"P"},"role":"BUYER"}]}
{"externalIdentities":[{"source":"s","externalId":"P"}],"kind":"PERSON"}`, files.Options{Kind: "customers"})
	if summary := loadAll(t, store, dump(t, store), files.Options{}); summary.Unchanged != 3 {
		t.Errorf("the store's own dump: %+v, want 3 unchanged", summary)
	}
}

// Instants that stand for none in what is stored cannot be meant.
func TestInstantsOfTheFirstMillisecond(t *testing.T) {
	for _, instant := range []string{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0005Z", "0001-01-01T01:00:00+01:00"} {
		for _, row := range []string{
			`{"customer":{"externalIdentities":[{"source":"s","externalId":"1"}],"createdAt":"` + instant + `"}}`,
			`{"customer":{"externalIdentities":[{"source":"s","externalId":"1","verifiedAt":"` + instant + `"}]}}`,
		} {
			if summary, rejects := load(t, newStore(t), row, files.Options{}); summary.Rejected != 1 || !strings.Contains(rejects[0].Reason, "years 1 to 9998") {
				t.Errorf("%s: %+v %+v", row, summary, rejects)
			}
		}
	}
	loadAll(t, newStore(t), `{"team":{"source":"hr","externalId":"x","name":"T","createdAt":"0001-01-01T00:00:00.001Z"}}`, files.Options{})
}

// Of two articles with one external id, none is lost without a word.
func TestArticlesOfOneID(t *testing.T) {
	for _, articles := range []string{
		`{"externalId":"1","body":"first"},{"externalId":"1","body":"second"}`,
		`{"body":"first"},{"externalId":"1","body":"second"}`,
	} {
		row := `{"source":"d","externalId":"9","subject":"x","articles":[` + articles + `]}`
		summary, rejects := load(t, newStore(t), row, files.Options{Kind: "tickets"})
		if summary.Rejected != 1 || rejects[0].Field != "articles[1].externalId" {
			t.Errorf("%s: %+v %+v", articles, summary, rejects)
		}
	}
}
