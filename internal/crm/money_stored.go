package crm

import (
	"math"
	"strconv"
	"strings"
)

// HadNoDigits says whether the first versions of the program took a currency for one
// without digits after the point, as people use it in cash, while it has some in
// ISO 4217. Stores keep money as minor units, and what these versions have stored in
// such a currency is still there: 151 of RSD is 151 dinars, not 1.51. So money in one
// of these is stored together with its number of digits, and has none where a store
// does not say so. A currency whose digits change from now on belongs here, too.
func HadNoDigits(code string) bool {
	switch code {
	case "AFN", "ALL", "AMD", "COP", "GYD", "IQD", "KPW", "LAK", "LBP", "MMK", "MNT", "MUR", "PKR", "RSD", "SOS",
		"SYP", "UZS", "YER",
		"ADP", "BYR", "ESP", "ITL", "LUF", "MGF", "MRO", "SLL", "STD", "TMM", "TRL", "ZMK", "ZWD": // ended
		return true
	}
	return false
}

// MoneyWith returns money of which a store has kept units, digits of which are after
// the point; ok is false if the currency cannot express the same amount.
func MoneyWith(units int64, digits int, code string) (m Money, ok bool) {
	m = Money{Minor: units, CurrencyCode: code}
	now, known := Exponent(code)
	if !known {
		return m, true
	}
	for ; digits < now; digits++ {
		if m.Minor > math.MaxInt64/10 || m.Minor < math.MinInt64/10 {
			return m, false
		}
		m.Minor *= 10
	}
	for ; digits > now; digits-- {
		if m.Minor%10 != 0 {
			return m, false
		}
		m.Minor /= 10
	}
	return m, true
}

// currencyKey is the key of a currency that sums of minor units are grouped by: its
// code, and for one that HadNoDigits the digits of the summands, as in "RSD/2".
func currencyKey(code string) string {
	if !HadNoDigits(code) {
		return code
	}
	digits, _ := Exponent(code)
	return code + "/" + strconv.Itoa(digits)
}

// AddOrders adds what is known of orders under one key of FieldCurrency, which stands
// in CurrencyCode.
func (f *CustomerFacts) AddOrders(more OrderFacts) {
	code, written, _ := strings.Cut(more.CurrencyCode, "/")
	more.CurrencyCode = code
	if HadNoDigits(code) {
		digits, _ := strconv.Atoi(written) // None, unless they are written.
		gross, _ := MoneyWith(more.Gross, digits, code)
		net, _ := MoneyWith(more.Net, digits, code)
		more.Gross, more.Net = gross.Minor, net.Minor
	}
	for i := range f.Orders {
		if f.Orders[i].CurrencyCode == code {
			f.Orders[i].add(more)
			return
		}
	}
	f.Orders = append(f.Orders, more)
}

func (o *OrderFacts) add(more OrderFacts) {
	o.Count += more.Count
	o.Gross += more.Gross
	o.Net += more.Net
	if more.First.Before(o.First) {
		o.First = more.First
	}
	if more.Last.After(o.Last) {
		o.Last = more.Last
	}
}
