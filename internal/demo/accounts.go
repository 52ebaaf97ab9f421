package demo

import (
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// account is a customer as tickets, interactions and recommendations see one:
// a buyer with all their orders, or an organization with those bought for it.
type account struct {
	key       string
	rank      int
	front     bool // the customer's tickets are in the timeline of one at the top of the list
	profile   *crm.Customer
	requester *crm.Customer // the person who asks
	invoices  []*invoice
	detailed  []*invoice // those with lines
}

// accounts returns every customer, organizations first.
func (g *generator) accounts() []account {
	list := make([]account, 0, len(g.organizations)+len(g.buyers))
	for i, o := range g.organizations {
		list = append(list, account{
			key: o.key, rank: len(g.buyers) + i, front: o.primary.rank < recent,
			profile: o.profile, requester: o.primary.profile, invoices: o.invoices,
		})
	}
	for _, b := range g.buyers {
		list = append(list, account{
			key: b.key, rank: b.rank, front: b.rank < recent,
			profile: b.profile, requester: b.profile, invoices: b.invoices,
		})
	}
	for i := range list {
		for _, inv := range list[i].invoices {
			if len(inv.lines) > 0 {
				list[i].detailed = append(list[i].detailed, inv)
			}
		}
	}
	return list
}

// invoice picks an order to talk about, mostly one with lines.
func (a *account) invoice(r *random) *invoice {
	if len(a.detailed) > 0 && r.percent(70) {
		return pick(r, a.detailed)
	}
	return pick(r, a.invoices)
}

// item picks an article of an order; nil if it has no lines but charges.
func (inv *invoice) item(r *random) (line int, item *stockItem) {
	if len(inv.lines) == 0 {
		return 0, nil
	}
	line = r.below(len(inv.lines))
	if item = inv.lines[line].item; item.service() {
		return 0, nil
	}
	return line, item
}

// fill puts an order's number and an article's title into a text.
func fill(text string, inv *invoice, item *stockItem) string {
	if inv != nil {
		text = strings.ReplaceAll(text, "{order}", inv.number)
	}
	if item != nil {
		text = strings.ReplaceAll(text, "{product}", item.title)
	}
	return text
}

// moment is a time that moves on, but never up to the demo's present.
type moment struct{ at time.Time }

// pass moves on by low to high, or by up to a third of what is left.
func (m *moment) pass(r *random, low, high time.Duration) time.Time {
	left := Now().Sub(m.at) / 3
	m.at = m.at.Add(min(r.duration(low, high), left)).Truncate(time.Millisecond)
	return m.at
}
