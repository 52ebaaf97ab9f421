package guard_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func TestTheCacheIsBounded(t *testing.T) {
	const n = 600
	var all []*crm.ShopOrder
	for i := range n { // About 20 kB each, 12 MB in all.
		o := orders(1, 1)[0]
		o.Order.ExternalID = fmt.Sprint(i)
		o.Order.Lines[0].Title = strings.Repeat("x", 20000)
		all = append(all, o)
	}
	for _, c := range []struct {
		name           string
		bytes, entries int
		most           int
	}{
		{"in bytes", 4 << 20, 0, 210},
		{"in entries", 32 << 20, 50, 50},
		{"to nothing", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := cached()
			s.CacheBytes, s.CacheEntries = c.bytes, c.entries
			raw := shoptest.New("shop-one", all)
			shop := wrap(raw, s, nil)
			defer shop.Close()
			before := heap()
			for i := range n {
				if _, err := title(t, shop, fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
			}
			raw.Forget()
			grown := int64(heap()) - int64(before)
			if limit := int64(c.most)*23000 + 1<<20; grown > limit {
				t.Errorf("the heap has grown by %d bytes, want at most %d", grown, limit)
			}
			kept := 0
			for i := range n {
				before := raw.Calls()
				if _, err := title(t, shop, fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
				if raw.Calls() == before {
					kept++
				}
			}
			if kept > 2*c.most {
				t.Errorf("%d answers were kept, want about %d", kept, c.most)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
