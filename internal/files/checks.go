package files

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same on every machine

	"golang.org/x/text/language"

	"github.com/customer360/gateway/internal/crm"
)

var (
	numberForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	phoneForm   = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	// A plausible address: one "@", something without spaces before it, a domain
	// with a dot after it. Whether it takes mail only mail can tell.
	emailForm = regexp.MustCompile(`^[^\s@<>,;:"()]{1,64}@[^\s@<>,;:"()]+(\.[^\s@<>,;:"().]+)+$`)
)

func checkEmail(text string) string {
	if len(text) > 254 || !emailForm.MatchString(text) || strings.Contains(text, "..") {
		return "must be an email address such as name@example.com"
	}
	return ""
}

func checkPhone(text string) string {
	if !phoneForm.MatchString(text) {
		return "must be a phone number in E.164: + and 2 to 15 digits without spaces, such as +441632960123"
	}
	return ""
}

func checkCountry(text string) string {
	region, err := language.ParseRegion(text)
	if err != nil || !countryForm.MatchString(text) || !region.IsCountry() || region.Canonicalize().String() != text {
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

func checkTimeZone(text string) string {
	if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
		return "must be a time zone of the IANA database, such as Europe/London"
	}
	return ""
}

func checkDate(text string) string {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "must be a date as YYYY-MM-DD, such as 1980-02-29"
	}
	return ""
}

func checkTime(text string) string {
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "must be an instant of RFC 3339 with its offset, such as 2010-12-01T08:26:00Z"
	}
	if year := instant.UTC().Year(); year < 1 || year > 9998 {
		return "must be an instant of the years 1 to 9998"
	}
	return ""
}

func checkSource(text string) string {
	if !crm.ValidSource(text) {
		return "must be a source's name: 1 to 64 of a-z, 0-9 and -"
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

// checkAttribute returns what is wrong with the name of a custom attribute.
func checkAttribute(name string) string {
	switch {
	case name == "":
		return "an attribute's name must not be empty"
	case len(name) > 128:
		return "an attribute's name must have at most 128 bytes"
	case strings.ContainsAny(name, "$.\x00"):
		return "an attribute's name must not have $, . or NUL"
	}
	return ""
}
