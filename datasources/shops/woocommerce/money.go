package woocommerce

import (
	"errors"
	"math/big"
	"regexp"

	"github.com/customer360/gateway/internal/crm"
)

var decimal = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,20})?$`)

var (
	errAmount = errors.New("an amount is no decimal number")
	errDigits = errors.New("an amount has more digits after the point than its currency")
)

// purse reads amounts of one currency. It remembers the first that it could not
// read, so that a record is converted whole and judged at its end.
type purse struct {
	code   string
	factor *big.Int // minor units in a major one
	err    error
}

func newPurse(code string) *purse {
	digits, ok := crm.Exponent(code)
	p := &purse{code: code, factor: new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)}
	if !ok {
		p.err = errors.New("a currency is not one of ISO 4217")
	}
	return p
}

// exact reads an amount in major units; "" is nothing.
func (p *purse) exact(text string) *big.Rat {
	if text == "" {
		return new(big.Rat)
	}
	amount, ok := new(big.Rat), decimal.MatchString(text)
	if ok {
		amount, ok = amount.SetString(text)
	}
	if !ok {
		p.fail(errAmount)
		return new(big.Rat)
	}
	return amount
}

// round returns an amount in minor units, rounded half away from zero: for what is
// calculated, such as a share of a tax or the price of one of several.
func (p *purse) round(amount *big.Rat) crm.Money {
	scaled := new(big.Rat).Mul(amount, new(big.Rat).SetInt(p.factor))
	twice := new(big.Int).Mul(scaled.Num(), big.NewInt(2))
	half := new(big.Int).Set(scaled.Denom())
	if twice.Sign() < 0 {
		half.Neg(half)
	}
	minor := twice.Add(twice, half)
	minor.Quo(minor, new(big.Int).Mul(scaled.Denom(), big.NewInt(2))) // Quo cuts towards zero.
	if !minor.IsInt64() {
		p.fail(errAmount)
		return crm.Money{CurrencyCode: p.code}
	}
	return crm.Money{Minor: minor.Int64(), CurrencyCode: p.code}
}

// money reads an amount that the shop has calculated, and rounds it.
func (p *purse) money(text string) crm.Money { return p.round(p.exact(text)) }

// paid reads an amount that somebody paid, is asked for or got back: nobody can pay
// more digits than the currency has, so nothing is rounded.
func (p *purse) paid(text string) crm.Money {
	amount := p.exact(text)
	if !new(big.Rat).Mul(amount, new(big.Rat).SetInt(p.factor)).IsInt() {
		p.fail(errDigits)
	}
	return p.round(amount)
}

func (p *purse) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}
