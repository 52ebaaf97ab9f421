package crm

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same on every machine
	"unicode"

	"golang.org/x/text/language"
)

// Bounds of what a record may hold, alike for every writer.
const (
	// MaxText bounds a text that people write, in characters.
	MaxText = 100_000
	// MaxWord bounds a text that something is found or told apart by, in characters.
	MaxWord = 1000
	// MaxExternalID bounds what another system calls something, in bytes.
	MaxExternalID = 256
	// MaxElements bounds a list.
	MaxElements = 10_000
	// MaxNumber bounds a whole number.
	MaxNumber = 1_000_000_000
	// MaxMinor bounds money in minor units, either way: the sum of as many as a
	// record can have still fits into 64 bits.
	MaxMinor = 100_000_000_000_000
	// MaxAttributes bounds the custom attributes of a record, counting each member of
	// an object among their values.
	MaxAttributes = 1000
	// MaxAttributeName is in bytes.
	MaxAttributeName = 128
	// MaxAttributeDepth bounds how deep objects and lists stand in each other in the
	// value of a custom attribute.
	MaxAttributeDepth = 12
	// MaxDigits bounds a number in the value of a custom attribute, in characters.
	MaxDigits = 100
)

// Rule is what holds for each value of a member.
type Rule struct {
	// Needed says that it must be given; numbers are always there.
	Needed bool
	// Stated says that a file must not leave it out: 0 has to be said.
	Stated bool
	// Most bounds a text in characters.
	Most int
	// Low and High bound a number; both are within the bounds.
	Low, High int64
	// Refers is the kind of record that a reference names; "" is any.
	Refers Kind
	// Actor says that a reference names an employee, a customer or a partner app.
	Actor bool
	// Exists says that a record which comes in a file must find what it refers to in
	// the store. Parents (Description.Keys) must exist for stores too.
	Exists bool
	// Role is what the record referred to must be (RoleOf); "" is anything.
	Role string

	// Same says of a list that several systems add to how its elements are told apart:
	// each way is members that together name an element, the first that two elements
	// both have something of counts; a list of texts has one way without members. nil is
	// a list that is replaced whole.
	Same [][]string
	// Shared says of a part that several systems add to that each of its members is said
	// by itself; else the part is replaced whole.
	Shared bool
	// Sole is a member of such elements that only one of them may have as true.
	Sole string
	// Anew is a member of such elements whose change makes another thing of the
	// element: what is not said of it then is not known.
	Anew string

	// attribute says that a JSON value is a custom attribute's, with the bounds of those.
	attribute bool

	check func(text string) (reason string)
	clean func(text string) string
	// fold makes equal texts of those that name the same; nil is each itself.
	fold func(text string) string
}

// sharedRules are those of types that several kinds hold. The other rules that do
// not follow from a member's type stand in the descriptions (Description.Rules). It
// is never written to.
var sharedRules = map[string]Rule{
	"Address.countryCode": {Most: MaxWord, check: checkCountry},
	"Address.label":       {fold: TextKey},
	"Address.line1":       {fold: TextKey},
	"Address.postalCode":  {fold: TextKey},
	"ActorRef.id":         {Actor: true},
	"ActorRef.system":     {Most: MaxWord},
}

// maxEmail is 64 characters before the @ and 255 behind it (RFC 5321).
const maxEmail = 320

// checkEmail refuses what cannot be meant as an address: one without an @, without
// something on both sides of it, or with white space that no quotes stand around. Whether
// it takes mail only mail can tell; systems hold addresses that standards forbid, such as
// a..b@example.com.
func checkEmail(text string) string {
	at := strings.LastIndexByte(text, '@')
	seen := text
	if at > 1 && text[0] == '"' && text[at-1] == '"' { // "john doe"@example.com
		seen = strings.ReplaceAll(text[:at], " ", "") + text[at:]
	}
	if at < 1 || at == len(text)-1 || strings.ContainsFunc(seen, func(r rune) bool { return unicode.IsSpace(r) || unprintable(r) && !joins(r) }) {
		return "must be an email address such as name@example.com"
	}
	return ""
}

// checkPhone refuses what cannot be meant as a phone number: one without a digit.
func checkPhone(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return "must be a phone number, best in E.164, such as +441632960123"
	}
	return ""
}

var phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// cleanPhone writes a number with its country code in E.164: without the signs that
// people put between digits, without a trunk prefix in brackets, with + instead
// of 00. Any other is kept as it is: nobody can tell which country it is of, or an
// extension follows.
func cleanPhone(text string) string {
	text = strings.TrimSpace(narrow(withoutInvisible(text)))
	number := phoneDigits(strings.Replace(text, "(0)", "", 1))
	if rest, international := strings.CutPrefix(number, "00"); international {
		number = "+" + rest
	}
	if phoneForm.MatchString(number) {
		return number
	}
	return text
}

// phoneDigits takes out the spaces, hyphens, dots, slashes and brackets that people
// write between digits.
func phoneDigits(number string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()\u00a0\u2010\u2011\u202f", r) {
			return -1
		}
		return r
	}, number)
}

// country returns the code of ISO 3166-1 alpha-2 that a text means: in any case, of
// three letters or three digits, or one that CLDR knows as an alias (UK is GB).
func country(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) != 2 && len(text) != 3 {
		return "", false
	}
	region, err := language.ParseRegion(text)
	if err != nil {
		return "", false
	}
	if region = region.Canonicalize(); !region.IsCountry() || len(region.String()) != 2 {
		return "", false
	}
	return region.String(), true
}

func checkCountry(text string) string {
	if code, ok := country(text); !ok || code != text {
		return "must be a country of ISO 3166-1 as two capitals, such as GB"
	}
	return ""
}

func checkLanguage(text string) string {
	if _, err := language.Parse(text); err != nil || text == "" || strings.Contains(text, "_") {
		return "must be a language tag of BCP 47, such as en or de-CH"
	}
	return ""
}

// cleanLanguage writes the locales of many systems, such as en_GB, as BCP 47 does.
func cleanLanguage(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "_", "-")
}

func checkTimeZone(text string) string {
	if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
		return "must be a time zone of the IANA database, such as Europe/London"
	}
	return ""
}

func checkDate(text string) string {
	if day, err := time.Parse(time.DateOnly, text); err != nil || outOfRange(day) {
		return "must be a date as YYYY-MM-DD, such as 1980-02-29"
	}
	return ""
}

// outOfRange says whether an instant cannot be written down in every time zone.
func outOfRange(t time.Time) bool {
	year := t.UTC().Year()
	return year < 1 || year > 9998
}

func checkSource(text string) string {
	if !ValidSource(text) {
		return "must be a source's name: 1 to 64 of a-z, 0-9 and -"
	}
	return ""
}

func checkExternalID(text string) string {
	if len(text) > MaxExternalID {
		return "must have at most 256 bytes"
	}
	return ""
}

func checkURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return "must be a URL that begins with https:// or http://"
	}
	return ""
}

// CheckAttributeName returns what is wrong with the name of a custom attribute, or of
// a member inside of one; "" is nothing.
func CheckAttributeName(name string) string {
	switch {
	case name == "":
		return "an attribute's name must not be empty"
	case len(name) > MaxAttributeName:
		return "an attribute's name must have at most 128 bytes"
	case strings.ContainsAny(name, "$.\x00"):
		return "an attribute's name must not have $, . or NUL"
	}
	return ""
}
