package medusa

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// decimal is a JSON number of a sensible size. Small ones come with an exponent.
var decimal = regexp.MustCompile(`^-?[0-9]{1,21}(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,2})?$`)

// purse reads amounts of one currency. It remembers the first that it could not
// read, so that a record is converted whole and judged at its end.
type purse struct {
	code   string
	factor *big.Int // minor units in a major one
	err    error
}

// newPurse reads amounts of a currency as Medusa writes it, in lower case.
func newPurse(code string) *purse {
	code = strings.ToUpper(code)
	digits, ok := crm.Exponent(code)
	p := &purse{code: code, factor: new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)}
	if !ok {
		p.err = errors.New("a currency is not one of ISO 4217")
	}
	return p
}

// exact reads a number; a missing one is 0.
func (p *purse) exact(n json.Number) *big.Rat {
	if n == "" {
		return new(big.Rat)
	}
	amount, ok := new(big.Rat), decimal.MatchString(string(n))
	if ok {
		amount, ok = amount.SetString(string(n))
	}
	if !ok {
		p.fail("an amount is no decimal number")
		return new(big.Rat)
	}
	return amount
}

// round returns an amount in minor units. Medusa keeps as many digits as come out
// of a calculation: they are rounded half away from zero.
func (p *purse) round(amount *big.Rat) crm.Money {
	scaled := new(big.Rat).Mul(amount, new(big.Rat).SetInt(p.factor))
	twice := new(big.Int).Lsh(scaled.Num(), 1)
	half := new(big.Int).Set(scaled.Denom())
	if twice.Sign() < 0 {
		half.Neg(half)
	}
	minor := twice.Add(twice, half)
	minor.Quo(minor, new(big.Int).Lsh(scaled.Denom(), 1)) // Quo cuts towards zero.
	if !minor.IsInt64() {
		p.fail("an amount is too large")
		return crm.Money{CurrencyCode: p.code}
	}
	return crm.Money{Minor: minor.Int64(), CurrencyCode: p.code}
}

// money reads an amount.
func (p *purse) money(n json.Number) crm.Money { return p.round(p.exact(n)) }

// finer says whether a number has more digits than amounts of the currency.
func (p *purse) finer(n json.Number) bool {
	return !new(big.Rat).Mul(p.exact(n), new(big.Rat).SetInt(p.factor)).IsInt()
}

// count reads a quantity, which must be a whole number.
func (p *purse) count(n json.Number) int {
	amount := p.exact(n)
	if !amount.IsInt() || !amount.Num().IsInt64() || amount.Num().Int64() > 1<<31-1 || amount.Sign() < 0 {
		p.fail("a quantity is no count")
		return 0
	}
	return int(amount.Num().Int64())
}

func (p *purse) fail(what string) {
	if p.err == nil {
		p.err = errors.New(what)
	}
}

// charge is what an item or a shipping method costs, before anything is rounded
// and without what was returned later: without tax, discount without tax, tax.
type charge struct {
	subtotal, discount, tax *big.Rat
}

// charge follows Medusa's getLineItemTotals (@medusajs/utils, totals): the tax is
// on what is left after the discount; tax in a price is taken out by division.
func (p *purse) charge(amount *big.Rat, inclusive bool, taxes []taxLine, adjustments []adjustment) charge {
	rate := new(big.Rat)
	for _, t := range taxes {
		rate.Add(rate, p.exact(t.Rate))
	}
	rate.Quo(rate, big.NewRat(100, 1))
	gross := new(big.Rat).Add(rate, big.NewRat(1, 1))
	net := func(amount *big.Rat, inclusive bool) *big.Rat {
		if inclusive && gross.Sign() > 0 {
			return new(big.Rat).Quo(amount, gross)
		}
		return amount
	}
	c := charge{subtotal: net(amount, inclusive), discount: new(big.Rat)}
	for _, a := range adjustments {
		p.add(c.discount, net(p.exact(a.Amount), a.IsTaxInclusive))
	}
	c.tax = new(big.Rat).Sub(c.subtotal, c.discount)
	c.tax.Mul(c.tax, rate)
	return c
}

// finest bounds the denominator of a sum in bits. Each rate of tax that was taken
// out of a price adds a factor to it, a few bits for those that there are; numbers
// without end would take hours to add.
const finest = 4096

// add adds an amount to a sum, as long as the sum can be read.
func (p *purse) add(sum, amount *big.Rat) {
	if sum.Denom().BitLen() > finest {
		p.fail("amounts have too many digits to be added")
		return
	}
	sum.Add(sum, amount)
}

// total is what was to be paid.
func (c charge) total() *big.Rat {
	total := new(big.Rat).Sub(c.subtotal, c.discount)
	return total.Add(total, c.tax)
}
