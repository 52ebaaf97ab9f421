package crm_test

import (
	"strings"
	"testing"

	"github.com/bojanz/currency"

	"github.com/customer360/gateway/internal/crm"
)

// listOne are the codes of ISO 4217's list one, current currencies and funds, by their
// minor unit, and listThree those of list three, withdrawn, that list one does not have
// again; as published by SIX for the maintenance agency
// (https://www.six-group.com/en/products-services/financial-information/data-standards.html),
// with the amendments up to the end of the Bulgarian lev on 1 January 2026.
//
// If a minor unit changes, stored amounts must not: see crm.HadNoDigits.
var listOne = map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
		CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
		HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
		MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
		RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
		USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
}

const listThree = `ADP AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BGN BOP BRB BRC BRE
	BRN BRR BUK BYB BYR CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB ESP FIM FRF GEK GHC GHP GNE
	GNS GQE GRD GWE GWP HRD HRK IEP ILP ILR ISJ ITL LAJ LSM LTL LTT LUC LUF LUL LVL LVR MGF MLF MRO MTL
	MTP MVQ MXP MZE MZM NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR
	TMM TPE TRL UAK UGS UGW USS UYN UYP VEB VEF VNC XEU XFO XFU XRE YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC
	ZWD ZWL ZWN ZWR`

// iso4217 returns the digits of every code that a price can be in.
func iso4217() map[string]int {
	all := map[string]int{}
	for _, code := range strings.Fields(listThree) {
		all[code] = 2
	}
	for digits, codes := range listOne {
		for _, code := range strings.Fields(codes) {
			all[code] = digits
		}
	}
	return all
}

// Of all codes that three letters make, those of the lists are currencies, with
// their digits, and no other is.
func TestExponentIsISO4217(t *testing.T) {
	all := iso4217()
	if len(all) != 165+129 {
		t.Fatalf("the lists have %d codes, want 165 and 129", len(all))
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for i := range 26 * 26 * 26 {
		code := string([]byte{letters[i/676], letters[i/26%26], letters[i%26]})
		want, known := all[code]
		if got, ok := crm.Exponent(code); got != want || ok != known {
			t.Errorf("Exponent(%s) is %d, %t, want %d, %t", code, got, ok, want, known)
		}
	}
	if got := len(currency.GetCurrencyCodes()); got != 165 {
		t.Errorf("the library has %d codes, want those of list one, 165", got)
	}
}

// The currencies without digits in earlier versions have some now: else nothing would
// tell stored amounts of then from those of now.
func TestCurrenciesThatHadNoDigitsHaveSome(t *testing.T) {
	had := 0
	for code, digits := range iso4217() {
		if crm.HadNoDigits(code) {
			had++
			if digits == 0 {
				t.Errorf("%s has no digits", code)
			}
		}
	}
	if had != 31 {
		t.Errorf("%d currencies had no digits, want 31", had)
	}
}

func TestMoneyWith(t *testing.T) {
	tests := map[string]struct {
		units  int64
		digits int
		code   string
		want   int64
		ok     bool
	}{
		"dinars":              {151, 0, "RSD", 15100, true},
		"paras":               {15100, 2, "RSD", 15100, true},
		"three digits":        {-7, 0, "IQD", -7000, true},
		"more, of zeros":      {15100, 3, "RSD", 1510, true},
		"more than there are": {15101, 3, "RSD", 1510, false},
		"too much":            {1 << 62, 0, "IQD", 0, false},
		"too little":          {-1 << 62, 0, "IQD", 0, false},
		"unknown":             {5, 0, "CNH", 5, true},
	}
	for name, test := range tests {
		got, ok := crm.MoneyWith(test.units, test.digits, test.code)
		if ok != test.ok || ok && got != (crm.Money{Minor: test.want, CurrencyCode: test.code}) {
			t.Errorf("%s: %v, %t, want %d, %t", name, got, ok, test.want, test.ok)
		}
	}
}

// Sums of orders that were stored before and after a currency had digits are one.
func TestFactsOfACurrencyThatHadNoDigits(t *testing.T) {
	var f crm.CustomerFacts
	f.AddOrders(crm.OrderFacts{CurrencyCode: "RSD", Count: 2, Gross: 302, Net: 251})
	f.AddOrders(crm.OrderFacts{CurrencyCode: "RSD/2", Count: 1, Gross: 15050, Net: 15050})
	f.AddOrders(crm.OrderFacts{CurrencyCode: "GBP", Count: 1, Gross: 1399, Net: 1399})
	if len(f.Orders) != 2 || f.Orders[0] != (crm.OrderFacts{CurrencyCode: "RSD", Count: 3, Gross: 45250, Net: 40150}) || f.Orders[1].Gross != 1399 {
		t.Errorf("%+v", f.Orders)
	}
}
