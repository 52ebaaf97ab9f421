package budget_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/crm"
)

// long is how long what is waited for takes: much longer than room is kept for nothing,
// and never until the very instant in which that is looked at.
const long = time.Second + time.Millisecond

// room counts who steps aside and back.
type room struct {
	aside, back atomic.Int64
	kept        atomic.Bool   // It cannot be given.
	full        time.Duration // how long it takes to get it back
	gone        error         // why it is not got back
}

func (r *room) StepAside() bool {
	if r.kept.Load() {
		return false
	}
	r.aside.Add(1)
	return true
}

func (r *room) StepBack() error {
	time.Sleep(r.full)
	r.back.Add(1)
	return r.gone
}

func (r *room) want(t *testing.T, aside, back int64) {
	t.Helper()
	if a, b := r.aside.Load(), r.back.Load(); a != aside || b != back {
		t.Errorf("stepped aside %d times and back %d times, want %d and %d", a, b, aside, back)
	}
}

func waiting(r *room) *budget.Budget {
	b := budget.New(budget.Limits{})
	b.WhileWaiting(r)
	return b
}

// An operation that only waits is aside until what it waits for is there, and has its
// room again when it goes on; a short wait is not worth it.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{full: long}
		b := waiting(r)
		done := b.Wait()
		time.Sleep(time.Millisecond)
		done()
		time.Sleep(long)
		r.want(t, 0, 0)

		done = b.Wait()
		time.Sleep(long)
		r.want(t, 1, 0)
		begun := time.Now()
		done()
		r.want(t, 1, 1)
		if took := time.Since(begun); took != long {
			t.Errorf("it goes on after %v, want %v", took, long)
		}
		time.Sleep(long)
		r.want(t, 1, 1)
	})
}

// Of several waits each is one of its own: what goes on after the first has the room,
// and gives it back while the rest is waited for.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		b := waiting(r)
		first, second := b.Wait(), b.Wait()
		time.Sleep(long)
		first()
		r.want(t, 1, 1)
		time.Sleep(long)
		r.want(t, 2, 1)
		second()
		r.want(t, 2, 2)
		time.Sleep(long)
		r.want(t, 2, 2)
	})
}

// Nothing of an operation goes on while it is aside.
func TestNothingIsDoneAside(t *testing.T) {
	for name, work := range map[string]func(context.Context, *budget.Budget){
		"a value": func(_ context.Context, b *budget.Budget) { b.Take(1, 0) },
		"a turn": func(ctx context.Context, b *budget.Budget) {
			_, leave := b.Turn(ctx)
			leave()
		},
		"a read": func(ctx context.Context, _ *budget.Budget) {
			_, _ = budget.Store(slow{}).ByID(ctx, crm.KindOrder, nil, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &room{full: 2 * long}
				b := waiting(r)
				b.ByTurns(func() (func(), error) { return func() {}, nil })
				done := b.Wait()
				time.Sleep(long)
				begun := time.Now()
				work(budget.With(t.Context(), b), b)
				r.want(t, 1, 1)
				if took := time.Since(begun); took < r.full {
					t.Errorf("it went on after %v", took)
				}
				done()
			})
		})
	}
}

// slow is a store whose reads take long.
type slow struct{ crm.Store }

func (slow) ByID(context.Context, crm.Kind, []crm.ID, *crm.Members) (_ []crm.Record, _ error) {
	time.Sleep(long)
	return
}

func (slow) Latest(context.Context, crm.Kind, []crm.ID, *crm.Members) (_ []crm.Record, _ error) {
	time.Sleep(long)
	return
}

func (slow) List(context.Context, crm.Kind, crm.Query) (_ crm.RecordPage, _ error) {
	time.Sleep(long)
	return
}

func (slow) ListBy(context.Context, crm.Kind, []crm.Field, []crm.ID, crm.Query) (_ map[crm.ID]crm.RecordPage, _ error) {
	time.Sleep(long)
	return
}

func (slow) Count(context.Context, crm.Kind, []crm.Predicate) (_ int, _ error) {
	time.Sleep(long)
	return
}

func (slow) CountBy(context.Context, crm.Kind, []crm.Field, []crm.ID, []crm.Predicate) (_ map[crm.ID]int, _ error) {
	time.Sleep(long)
	return
}

func (slow) Facts(context.Context, []crm.ID) (_ map[crm.ID]*crm.CustomerFacts, _ error) {
	time.Sleep(long)
	return
}

func (slow) Log(context.Context, int64, int) (_ []crm.LogEntry, _ error) {
	time.Sleep(long)
	return
}

func (slow) LogEnd(context.Context) (_ crm.LogEntry, _ error) {
	time.Sleep(long)
	return
}

// call calls a method with a context and the zero of all that it wants besides.
func call(ctx context.Context, method reflect.Value) {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn(); i++ {
		in = append(in, reflect.Zero(method.Type().In(i)))
	}
	method.Call(in)
}

// Whatever an operation reads of the store is work; what else a store can do is no
// operation's.
func TestReadsAreWork(t *testing.T) {
	read := 0
	for method, value := range reflect.ValueOf(budget.Store(slow{})).Methods() {
		switch method.Name {
		case "Commit", "Migrate", "Ping", "Close", "Checkpoints", "APIKeys":
			continue
		}
		read++
		t.Run(method.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &room{}
				b := waiting(r)
				b.ByTurns(func() (func(), error) { return func() {}, nil })
				done := b.Wait()
				call(budget.With(t.Context(), b), value)
				r.want(t, 0, 0)
				done()
			})
		})
	}
	if read == 0 {
		t.Error("no reads")
	}
}

// An operation that does something besides keeps its room; so does one that holds what
// others wait for inside.
func TestWorkKeepsTheRoom(t *testing.T) {
	for name, work := range map[string]func(context.Context, *budget.Budget){
		"values": func(_ context.Context, b *budget.Budget) {
			for range 100 {
				time.Sleep(time.Millisecond)
				b.Take(1, 0)
			}
		},
		"a read": func(ctx context.Context, _ *budget.Budget) {
			_, _ = budget.Store(slow{}).ByID(ctx, crm.KindOrder, nil, nil)
		},
		"a turn": func(ctx context.Context, b *budget.Budget) {
			_, leave := b.Turn(ctx)
			time.Sleep(long)
			leave()
		},
		"waits for a turn": func(ctx context.Context, b *budget.Budget) {
			b.ByTurns(func() (func(), error) {
				time.Sleep(long)
				return func() {}, nil
			})
			_, leave := b.Turn(ctx)
			leave()
		},
		"has outgrown its price": func(_ context.Context, b *budget.Budget) {
			b.Take(2000, 0)
			time.Sleep(long)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &room{}
				b := waiting(r)
				b.Expect(budget.Limits{Values: 1000, Bytes: 1000}, func() error { return nil })
				b.ByTurns(func() (func(), error) { return func() {}, nil })
				done := b.Wait()
				work(budget.With(t.Context(), b), b)
				done()
				r.want(t, 0, 0)
				if b.Wait()(); b.Ended() {
					t.Error(b.Err())
				}
			})
		})
	}
}

// Room that cannot be given is kept, and asked for again; an operation that does not get
// its room back has ended.
func TestRoomThatIsKeptOrGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		r.kept.Store(true)
		b := waiting(r)
		done := b.Wait()
		time.Sleep(long)
		r.kept.Store(false)
		time.Sleep(long)
		r.want(t, 1, 0)
		r.gone = errors.New("gone")
		done()
		if b.Take(1, 0) || !errors.Is(b.Err(), r.gone) {
			t.Errorf("ended by %v", b.Err())
		}
	})
	var none *budget.Budget
	none.Wait()()
	budget.New(budget.Limits{}).Wait()()
}

// lasting is a shop whose every answer takes long.
type lasting struct{ crm.Shop }

func (l lasting) Under(string) crm.Shop { return l }
func (lasting) Source() string          { return "lasting" }

func (lasting) OrdersOf(context.Context, []crm.Shopper, crm.Stretch) (_ map[crm.ID]crm.ShopOrders, _ error) {
	time.Sleep(long)
	return
}

func (lasting) CountOrders(context.Context, []crm.Shopper) (_ map[crm.ID]int, _ error) {
	time.Sleep(long)
	return
}

func (lasting) OrdersByID(context.Context, []string) (_ map[string]*crm.ShopOrder, _ error) {
	time.Sleep(long)
	return
}

func (lasting) ProductsByID(context.Context, []string) (_ map[string]*crm.Product, _ error) {
	time.Sleep(long)
	return
}

func (lasting) ProductsBySKU(context.Context, []string) (_ map[string]*crm.Product, _ error) {
	time.Sleep(long)
	return
}

func (lasting) CartsOf(context.Context, []crm.Shopper) (_ map[crm.ID]crm.ShopCarts, _ error) {
	time.Sleep(long)
	return
}

// Whatever an operation asks of a shop it waits for; what is read of its changes, and
// the check of its credentials, are no operation's.
func TestShopIsWaitedFor(t *testing.T) {
	shop := budget.Shop(lasting{}).Under("")
	for method, value := range reflect.ValueOf(shop).Methods() {
		if method.Type.NumOut() < 2 || strings.HasSuffix(method.Name, "Changes") || method.Name == "Check" {
			continue
		}
		t.Run(method.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &room{}
				call(budget.With(t.Context(), waiting(r)), value)
				r.want(t, 1, 1)
			})
		})
	}
}
