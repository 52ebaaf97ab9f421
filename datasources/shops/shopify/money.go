package shopify

import (
	"errors"
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

// purse reads the amounts of one record. It remembers the first that it could not
// read, so that a record is converted whole and judged at its end.
type purse struct {
	currency string
	err      error
}

// read reads an amount that the shop has calculated; one that is not there is nothing.
func (p *purse) read(amount *string) crm.Money {
	if amount == nil {
		return crm.Money{CurrencyCode: p.currency}
	}
	m, ok := money(*amount, p.currency)
	if !ok {
		p.fail("an amount is no decimal number of a currency of ISO 4217")
	}
	return m
}

// paid reads an amount that somebody paid, is asked for or got back: nobody can pay
// more digits than the currency has, so nothing is rounded.
func (p *purse) paid(amount string) crm.Money {
	m := p.read(&amount)
	if _, fraction, _ := strings.Cut(amount, "."); len(strings.TrimRight(fraction, "0")) > digitsOf(p.currency) {
		p.fail("an amount has more digits after the point than its currency")
	}
	return m
}

func (p *purse) fail(what string) {
	if p.err == nil {
		p.err = errors.New(what)
	}
}

func digitsOf(currency string) int {
	digits, _ := crm.Exponent(currency)
	return digits
}
