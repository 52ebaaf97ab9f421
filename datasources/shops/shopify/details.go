package shopify

import (
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
)

// part is what is left of an order beside its head.
type part int

const (
	bought part = iota
	shipped
	refunded
	returned
	parts int = iota
)

// Sizes of the connections in a part.
const (
	fewLines  = 25 // lines of each order that are asked for at first, at most
	returns   = 5  // returns of an order
	allLines  = pageLimit
	allReturn = 60 // lines of each return, at most
)

// cost is what a part of one order costs with so many lines.
func (p part) cost(lines int) int {
	switch p {
	case bought: // the order, its customer, its lines
		return 1 + 1 + connection + lines*lineCost
	case shipped: // the order, its list of fulfillments, their lines
		return 1 + 1 + connection + lines*2
	case refunded: // and what was refunded, in two objects
		return 1 + 1 + 2 + connection + lines*2
	default: // the order, its returns, their lines, each three objects
		return 1 + connection + returns*(1+connection+min(lines, allReturn)*3)
	}
}

// detail is what belongs to an order.
type detail struct {
	missing   [parts]bool
	customer  string
	lines     []admin.LineFields
	shipments map[string][]quantity // by fulfillment
	refunds   []admin.RefundedOrderRefundsRefund
	returns   []admin.ReturnedOrderReturnsReturnConnectionNodesReturn
	odd       error // why it cannot be read
}

// quantity is so many of a line.
type quantity struct {
	line string
	n    int
}

func (d *detail) complete() bool { return d.missing == [parts]bool{} }

// piece is a part of one order that is to be asked for.
type piece struct {
	part part
	id   string
}

// details fetches what belongs to some orders: their lines, and shipments, refunds
// and returns where the head says that there are any. If there is an error, what
// is complete is right nevertheless.
func (s *Shop) details(ctx context.Context, heads []admin.OrderHead) (map[string]*detail, error) {
	found := make(map[string]*detail, len(heads))
	var wanted []piece
	most := 1
	for i := range heads {
		h := &heads[i]
		if found[h.Id] != nil {
			continue
		}
		d := &detail{}
		found[h.Id] = d
		for _, p := range partsOf(h) {
			d.missing[p] = true
			wanted = append(wanted, piece{p, h.Id})
		}
		most = max(most, h.SubtotalLineItemsQuantity)
	}
	slices.SortStableFunc(wanted, func(a, b piece) int { return int(a.part) - int(b.part) })
	lines := fitting(wanted, min(most, fewLines))
	again, err := s.pieces(ctx, wanted, lines, found)
	if err != nil {
		return found, err
	}
	// Where a page was not the last, all of it is asked for.
	if again, err = s.pieces(ctx, again, allLines, found); err != nil {
		return found, err
	}
	for _, p := range again {
		if p.part != bought { // See the bounds in the package's documentation.
			found[p.id].missing[p.part] = false
			continue
		}
		if err := s.moreLines(ctx, p.id, found[p.id]); err != nil {
			return found, err
		}
	}
	return found, nil
}

// partsOf says which parts an order has.
func partsOf(h *admin.OrderHead) []part {
	has := []part{bought}
	if active(h) > 0 && !sentWhole(h) {
		has = append(has, shipped)
	}
	if givenBack(h) {
		has = append(has, refunded)
	}
	if h.ReturnStatus != admin.OrderReturnStatusNoReturn {
		has = append(has, returned)
	}
	return has
}

// givenBack says whether anything of the order was.
func givenBack(h *admin.OrderHead) bool {
	return strings.Trim(h.TotalRefunded, "0.") != "" || h.ReturnStatus != admin.OrderReturnStatusNoReturn
}

// active counts the fulfillments that stand for goods on their way.
func active(h *admin.OrderHead) (n int) {
	for _, f := range h.Fulfillments {
		if shippedAtAll(f.Status) {
			n++
		}
	}
	return n
}

// sentWhole says whether all of the order went in one shipment, so that its lines
// need not be asked for.
func sentWhole(h *admin.OrderHead) bool {
	return h.DisplayFulfillmentStatus == admin.OrderDisplayFulfillmentStatusFulfilled && active(h) == 1 && !givenBack(h)
}

// fitting returns how many lines to ask for: of the numbers that take the fewest
// requests, the largest.
func fitting(wanted []piece, most int) int {
	best, fewest := most, len(pack(wanted, most))
	for n := most - 1; n > 0 && fewest > 1; n-- {
		if k := len(pack(wanted, n)); k < fewest {
			best, fewest = n, k
		}
	}
	return best
}

// pack divides what is wanted into requests that may be asked.
func pack(wanted []piece, lines int) [][]piece {
	var packed [][]piece
	spent := 0
	for _, p := range wanted {
		cost := p.part.cost(lines)
		if len(packed) == 0 || spent+cost > maxCost || len(packed[len(packed)-1]) == pageLimit {
			packed, spent = append(packed, nil), 0
		}
		last := len(packed) - 1
		packed[last], spent = append(packed[last], p), spent+cost
	}
	return packed
}

// pieces asks for what is wanted and gives what did not fit its page.
func (s *Shop) pieces(ctx context.Context, wanted []piece, lines int, found map[string]*detail) (again []piece, err error) {
	for _, batch := range pack(wanted, lines) {
		ids, cost := [parts][]string{{}, {}, {}, {}}, 0
		for _, p := range batch {
			ids[p.part] = append(ids[p.part], p.id)
			cost += p.part.cost(lines)
		}
		client := s.without(cost, func(o oddity) {
			for id, d := range found {
				if native(id) == o.ExternalID {
					d.odd = errForm
				}
			}
		})
		a, err := admin.OrderDetails(ctx, client, ids[bought], ids[shipped], ids[refunded], ids[returned], lines, returns, min(lines, allReturn))
		if err != nil {
			return nil, err
		}
		filled := fill(a, found)
		for _, p := range batch {
			switch whole, ok := filled[p]; {
			case ok && !whole:
				again = append(again, p)
			default: // Complete, or gone meanwhile.
				found[p.id].missing[p.part] = false
			}
		}
	}
	return again, nil
}

// moreLines asks for the lines of an order that one page cannot hold.
func (s *Shop) moreLines(ctx context.Context, order string, d *detail) error {
	d.lines = nil
	var after *string
	for {
		a, err := admin.OrderLines(ctx, s.at(orderLinesCost(linesPage)), order, linesPage, after)
		if err != nil {
			return err
		}
		if a.Order == nil {
			break
		}
		page := a.Order.LineItems
		d.lines = append(d.lines, page.Nodes...)
		if !page.PageInfo.HasNextPage {
			break
		}
		if page.PageInfo.EndCursor == nil || len(page.Nodes) == 0 {
			return s.noSense("OrderLines", "a page that is not the last has no end")
		}
		after = page.PageInfo.EndCursor
	}
	d.missing[bought] = false
	return nil
}
