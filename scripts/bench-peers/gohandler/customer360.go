package main

import (
	"context"
	"encoding/base64"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
)

// read is what customer-360 reads, in three waves: what hangs on the customer's id, what
// that names, and the products of the orders in the timeline.
type read struct {
	db   *inMongo
	id   string
	self *person

	sums     []sums
	orders   []orderRecord
	tickets  []ticketRecord
	open     int64
	timeline []entry
	picks    []recommendation

	owner     *named
	products  map[string]*product
	articles  map[string][]articleRecord
	talks     map[string]*interaction
	events    map[string]*bought
	opened    map[string]*numbered
	picked    map[string]*priced
	oldGoods  map[string]*product
	firstPage int
}

func (s *inMongo) customer360(ctx context.Context, id string) (any, error) {
	r := &read{db: s, id: id, firstPage: 5}
	for _, wave := range [][]func(context.Context) error{
		{r.readSelf, r.readSums, r.readOrders, r.readTickets, r.countTickets, r.readTimeline, r.readPicks},
		{r.readOwner, r.readProducts, r.readArticles, r.readTalks, r.readEvents, r.readOpened, r.readPicked},
		{r.readOldGoods},
	} {
		group, ctx := errgroup.WithContext(ctx)
		for _, read := range wave {
			group.Go(func() error { return read(ctx) })
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
		if r.self == nil {
			break
		}
	}
	return struct {
		Customer *view `json:"customer"`
	}{r.view(time.Now())}, nil
}

func either(id string, fields ...string) bson.D {
	of := make(bson.A, len(fields))
	for i, field := range fields {
		of[i] = eq(field, id)
	}
	return bson.D{{Key: "$or", Value: of}}
}

var personFields = project("displayName", "kind", "status", "lifecycleStage", "loyaltyClass", "retentionStatus", "relationshipLevel", "owner",
	"emails", "phones", "addresses", "externalIdentities", "tags", "consents.purpose", "consents.channel", "consents.status", "consents.expiresAt")

func (r *read) readSelf(ctx context.Context) (err error) {
	r.self, err = one[person](ctx, r.db.db.Collection("customers"), r.id, personFields)
	return err
}

func sumOrders(field, id string) bson.A {
	sum := func(of any) bson.D { return bson.D{{Key: "$sum", Value: of}} }
	return bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: field, Value: id}, {Key: "status", Value: bson.D{{Key: "$ne", Value: "CANCELED"}}}}}},
		bson.D{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: "$total.currencyCode"}, {Key: "orders", Value: sum(1)}, {Key: "gross", Value: sum("$total.minor")}, {Key: "net", Value: sum("$net")},
			{Key: "first", Value: bson.D{{Key: "$min", Value: "$placedAt"}}}, {Key: "last", Value: bson.D{{Key: "$max", Value: "$placedAt"}}},
		}}},
	}
}

// readSums sums up orders and open tickets over the keys of indexes.
func (r *read) readSums(ctx context.Context) error {
	union := func(from string, stages bson.A) bson.D {
		return bson.D{{Key: "$unionWith", Value: bson.D{{Key: "coll", Value: from}, {Key: "pipeline", Value: stages}}}}
	}
	count := func(where ...bson.E) bson.A {
		return bson.A{bson.D{{Key: "$match", Value: bson.D(where)}}, bson.D{{Key: "$count", Value: "open"}}}
	}
	open := bson.E{Key: "open", Value: true}
	stages := append(sumOrders("customer", r.id),
		union("orders", sumOrders("organization", r.id)),
		union("tickets", count(bson.E{Key: "customer", Value: r.id}, open)),
		union("tickets", count(bson.E{Key: "requester", Value: r.id}, open, bson.E{Key: "customer", Value: bson.D{{Key: "$ne", Value: r.id}}})),
	)
	cursor, err := r.db.db.Collection("orders").Aggregate(ctx, stages)
	if err != nil {
		return err
	}
	return cursor.All(ctx, &r.sums)
}

var orderFields = project("number", "source", "placedAt", "status", "financialStatus", "fulfillmentStatus", "total",
	"lines.title", "lines.sku", "lines.quantity", "lines.unitPrice", "lines.product",
	"shipments.carrier", "shipments.trackingNumber", "shipments.trackingUrl")

func (r *read) readOrders(ctx context.Context) (err error) {
	r.orders, err = find[orderRecord](ctx, r.db.db.Collection("orders"), either(r.id, "customer", "organization"), newest("placedAt"), r.firstPage+1, orderFields)
	return err
}

func (r *read) openTickets() bson.D {
	open := bson.E{Key: "open", Value: true}
	return bson.D{{Key: "$or", Value: bson.A{bson.D{{Key: "customer", Value: r.id}, open}, bson.D{{Key: "requester", Value: r.id}, open}}}}
}

var ticketFields = project("number", "subject", "type", "priority", "status", "version", "sla.firstResponse", "sla.resolution")

func (r *read) readTickets(ctx context.Context) (err error) {
	r.tickets, err = find[ticketRecord](ctx, r.db.db.Collection("tickets"), r.openTickets(), newest("createdAt"), 5, ticketFields)
	return err
}

func (r *read) countTickets(ctx context.Context) (err error) {
	r.open, err = r.db.db.Collection("tickets").CountDocuments(ctx, r.openTickets())
	return err
}

func (r *read) readTimeline(ctx context.Context) (err error) {
	r.timeline, err = find[entry](ctx, r.db.db.Collection("timeline"), eq("customer", r.id), newest("occurredAt"), 10,
		bson.D{{Key: "_id", Value: 0}, {Key: "event", Value: 1}, {Key: "type", Value: 1}, {Key: "kind", Value: 1}, {Key: "occurredAt", Value: 1}, {Key: "ref", Value: 1}})
	return err
}

func (r *read) readPicks(ctx context.Context) (err error) {
	r.picks, err = find[recommendation](ctx, r.db.db.Collection("recommendations"), eq("customer", r.id), newest("score"), 3,
		project("kind", "score", "reason", "product"))
	return err
}

func (r *read) readOwner(ctx context.Context) (err error) {
	if r.self.Owner != "" {
		r.owner, err = one[named](ctx, r.db.db.Collection("employees"), r.self.Owner, project("name"))
	}
	return err
}

func (r *read) goods(ctx context.Context, ids []string) (map[string]*product, error) {
	return byID(ctx, r.db.db.Collection("products"), ids, func(p *product) string { return p.ID }, project("title"))
}

func (r *read) readProducts(ctx context.Context) (err error) {
	var ids []string
	for _, o := range r.page() {
		for i := range o.Lines {
			ids = append(ids, o.Lines[i].Product)
		}
	}
	r.products, err = r.goods(ctx, ids)
	return err
}

func (r *read) readArticles(ctx context.Context) (err error) {
	ids := each(r.tickets, func(t ticketRecord) string { return t.ID })
	r.articles, err = articlesOf[articleRecord](ctx, r.db.db.Collection("tickets"), ids, 3, "visibility", "body", "createdAt")
	return err
}

// refs are what entries of a type are about.
func (r *read) refs(typename string) []string {
	var ids []string
	for _, e := range r.timeline {
		if e.Type == typename {
			ids = append(ids, e.Ref)
		}
	}
	return ids
}

func (r *read) readTalks(ctx context.Context) (err error) {
	r.talks, err = byID(ctx, r.db.db.Collection("interactions"), r.refs("Interaction"), func(i *interaction) string { return i.ID },
		project("channel", "direction", "summary"))
	return err
}

func (r *read) readEvents(ctx context.Context) (err error) {
	r.events, err = byID(ctx, r.db.db.Collection("orders"), r.refs("OrderEvent"), func(o *bought) string { return o.ID }, project("number", "lines.product"))
	return err
}

func (r *read) readOpened(ctx context.Context) (err error) {
	r.opened, err = byID(ctx, r.db.db.Collection("tickets"), r.refs("TicketEvent"), func(t *numbered) string { return t.ID }, project("number"))
	return err
}

func (r *read) readPicked(ctx context.Context) (err error) {
	if r.withheld(time.Now()) {
		r.picks = nil
	}
	ids := each(r.picks, func(p recommendation) string { return p.Product })
	r.picked, err = byID(ctx, r.db.db.Collection("products"), ids, func(p *priced) string { return p.ID }, project("title", "price"))
	return err
}

func (r *read) readOldGoods(ctx context.Context) (err error) {
	var ids []string
	for _, o := range r.events {
		for _, l := range o.Lines {
			ids = append(ids, l.Product)
		}
	}
	r.oldGoods, err = r.goods(ctx, ids)
	return err
}

// withheld says whether the customer has refused recommendations.
func (r *read) withheld(now time.Time) bool {
	for _, c := range r.self.Consents {
		if c.Purpose != "PERSONALIZATION" {
			continue
		}
		granted := c.Status == "GRANTED" || c.Status == "PENDING"
		if !granted || c.ExpiresAt != nil && !c.ExpiresAt.Time().After(now) {
			return true
		}
	}
	return false
}

// page is the orders that are shown; one more was read, to tell whether there are more.
func (r *read) page() []orderRecord { return r.orders[:min(len(r.orders), r.firstPage)] }

func cursorOf(at bson.DateTime, id string) string {
	return base64.RawURLEncoding.EncodeToString(append(strconv.AppendInt(nil, int64(at), 10), "/"+id...))
}

func (r *read) view(now time.Time) *view {
	if r.self == nil {
		return nil
	}
	at := now.UTC().Format(instant)
	v := &view{Profile: r.self.Profile, Owner: r.owner, Contacts: r.self.Contacts, Statistics: r.statistics(at)}
	v.Emails, v.Phones, v.Addresses = known(v.Emails), known(v.Phones), known(v.Addresses)
	v.ExternalIdentities, v.Tags, v.Consents = known(v.ExternalIdentities), known(v.Tags), known(v.Consents)
	v.Orders.Sources = []sourceView{{"store", "OK", at}}
	v.Orders.Edges = each(r.page(), func(o orderRecord) edge[ref] { return edge[ref]{cursorOf(o.PlacedAt, o.ID), ref{o.ID}} })
	v.Orders.Nodes = each(r.page(), r.order)
	v.Orders.PageInfo.HasNextPage = len(r.orders) > r.firstPage
	if n := len(v.Orders.Edges); n > 0 {
		v.Orders.PageInfo.EndCursor = &v.Orders.Edges[n-1].Cursor
	}
	v.Tickets = ticketsView{r.open, each(r.tickets, r.ticket)}
	v.Timeline.Nodes = each(r.timeline, r.entry)
	v.Recommendations.Nodes = each(r.picks, func(p recommendation) recommendedView {
		shown := recommendedView{p.ID, p.Kind, p.Score, p.Reason, nil}
		if of := r.picked[p.Product]; of != nil {
			shown.Product = &pricedView{of.ID, of.Title, nil}
			if of.Price != nil {
				price := of.Price.whole()
				shown.Product.Price = &price
			}
		}
		return shown
	})
	return v
}

// statistics has one entry a currency, of which the copy has one alone: pounds.
func (r *read) statistics(at string) statistics {
	s := statistics{NetSpend: []total{}, AverageOrderValue: []total{}, ComputedAt: at}
	for _, row := range r.sums {
		s.OpenTicketCount += row.Open
		if row.Orders == 0 {
			continue
		}
		s.OrderCount += row.Orders
		n := int64(row.Orders)
		s.NetSpend = append(s.NetSpend, money{row.Net, row.Currency}.whole())
		s.AverageOrderValue = append(s.AverageOrderValue, money{(2*row.Gross + n) / (2 * n), row.Currency}.whole())
		s.FirstOrderAt, s.LastOrderAt = stamp(row.First), stamp(row.Last)
	}
	return s
}

func (r *read) order(o orderRecord) orderView {
	lines := make([]lineView, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = lineView{l.Title, l.SKU, l.Quantity, l.UnitPrice.whole(), r.products[l.Product]}
	}
	return orderView{
		o.ID, o.Number, o.Source, *stamp(&o.PlacedAt), o.Status, o.FinancialStatus, o.FulfillmentStatus, o.Total.whole(), lines, known(o.Shipments),
	}
}

func (t *target) view() *targetView {
	if t == nil {
		return nil
	}
	return &targetView{stamp(t.DueAt), stamp(t.BreachedAt)}
}

func (r *read) ticket(t ticketRecord) ticketView {
	v := ticketView{ID: t.ID, Number: t.Number, Subject: t.Subject, Type: t.Type, Priority: t.Priority, Status: t.Status, Version: t.Version}
	if t.SLA != nil {
		v.SLA = &slaView{t.SLA.FirstResponse.view(), t.SLA.Resolution.view()}
	}
	v.Articles.Nodes = each(r.articles[t.ID], func(a articleRecord) articleView {
		return articleView{a.ID, a.Visibility, a.Body, *stamp(&a.CreatedAt)}
	})
	return v
}

func (r *read) entry(e entry) entryView {
	v := entryView{Typename: e.Type, ID: e.Event, Kind: e.Kind, OccurredAt: *stamp(&e.OccurredAt), Ticket: r.opened[e.Ref], interaction: r.talks[e.Ref]}
	if o := r.events[e.Ref]; o != nil {
		lines := make([]ofLineView, len(o.Lines))
		for i, l := range o.Lines {
			lines[i].Product = r.oldGoods[l.Product]
		}
		v.Order = &boughtView{o.ID, o.Number, lines}
	}
	return v
}
