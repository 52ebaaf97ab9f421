package shopify

import (
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// money reads a decimal amount of Shopify's. Digits beyond the currency's are
// rounded, half away from zero: a share of a discount or a tax may have more. ok
// is false for what is no amount.
func money(amount, currency string) (m crm.Money, ok bool) {
	digits, ok := crm.Exponent(currency)
	if !ok {
		return crm.Money{}, false
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	up := false
	if len(fraction) > digits {
		if strings.Trim(fraction, "0123456789") != "" {
			return crm.Money{}, false
		}
		up = fraction[digits] >= '5'
		fraction = fraction[:digits]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	m, err := crm.ParseMoney(whole, currency)
	if err != nil {
		return crm.Money{}, false
	}
	switch {
	case up && strings.HasPrefix(amount, "-"):
		m.Minor--
	case up:
		m.Minor++
	}
	return m, true
}

// purse reads the amounts of one record and remembers whether all were amounts.
type purse struct {
	currency string
	broken   bool
}

// read reads an amount; one that is not there is nothing.
func (p *purse) read(amount *string) crm.Money {
	if amount == nil {
		return crm.Money{CurrencyCode: p.currency}
	}
	m, ok := money(*amount, p.currency)
	if !ok {
		p.broken = true
	}
	return m
}
