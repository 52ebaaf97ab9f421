package storetest_test

import (
	"context"
	"slices"
	"sync"

	"github.com/customer360/gateway/internal/crm"
)

// flaws are what a store may get wrong; the suite must notice each.
type flaws struct {
	noTieBreak, inclusiveAfter, inclusiveRange, nullIsNone, anyPrefix, foldsCase, firstPredicateOnly, neverMore,
	limitForAll, twicePerID, emptyEntries, staleKeys, staleTimeline, lastWriteWins, sharedIdentity,
	orphans, allOrNothing, sharedMemory, deafToCancel, addsCurrencies, countsTwice,
	migrateEmpties, seconds, repeats, anyID, orphansFirst, nilItems, parentsOnly,
	unwanted, noPlaces, setsAnyway, foldsNames, alwaysFirst, remembersForEver, neverForgets,
	sharedSecret, anyKey, hidesRevoked, hidesExpired, revokesAgain, revokesNone, touchesBack, unsortedKeys, lentKeys,
	torn, sideways, ghostTimeline, ghostRecord, removesStale, removesParents, removesNothing,
	anySize, smallSize, anyBytes, writesDerived, anyKind, noEmpty,
	logsRefused, logsNoRemoval, logsTwice, logRepeats, logSkips, logsBackward, numbersEarly, numbersAgain, endsEarly, lags, removesAnyID, removesUnseen bool
}

// memory is the plainest crm.Store there is: maps, and lists sorted anew for
// each question.
type memory struct {
	mu          sync.RWMutex
	flaws       flaws
	tables      map[crm.Kind]*table
	log         []crm.LogEntry
	asked       int64 // how far the log was read
	checkpoints *shared
	apiKeys     *keyring
}

func newMemory(f flaws) *memory {
	m := &memory{flaws: f, tables: map[crm.Kind]*table{}, checkpoints: newShared(f), apiKeys: &keyring{flaws: f}}
	for _, d := range crm.Descriptions() {
		m.tables[d.Kind] = &table{Description: d, flaws: f, rows: map[crm.ID]*row{}}
	}
	return m
}

func (m *memory) Checkpoints() crm.Checkpoints   { return m.checkpoints }
func (m *memory) APIKeys() crm.APIKeys           { return m.apiKeys }
func (m *memory) Ping(ctx context.Context) error { return m.canceled(ctx) }
func (m *memory) Close(context.Context) error    { return nil }

func (m *memory) Migrate(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flaws.migrateEmpties {
		clear(m.tables[crm.KindOrder].rows)
	}
	return nil
}

func (m *memory) canceled(ctx context.Context) error {
	if m.flaws.deafToCancel {
		return nil
	}
	return ctx.Err()
}

func (m *memory) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	facts := map[crm.ID]*crm.CustomerFacts{}
	for _, id := range ids {
		f := &crm.CustomerFacts{}
		for _, r := range m.tables[crm.KindOrder].having([]crm.Field{crm.FieldCustomer, crm.FieldOrganization}, id) {
			if o := r.record.(*crm.Order); o.Status != crm.OrderStatusCanceled {
				m.addOrder(f, o)
			}
		}
		for _, r := range m.tables[crm.KindTicket].having([]crm.Field{crm.FieldCustomer, crm.FieldRequester}, id) {
			x := r.record.(*crm.Ticket)
			if x.Status.Open() {
				f.OpenTickets++
			}
			if x.Satisfaction != nil {
				f.Ratings++
				f.RatingSum += x.Satisfaction.Score
			}
		}
		for _, r := range m.tables[crm.KindInteraction].having([]crm.Field{crm.FieldCustomer}, id) {
			if at := r.record.(*crm.Interaction).OccurredAt; f.LastContactAt == nil || at.After(*f.LastContactAt) {
				f.LastContactAt = &at
			}
		}
		facts[id] = f
	}
	return facts, m.canceled(ctx)
}

func (m *memory) addOrder(f *crm.CustomerFacts, o *crm.Order) {
	i := slices.IndexFunc(f.Orders, func(x crm.OrderFacts) bool {
		return m.flaws.addsCurrencies || x.CurrencyCode == o.Total().CurrencyCode
	})
	if i < 0 {
		i = len(f.Orders)
		f.Orders = append(f.Orders, crm.OrderFacts{CurrencyCode: o.Total().CurrencyCode, First: o.PlacedAt, Last: o.PlacedAt})
	}
	sum := &f.Orders[i]
	sum.Count++
	sum.Gross += o.Total().Minor
	sum.Net += o.NetTotal().Minor
	if o.PlacedAt.Before(sum.First) {
		sum.First = o.PlacedAt
	}
	if o.PlacedAt.After(sum.Last) {
		sum.Last = o.PlacedAt
	}
}
