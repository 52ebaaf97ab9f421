package guard

import (
	"unsafe"

	"github.com/customer360/gateway/internal/crm"
)

// entrySize is about what an entry takes beside its value: the cache's own node,
// the map's slot, the tags.
const entrySize = 400

// Sizes are approximate: the structs, the texts and 32 bytes for each pointer to
// a small value.

func orderSize(o *crm.Order) int {
	if o == nil {
		return 0
	}
	n := int(unsafe.Sizeof(*o)) + len(o.ID) + len(o.Number) + len(o.Source) + len(o.ExternalID) + len(o.CustomerID) +
		texts(o.SalesChannel, o.PurchaseOrderNumber, o.PaymentTerms, o.SourceStatus) +
		64 + // The tag of the order.
		len(o.Payments)*int(unsafe.Sizeof(crm.Payment{})+32) +
		len(o.Refunds)*int(unsafe.Sizeof(crm.Refund{})+64) +
		len(o.Returns)*int(unsafe.Sizeof(crm.Return{})+96)
	for _, l := range o.Lines {
		n += lineSize(l)
	}
	for _, s := range o.Shipments {
		n += int(unsafe.Sizeof(*s)) + texts(s.Carrier, s.TrackingNumber, s.TrackingURL) + 64 + 16*len(s.Lines)
	}
	return n + addressSize(o.ShippingAddress) + addressSize(o.BillingAddress)
}

func lineSize(l *crm.OrderLine) int {
	return 8 + int(unsafe.Sizeof(*l)) + len(l.ID) + len(l.ProductID) + len(l.Title) + len(l.ProductTitle) + texts(l.SKU)
}

func addressSize(a *crm.Address) int {
	if a == nil {
		return 0
	}
	return int(unsafe.Sizeof(*a)) + len(a.Line1) + texts(a.Label, a.Name, a.Line2, a.City, a.Region, a.PostalCode, a.CountryCode)
}

func cartSize(c *crm.Cart) int {
	n := int(unsafe.Sizeof(*c)) + len(c.ID) + len(c.Source) + len(c.ExternalID) + len(c.CustomerID) + texts(c.RecoveryURL)
	for _, l := range c.Lines {
		n += lineSize(l)
	}
	return n
}

func productSize(p *crm.Product) int {
	n := entrySize + int(unsafe.Sizeof(*p)) + len(p.ID) + len(p.Source) + len(p.ExternalID) + len(p.Title) +
		texts(p.Description, p.ImageURL)
	for _, c := range p.Categories {
		n += 16 + len(c)
	}
	for _, v := range p.Variants {
		n += int(unsafe.Sizeof(v)) + len(v.SKU) + texts(v.Title) + 32
		for _, o := range v.Options {
			n += int(unsafe.Sizeof(o)) + len(o.Name) + len(o.Value)
		}
	}
	return n
}

// texts returns the size of texts that are pointed to.
func texts(of ...*string) int {
	n := 0
	for _, t := range of {
		if t != nil {
			n += 32 + len(*t)
		}
	}
	return n
}

// sizes returns the size of an entry whose value is a list.
func sizes[T any](of []*T, size func(*T) int) int {
	n := entrySize
	for _, r := range of {
		n += 8 + size(r)
	}
	return n
}
