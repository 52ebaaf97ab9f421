package demo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// draft is a ticket in the making, with its conversation.
type draft struct {
	key      string
	random   *random
	now      moment
	topic    topic
	asker    *crm.Customer
	adviser  *crm.Employee
	inv      *invoice
	item     *stockItem
	ticket   *crm.Ticket
	articles []*crm.Article
}

// makeTickets returns every customer a ticket, and some two or three; then they
// are numbered in the order in which they were opened. Those at the top of the
// list by latest update have one, so that their newest timeline entries are not
// of tickets alone.
func (g *generator) makeTickets() {
	drafts := []*draft{}
	for _, a := range g.accounts() {
		r := newRandom("tickets", a.key)
		count := 1
		if r.percent(8) && !a.front {
			count += r.between(1, 2)
		}
		for n := 1; n <= count; n++ {
			open := r.percent(8)
			if n == 1 {
				open = r.percent(30) || a.rank < recent
			}
			drafts = append(drafts, g.ticket(&a, a.key+"/"+strconv.Itoa(n), open))
		}
	}
	slices.SortFunc(drafts, func(a, b *draft) int {
		return cmp.Or(a.ticket.CreatedAt.Compare(b.ticket.CreatedAt), strings.Compare(a.key, b.key))
	})
	g.data.Tickets = make([]*crm.Ticket, len(drafts))
	g.data.Articles = make([]*crm.Article, 0, 3*len(drafts))
	for i, d := range drafts {
		d.ticket.Number = "T-" + strconv.Itoa(100001+i)
		g.data.Tickets[i] = d.ticket
		g.data.Articles = append(g.data.Articles, d.articles...)
	}
}

func (g *generator) ticket(a *account, key string, open bool) *draft {
	r := newRandom("ticket", key)
	d := &draft{key: key, random: r, asker: a.requester}
	d.inv = a.invoice(r)
	if open {
		d.now.at = Now().Add(-r.duration(3*time.Hour, 6*day))
		d.inv = a.invoiceBefore(r, d.inv, d.now.at)
	} else {
		d.now.at = d.inv.day.Add(time.Duration(r.between(1, 25))*day + r.duration(7*time.Hour, 21*time.Hour))
	}
	if soonest := d.inv.day.Add(10 * time.Hour); d.now.at.Before(soonest) || d.now.at.After(Now().Add(-2*time.Hour)) {
		d.now.at = soonest
		d.now.pass(r, 0, 5*day)
	}
	d.about(a)
	d.adviser = g.staff.of(r, d.topic.queue)
	d.ticket.QueueID = g.staff.queues[d.topic.queue]
	if open {
		d.converseOpen()
	} else {
		d.converseClosed()
	}
	d.promise()
	return d
}

// invoiceBefore returns inv if it was placed before at, else the earliest.
func (a *account) invoiceBefore(r *random, inv *invoice, at time.Time) *invoice {
	for range 3 {
		if inv.day.Add(10 * time.Hour).Before(at) {
			return inv
		}
		inv = a.invoice(r)
	}
	return a.invoices[0]
}

// of picks one of the people of a team.
func (s *staff) of(r *random, team string) *crm.Employee {
	switch team {
	case teamWholesale:
		return pick(r, s.wholesale)
	case teamReturns:
		return pick(r, s.returns)
	case teamAccounts:
		return pick(r, s.accounts)
	default:
		return pick(r, s.care)
	}
}

// about starts the ticket with what the customer writes.
func (d *draft) about(a *account) {
	line, item := d.inv.item(d.random)
	fresh := d.now.at.Sub(d.inv.day) <= 30*day
	d.topic = topicFor(d.random, fresh, item != nil)
	if strings.Contains(d.topic.subject+d.topic.ask, "{product}") {
		d.item = item
	}
	subject := &crm.TicketSubject{OrderID: d.inv.id()}
	if d.item != nil {
		subject.LineID, subject.ProductID = d.inv.lineID(line), d.inv.productID(d.item)
	}
	priorities := []crm.TicketPriority{
		crm.TicketPriorityLow, crm.TicketPriorityNormal, crm.TicketPriorityNormal, crm.TicketPriorityNormal,
		crm.TicketPriorityHigh, crm.TicketPriorityUrgent,
	}
	channels := []crm.Channel{
		crm.ChannelEmail, crm.ChannelEmail, crm.ChannelEmail, crm.ChannelWeb, crm.ChannelWeb, crm.ChannelPhone, crm.ChannelChat,
	}
	d.ticket = &crm.Ticket{
		ID: crm.DerivedID(crm.KindTicket, generated, d.key), Subject: fill(d.topic.subject, d.inv, d.item),
		Type: ptr(d.topic.kind), Channel: ptr(pick(d.random, channels)), Priority: pick(d.random, priorities),
		Category: ptr(d.topic.category), CustomerID: a.profile.ID, RequesterID: a.requester.ID,
		Source: ptr(mark), ExternalID: ptr(d.key), Subjects: []*crm.TicketSubject{subject}, Version: 1, CreatedAt: d.now.at,
	}
	d.say(crm.ActorRef{ID: d.asker.ID}, crm.VisibilityPublic,
		"Hello,\n\n"+fill(d.topic.ask, d.inv, d.item)+"\n\nKind regards\n"+d.asker.DisplayName)
}

// say adds an article at the present moment.
func (d *draft) say(by crm.ActorRef, to crm.Visibility, body string) {
	key := d.key + "/" + strconv.Itoa(len(d.articles)+1)
	d.articles = append(d.articles, &crm.Article{
		ID: crm.DerivedID(crm.KindArticle, generated, key), TicketID: d.ticket.ID, Visibility: to,
		Channel: d.ticket.Channel, AuthorRef: by, Body: body, CreatedAt: d.now.at,
	})
	d.ticket.UpdatedAt = d.now.at
}

// answer is the company's first answer; a note goes before it at times.
func (d *draft) answer(notePercent int) {
	by := crm.ActorRef{ID: d.adviser.ID}
	d.ticket.AssigneeID = d.adviser.ID
	if d.random.percent(notePercent) {
		d.now.pass(d.random, 2*time.Minute, 90*time.Minute)
		d.say(by, crm.VisibilityInternal, fill(d.topic.note, d.inv, d.item))
	}
	d.now.pass(d.random, 5*time.Minute, 9*time.Hour)
	d.say(by, crm.VisibilityPublic,
		"Dear "+d.asker.DisplayName+",\n\n"+fill(d.topic.answer, d.inv, d.item)+"\n\nBest wishes\n"+d.adviser.Name)
	d.ticket.FirstResponseAt = ptr(d.now.at)
}

func (d *draft) converseOpen() {
	t, r := d.ticket, d.random
	switch n := r.below(100); {
	case n < 25:
		t.Status = crm.TicketStatusNew
		return
	case n < 60:
		t.Status = crm.TicketStatusOpen
		d.answer(25)
		d.now.pass(r, 30*time.Minute, day)
		d.say(crm.ActorRef{ID: d.asker.ID}, crm.VisibilityPublic, "Thank you. Could you look into it again, please? It is not solved yet.")
	case n < 85:
		t.Status = crm.TicketStatusPendingCustomer
		d.answer(20)
	default:
		t.Status = crm.TicketStatusPendingThirdParty
		d.answer(0)
		d.now.pass(r, 10*time.Minute, 3*time.Hour)
		d.say(crm.ActorRef{ID: d.adviser.ID}, crm.VisibilityInternal, "Waiting for the supplier's answer.")
	}
}

func (d *draft) converseClosed() {
	t, r := d.ticket, d.random
	d.answer(20)
	if r.percent(20) {
		d.now.pass(r, 20*time.Minute, 20*time.Hour)
		d.say(crm.ActorRef{ID: d.asker.ID}, crm.VisibilityPublic, "Thank you, that solves it.")
	}
	d.now.pass(r, 10*time.Minute, 2*day)
	t.ResolvedAt = ptr(d.now.at)
	if r.percent(4) {
		t.ReopenCount = 1
	}
	t.Status = crm.TicketStatusResolved
	if r.percent(55) {
		d.now.pass(r, time.Hour, 2*day)
		t.Satisfaction = &crm.Satisfaction{Score: score(r), RatedAt: d.now.at}
		if t.Satisfaction.Score <= 2 && r.percent(50) {
			t.Satisfaction.Comment = ptr("It took too long.")
		}
	}
	if r.percent(80) {
		t.Status = crm.TicketStatusClosed
		if r.percent(2) {
			t.Status = crm.TicketStatusMerged
		}
		d.now.pass(r, 2*day, 4*day)
		t.ClosedAt = ptr(d.now.at)
	}
	t.UpdatedAt = d.now.at
}

// score returns 1 to 5, mostly good.
func score(r *random) int {
	switch n := r.below(100); {
	case n < 46:
		return 5
	case n < 76:
		return 4
	case n < 88:
		return 3
	case n < 95:
		return 2
	default:
		return 1
	}
}
