package shopsync_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/shopsync"
)

// noon is when everything happens.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func clock() time.Time { return noon().Add(240 * time.Hour) }

func ptr[T any](v T) *T { return &v }

// tape is a shop whose changes are lists, in their order. A mark is a place in
// the list, and reading from it gives the overlap before it once more.
type tape struct {
	crm.Shop  // what a run never calls
	source    string
	overlap   int
	customers []*crm.ShopCustomer
	products  []*crm.Product
	orders    []*crm.ShopOrder
	// unreadable are ids of orders that every page says it could not read.
	unreadable []string
	// fails is the id of an order that cannot be asked for, "" for none.
	fails string
	// asked are the ids that OrdersByID was asked for.
	asked []string
	// call is told of each call before it is answered; its error is the call's.
	call func(method string) error
}

func (s *tape) Source() string                 { return s.source }
func (s *tape) Capabilities() crm.Capabilities { return crm.Capabilities{} }

func play[T any](s *tape, method string, list []*T, from crm.Mark, limit int) (c crm.ShopChanges[T], err error) {
	if s.call != nil {
		if err := s.call(method); err != nil {
			return c, err
		}
	}
	at := 0
	if from.Cursor != "" {
		if at, err = strconv.Atoi(from.Cursor); err != nil {
			return c, err
		}
	}
	end := min(at+limit, len(list))
	for _, item := range list[max(0, at-s.overlap):end] {
		copied := *item
		c.Items = append(c.Items, &copied)
	}
	c.Next, c.More = crm.Mark{Time: noon().Add(time.Duration(end) * time.Second), Cursor: strconv.Itoa(end)}, end < len(list)
	return c, nil
}

func (s *tape) CustomerChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	return play(s, "CustomerChanges", s.customers, from, limit)
}

func (s *tape) ProductChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	return play(s, "ProductChanges", s.products, from, limit)
}

func (s *tape) OrderChanges(_ context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	page, err := play(s, "OrderChanges", s.orders, from, limit)
	for _, id := range s.unreadable {
		page.Unreadable = append(page.Unreadable, crm.Unreadable{ExternalID: id, Reason: "the currency is none"})
	}
	return page, err
}

// OrdersByID gives the orders of the tape, but for those that are unreadable.
func (s *tape) OrdersByID(_ context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	s.asked = append(s.asked, ids...)
	found := map[string]*crm.ShopOrder{}
	var odd crm.UnreadableKeys
	for _, id := range ids {
		if slices.Contains(s.unreadable, id) {
			odd = append(odd, id)
			continue
		}
		for _, o := range s.orders {
			if o.Order.ExternalID == id {
				found[id] = o
			}
		}
	}
	var errs []error
	if len(odd) > 0 {
		errs = append(errs, &crm.Error{Code: crm.CodeUnavailable, Source: s.source, Err: odd})
	}
	if slices.Contains(ids, s.fails) {
		errs = append(errs, &crm.Error{Code: crm.CodeUnavailable, Source: s.source})
	}
	return found, errors.Join(errs...)
}

func (s *tape) ProductsByID(context.Context, []string) (map[string]*crm.Product, error) {
	return map[string]*crm.Product{}, nil
}

// world is shops and the customers whom the store has before them.
type world struct {
	stored []*crm.Customer
	shops  []*tape
}

func (w world) ports(change ...func(*tape)) []crm.Shop {
	list := make([]crm.Shop, len(w.shops))
	for i, s := range w.shops {
		c := *s
		for _, f := range change {
			f(&c)
		}
		list[i] = &c
	}
	return list
}

// size is how large a world is.
type size struct{ stored, shops, customers, products, orders, people int }

// newWorld makes a world of few people, email addresses and phone numbers, so
// that customers meet. pick gives a number below n.
func newWorld(pick func(n int) int, z size) world {
	yes := func() bool { return pick(2) == 0 }
	email := func() string { return fmt.Sprintf("person%d@example.com", pick(z.people)) }
	phone := func() string { return fmt.Sprintf("+44163296%04d", pick(z.people)) }
	names := []string{"", "Ann", "ann", "Bob", "Zoë"}
	w := world{}
	for i := range z.stored {
		c := &crm.Customer{
			ID: crm.DerivedID(crm.KindCustomer, "crm", fmt.Sprint(i)), GivenName: ptr(names[1+pick(4)]),
			Version: 1 + pick(3), CreatedAt: noon(), UpdatedAt: noon().Add(time.Duration(pick(100)) * time.Minute),
			Status: []crm.CustomerStatus{
				crm.CustomerStatusActive, crm.CustomerStatusActive, crm.CustomerStatusBlocked,
				crm.CustomerStatusMerged, crm.CustomerStatusErased,
			}[pick(5)],
		}
		if *c.GivenName == "Bob" {
			c.GivenName = nil
		}
		for range pick(3) {
			c.Emails = append(c.Emails, crm.EmailAddress{Address: email(), Verified: yes()})
		}
		for range pick(2) {
			c.Phones = append(c.Phones, crm.PhoneNumber{Number: phone(), Verified: yes()})
		}
		if pick(4) == 0 { // known to a shop already; no two to the same of its customers
			c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop-0", ExternalID: "c" + strconv.Itoa(i%max(1, z.customers))}}
			if i >= z.customers {
				c.ExternalIdentities[0].ExternalID = "other" + strconv.Itoa(i)
			}
		}
		c.Complete()
		w.stored = append(w.stored, c)
	}
	for n := range z.shops {
		w.shops = append(w.shops, newTape(pick, z, "shop-"+strconv.Itoa(n), names, email, phone))
	}
	return w
}

func newTape(pick func(n int) int, z size, source string, names []string, email, phone func() string) *tape {
	s := &tape{source: source, overlap: pick(4)}
	for i := range z.customers {
		c := &crm.ShopCustomer{
			ExternalID: "c" + strconv.Itoa(i), GivenName: names[pick(len(names))], Guest: pick(4) == 0,
			CreatedAt: noon(), UpdatedAt: noon().Add(time.Duration(pick(200)) * time.Minute),
		}
		if pick(5) > 0 {
			c.Email, c.EmailVerified = email(), pick(2) == 0
		}
		if pick(2) == 0 {
			c.Phone = phone()
		}
		if pick(3) == 0 {
			c.Addresses = []crm.Address{{Line1: strconv.Itoa(i) + " High Street", CountryCode: ptr("GB")}}
		}
		s.customers = append(s.customers, c)
		if pick(8) == 0 { // changed once more
			again := *c
			again.Company, again.GivenName = "Ink & Co", names[pick(len(names))]
			s.customers = append(s.customers, &again)
		}
	}
	for i := range z.products {
		s.products = append(s.products, product(source, i))
	}
	for i := range z.orders {
		o := order(source, i)
		switch pick(4) {
		case 0:
			o.Buyer = crm.Buyer{Email: email()}
		case 1:
			o.Buyer = crm.Buyer{ExternalID: "c" + strconv.Itoa(pick(z.customers+2)), Email: email()}
		default:
			o.Buyer = crm.Buyer{ExternalID: "c" + strconv.Itoa(pick(max(1, z.customers)))}
		}
		s.orders = append(s.orders, o)
		if pick(8) == 0 { // changed while it was read, so it comes again
			s.orders = append(s.orders, o)
		}
	}
	return s
}

func product(source string, n int) *crm.Product {
	native := "p" + strconv.Itoa(n)
	p := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, source, native), Source: source, ExternalID: native, Title: "Pot " + native,
		Variants: []crm.Variant{{SKU: native, Price: &crm.Money{Minor: 100, CurrencyCode: "GBP"}}}, CreatedAt: noon(), UpdatedAt: noon(),
	}
	p.Complete()
	return p
}

// order makes the nth order of a source, with two lines.
func order(source string, n int) *crm.ShopOrder {
	native := strconv.Itoa(1000 + n)
	gbp := func(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }
	o := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, source, native), Source: source, ExternalID: native, Number: "#" + native,
		PlacedAt: noon().Add(time.Duration(n) * time.Minute), UpdatedAt: noon().Add(time.Duration(n) * time.Minute),
		Lines: []*crm.OrderLine{
			{ID: "1", Title: "Pot", Quantity: 1, UnitPrice: gbp(100), Discount: gbp(0), Tax: gbp(0), Total: gbp(100)},
			{
				ID: "2", Title: "Lid", Quantity: 2, UnitPrice: gbp(50), Discount: gbp(0), Tax: gbp(0), Total: gbp(100),
				ProductTitle: "Lid (new)", ProductID: crm.DerivedID(crm.KindProduct, source, "p1"),
			},
		},
		Price:           crm.PriceBreakdown{Subtotal: gbp(200), Discount: gbp(0), Shipping: gbp(0), Tax: gbp(0), Total: gbp(200)},
		ShippingAddress: &crm.Address{Line1: "1 High Street"},
	}
	o.Complete()
	return &crm.ShopOrder{Order: o}
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// fill stores customers.
func fill(t tester, store crm.Store, customers ...*crm.Customer) {
	t.Helper()
	writes := make([]crm.Write[crm.Customer], len(customers))
	for i, c := range customers {
		writes[i].Record = c
	}
	outcomes, err := crm.Of[crm.Customer](store).Write(context.Background(), writes)
	if err = errors.Join(append(outcomes, err)...); err != nil {
		t.Fatal(err)
	}
}

func dump(t tester, store crm.Store) string {
	t.Helper()
	var text bytes.Buffer
	if err := files.Dump(context.Background(), store, &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// run syncs to the end; every shop must be read.
func run(t tester, store crm.Store, shops []crm.Shop, options shopsync.Options) []shopsync.Report {
	t.Helper()
	if options.Clock == nil {
		options.Clock = clock
	}
	reports, err := shopsync.Run(context.Background(), store, shops, options)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	for _, r := range reports {
		if r.Err != nil {
			t.Fatalf("%s: %v", r.Source, r.Err)
		}
	}
	return reports
}

func one[T any](t tester, records crm.Reader[T], id crm.ID) *T {
	t.Helper()
	found, err := records.ByID(context.Background(), []crm.ID{id}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found[id] == nil {
		t.Fatalf("%s is missing", id)
	}
	return found[id]
}

// errDead is what everything fails with once a fuse has blown.
var errDead = errors.New("the process is dead")

// fuse blows at a call, of the shops or of the store; after that nothing works
// any more, as in a process that was killed.
type fuse struct {
	mu    sync.Mutex
	left  int // calls until it blows; negative is never
	calls int
	pick  func(n int) int
}

// burn says whether this is the call at which the fuse blows, or gives errDead
// if it has blown.
func (f *fuse) burn() (now bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	switch {
	case f.left == 0:
		return false, errDead
	case f.left > 0:
		f.left--
	}
	return f.left == 0, nil
}

func (f *fuse) shop(s *tape) {
	s.call = func(string) error {
		if now, err := f.burn(); now || err != nil {
			return errDead
		}
		return nil
	}
}

// mortal is a store whose writes burn a fuse. At the write where it blows any
// part of what was to be written is stored.
type mortal struct {
	crm.Store
	fuse *fuse
}

func (m mortal) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	now, err := m.fuse.burn()
	switch {
	case err != nil:
		return nil, err
	case !now:
		return m.Store.Commit(ctx, changes)
	}
	part := slices.DeleteFunc(slices.Clone(changes), func(crm.Changes) bool { return m.fuse.pick(2) == 0 })
	if _, err := m.Store.Commit(ctx, part); err != nil {
		return nil, err
	}
	return nil, errDead
}

func (m mortal) Checkpoints() crm.Checkpoints {
	return mortalCheckpoints{m.Store.Checkpoints(), m.fuse}
}

type mortalCheckpoints struct {
	crm.Checkpoints
	fuse *fuse
}

func (m mortalCheckpoints) Set(ctx context.Context, name string, value []byte, expect int) error {
	now, err := m.fuse.burn()
	switch {
	case err != nil:
		return err
	case !now:
		return m.Checkpoints.Set(ctx, name, value, expect)
	case m.fuse.pick(2) == 0: // stored, but nobody learns of it
		if err := m.Checkpoints.Set(ctx, name, value, expect); err != nil {
			return err
		}
	}
	return errDead
}
