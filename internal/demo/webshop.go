package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Shop is what the web shop has: the same records as the store's copies of them,
// by the shop's own names. They are shared; nobody may change them.
type Shop struct {
	Customers []*crm.ShopCustomer
	Products  []*crm.Product
	Orders    []*crm.ShopOrder
}

// GenerateShop returns the web shop alone.
func GenerateShop() (*Shop, error) {
	g, err := newGenerator()
	if err != nil {
		return nil, err
	}
	for _, s := range g.sales() {
		s()
	}
	return g.shop(), nil
}

// online says whether an order is the web shop's: those of a tenth of the numbers
// are, if their lines are known, since a shop knows what it sold. What was bought
// for an organization was not bought there.
func (inv *invoice) online() bool {
	return strings.HasSuffix(inv.number, "4") && len(inv.lines) > 0 && inv.company == nil
}

// source is where an order was placed.
func (inv *invoice) source() string {
	if inv.online() {
		return WebShop
	}
	return Source
}

// id returns the order's id, once it is known what was bought for organizations.
func (inv *invoice) id() crm.ID { return crm.DerivedID(crm.KindOrder, inv.source(), inv.number) }

// lineID names line n, from 0. The web shop's lines come sorted by it, as text.
func (inv *invoice) lineID(n int) string {
	if inv.online() {
		return fmt.Sprintf("%03d", n+1)
	}
	return strconv.Itoa(n + 1)
}

// productID returns the id of an item as the order's source sells it.
func (inv *invoice) productID(item *stockItem) crm.ID { return productID(inv.source(), item.code) }

// onlineID is what the web shop calls the buyer.
func (b *buyer) onlineID() string { return "cus_" + b.key }

// onlineSince is the day of the buyer's first order at the web shop; ok is false
// if there is none.
func (b *buyer) onlineSince() (at time.Time, ok bool) {
	for _, inv := range b.invoices {
		if inv.online() {
			return inv.day, true
		}
	}
	return time.Time{}, false
}

// boughtOnline returns the articles that the web shop has sold, by stock code.
func (g *generator) boughtOnline() []*stockItem {
	sold := make([]bool, len(g.articles))
	for _, inv := range g.invoices {
		if inv.online() {
			for _, l := range inv.lines {
				sold[l.item.index] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(g.articles), func(item *stockItem) bool { return !sold[item.index] })
}

// shop returns what the web shop has, once products, customers and orders are made.
func (g *generator) shop() *Shop {
	s := &Shop{}
	for _, p := range g.data.Products {
		if p.Source == WebShop {
			s.Products = append(s.Products, p)
		}
	}
	for _, b := range g.buyers {
		if at, ok := b.onlineSince(); ok {
			s.Customers = append(s.Customers, b.online(at))
		}
	}
	for i, inv := range g.invoices {
		if inv.online() {
			s.Orders = append(s.Orders, &crm.ShopOrder{
				Order: g.data.Orders[i],
				Buyer: crm.Buyer{ExternalID: inv.buyer.onlineID(), Email: inv.buyer.email()},
			})
		}
	}
	return s
}

// online is the buyer as the web shop knows them since a day.
func (b *buyer) online(since time.Time) *crm.ShopCustomer {
	return &crm.ShopCustomer{
		ExternalID: b.onlineID(), Email: b.email(), Phone: b.profile.Phones[0].Number,
		GivenName: *b.profile.GivenName, FamilyName: *b.profile.FamilyName,
		Addresses: []crm.Address{b.profile.Addresses[0]},
		CreatedAt: since, UpdatedAt: since,
	}
}

func (b *buyer) email() string { return crm.EmailKey(b.profile.Emails[0].Address) }

// markSynced says in the store that its copies of the web shop's records are
// those of the demo's present, as a synchronization does (internal/shopsync).
func markSynced(ctx context.Context, store crm.Store) error {
	value, err := json.Marshal(struct {
		SyncedTo time.Time `json:"syncedTo"`
	}{Now()})
	if err != nil {
		return fmt.Errorf("write when the web shop was synced: %w", err)
	}
	names := make([]string, 0, 3)
	for _, kind := range []string{"customers", "products", "orders"} {
		names = append(names, "sync/"+WebShop+"/"+kind)
	}
	before, err := store.Checkpoints().Get(ctx, names)
	if err != nil {
		return fmt.Errorf("look when the web shop was synced: %w", err)
	}
	for _, name := range names {
		if err := store.Checkpoints().Set(ctx, name, value, before[name].Version); err != nil {
			return fmt.Errorf("write when the web shop was synced: %w", err)
		}
	}
	return nil
}
