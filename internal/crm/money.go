package crm

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an amount in the minor units of an ISO 4217 currency: {1399, "GBP"}
// is 13.99 pounds, {1399, "JPY"} 1,399 yen.
type Money struct {
	Minor        int64
	CurrencyCode string
}

// Decimal is a decimal number as text: exact, with as many digits after the
// point as the currency has ("13.99", "1399", "1.399").
type Decimal string

// Exponent returns the number of digits after the point of an ISO 4217 currency
// (GBP 2, JPY 0, KWD 3); ok is false if code is none. Current currencies have the
// minor unit of ISO 4217's list one. Those that have ended are still the currency of
// old orders; ISO publishes no minor units of them, so they have two digits, which
// every amount in them can be written with. Codes of list one without a minor unit
// (gold, XTS for tests, XXX for no currency) are none that a price can be in.
func Exponent(code string) (digits int, ok bool) {
	if digits, ok := currency.GetDigits(code); ok {
		return int(digits), true
	}
	if hasEnded(code) {
		return endedDigits, true
	}
	return 0, false
}

// endedDigits are the digits after the point of a currency that has ended.
const endedDigits = 2

// endedCodes are the codes of ISO 4217's list three, of what has been withdrawn, that
// list one does not have again.
const endedCodes = "ADP AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BGN BOP BRB BRC " +
	"BRE BRN BRR BUK BYB BYR CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB ESP FIM FRF GEK GHC GHP GNE GNS GQE " +
	"GRD GWE GWP HRD HRK IEP ILP ILR ISJ ITL LAJ LSM LTL LTT LUC LUF LUL LVL LVR MGF MLF MRO MTL MTP MVQ MXP MZE MZM " +
	"NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM TPE TRL UAK UGS UGW USS UYN " +
	"UYP VEB VEF VNC XEU XFO XFU XRE YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR"

func hasEnded(code string) bool {
	return len(code) == 3 && !strings.Contains(code, " ") && strings.Contains(endedCodes, code)
}

// Amount returns the amount as a decimal with the currency's own exponent.
func (m Money) Amount() Decimal { return Decimal(m.AppendAmount(nil)) }

// AppendAmount appends what Amount returns.
func (m Money) AppendAmount(dst []byte) []byte {
	digits, known := Exponent(m.CurrencyCode)
	if !known {
		digits = endedDigits // An earlier version may have stored it, with as many.
	}
	abs := uint64(m.Minor)
	if m.Minor < 0 {
		dst, abs = append(dst, '-'), -abs
	}
	var room [20]byte
	text := strconv.AppendUint(room[:0], abs, 10)
	if digits == 0 {
		return append(dst, text...)
	}
	if len(text) <= digits {
		dst = append(dst, '0', '.')
		for range digits - len(text) {
			dst = append(dst, '0')
		}
		return append(dst, text...)
	}
	return append(append(append(dst, text[:len(text)-digits]...), '.'), text[len(text)-digits:]...)
}

var decimalForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$`)

// ParseMoney reads a decimal amount of a currency. More digits than the
// currency has are refused unless they are zeros: nothing is rounded.
func ParseMoney(amount, code string) (Money, error) {
	digits, ok := Exponent(code)
	if !ok {
		return Money{}, Invalid("a currency code must be one of ISO 4217 in capitals, such as EUR")
	}
	if !decimalForm.MatchString(amount) {
		return Money{}, Invalid("an amount must be a decimal number such as 13.99, with at most 18 digits before the point")
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	if strings.Trim(fraction[min(digits, len(fraction)):], "0") != "" {
		return Money{}, Invalid(fmt.Sprintf("an amount in %s has at most %d digits after the point", code, digits))
	}
	fraction = (fraction + "000000")[:digits]
	minor, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return Money{}, Invalid("an amount must be at most " + strconv.FormatInt(math.MaxInt64, 10) + " minor units")
	}
	return Money{Minor: minor, CurrencyCode: code}, nil
}

// Add returns m + n; adding two currencies is a bug and panics.
func (m Money) Add(n Money) Money {
	if m.CurrencyCode != n.CurrencyCode {
		panic("crm: adding two currencies")
	}
	return Money{Minor: m.Minor + n.Minor, CurrencyCode: m.CurrencyCode}
}
