package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// country is where customers live: code is ISO 3166-1 alpha-2, language BCP 47,
// zone IANA; names says in which list of the lexicon its people's names are.
type country struct {
	name, code, language, zone, names string
	cities                            []city
	streets                           []string
	numberFirst                       bool // 12 Mill Lane, not Hauptstraße 12
}

// city is a place with the beginning of its postal codes; landline is the
// beginning of the numbers that Ofcom keeps for drama there.
type city struct{ name, postal, landline string }

// elsewhere and mobile are Ofcom's ranges for drama that belong to no city, each
// with three digits to follow ("Numbers for drama use", ofcom.org.uk).
const (
	elsewhere = "+441632960"
	mobile    = "+447700900"
)

// countries returns every country of the data set. Its lines say "Channel
// Islands", which has no code of its own: Jersey stands for them.
func countries() []country {
	british := strings.Split("High Street|Mill Lane|Church Road|Station Road|Victoria Street|Green Lane|Park Avenue|Orchard Close|Queens Road|Manor Way|The Crescent|Bridge Street|Chapel Hill|Elm Grove", "|")
	return []country{
		{home, "GB", "en-GB", "Europe/London", "en", []city{
			{"London", "E8 ", "+442079460"},
			{"Leeds", "LS6 ", "+441134960"},
			{"Sheffield", "S10 ", "+441144960"},
			{"Nottingham", "NG7 ", "+441154960"},
			{"Leicester", "LE2 ", "+441164960"},
			{"Bristol", "BS6 ", "+441174960"},
			{"Reading", "RG1 ", "+441184960"},
			{"Birmingham", "B13 ", "+441214960"},
			{"Edinburgh", "EH9 ", "+441314960"},
			{"Glasgow", "G12 ", "+441414960"},
			{"Liverpool", "L17 ", "+441514960"},
			{"Manchester", "M20 ", "+441614960"},
			{"Cardiff", "CF10 ", "+442920180"},
			{"Norwich", "NR2 ", elsewhere},
			{"Exeter", "EX4 ", elsewhere},
			{"York", "YO10 ", elsewhere},
			{"Bath", "BA2 ", elsewhere},
			{"Brighton", "BN1 ", elsewhere},
		}, british, true},
		{"Germany", "DE", "de-DE", "Europe/Berlin", "de", []city{{"Hamburg", "202", ""}, {"Köln", "506", ""}, {"München", "803", ""}}, streets("Hauptstraße|Gartenweg|Bahnhofstraße|Lindenallee"), false},
		{"France", "FR", "fr-FR", "Europe/Paris", "fr", []city{{"Lyon", "690", ""}, {"Nantes", "440", ""}, {"Orléans", "450", ""}}, streets("rue de l'Église|avenue des Tilleuls|rue du Marché"), true},
		{"EIRE", "IE", "en-IE", "Europe/Dublin", "en", []city{{"Dublin", "D08 X", ""}, {"Cork", "T12 X", ""}}, british, true},
		{"Spain", "ES", "es-ES", "Europe/Madrid", "south", []city{{"Málaga", "290", ""}, {"Valencia", "460", ""}}, streets("Calle Mayor|Calle del Sol|Avenida de España"), false},
		{"Norway", "NO", "nb-NO", "Europe/Oslo", "north", []city{{"Oslo", "0", ""}, {"Tromsø", "90", ""}}, streets("Storgata|Skolegata|Fjordveien"), false},
		{"Portugal", "PT", "pt-PT", "Europe/Lisbon", "south", []city{{"Lisboa", "1100-", ""}, {"Porto", "4000-", ""}}, streets("Rua Direita|Rua da Praça"), false},
		{"Belgium", "BE", "nl-BE", "Europe/Brussels", "fr", []city{{"Gent", "90", ""}, {"Liège", "40", ""}}, streets("Kerkstraat|Stationsstraat"), false},
		{"Cyprus", "CY", "el-CY", "Asia/Nicosia", "south", []city{{"Larnaca", "60", ""}, {"Paphos", "80", ""}}, streets("Aphrodite Street|Harbour Road"), true},
		{"Australia", "AU", "en-AU", "Australia/Sydney", "en", []city{{"Sydney", "20", ""}}, british, true},
		{"Netherlands", "NL", "nl-NL", "Europe/Amsterdam", "de", []city{{"Utrecht", "35", ""}, {"Delft", "26", ""}}, streets("Dorpsstraat|Molenweg"), false},
		{"Japan", "JP", "ja-JP", "Asia/Tokyo", "ja", []city{{"Tōkyō", "100-0", ""}}, streets("Sakura-dōri|Midori-chō"), true},
		{"Switzerland", "CH", "de-CH", "Europe/Zurich", "de", []city{{"Zürich", "80", ""}, {"Genève", "12", ""}}, streets("Seestrasse|Dorfstrasse"), false},
		{"Italy", "IT", "it-IT", "Europe/Rome", "south", []city{{"Bologna", "401", ""}, {"Forlì", "471", ""}}, streets("Via Roma|Via Garibaldi"), false},
		{"Sweden", "SE", "sv-SE", "Europe/Stockholm", "north", []city{{"Malmö", "211 ", ""}, {"Göteborg", "411 ", ""}}, streets("Storgatan|Skolgatan"), false},
		{"Lithuania", "LT", "lt-LT", "Europe/Vilnius", "east", []city{{"Vilnius", "LT-011", ""}}, streets("Gedimino gatvė|Žalioji gatvė"), false},
		{"Iceland", "IS", "is-IS", "Atlantic/Reykjavik", "north", []city{{"Reykjavík", "1", ""}}, streets("Laugavegur|Skólavörðustígur"), false},
		{"Denmark", "DK", "da-DK", "Europe/Copenhagen", "north", []city{{"København", "21", ""}, {"Århus", "80", ""}}, streets("Nørregade|Søndergade"), false},
		{"Channel Islands", "JE", "en-GB", "Europe/Jersey", "en", []city{{"Saint Helier", "JE2 ", ""}}, british, true},
		{"Finland", "FI", "fi-FI", "Europe/Helsinki", "north", []city{{"Jyväskylä", "401", ""}}, streets("Koulukatu|Hämeenkatu"), false},
		{"Poland", "PL", "pl-PL", "Europe/Warsaw", "east", []city{{"Kraków", "30-", ""}, {"Łódź", "90-", ""}}, streets("ulica Długa|ulica Różana"), false},
		{"Austria", "AT", "de-AT", "Europe/Vienna", "de", []city{{"Wien", "10", ""}, {"Graz", "80", ""}}, streets("Ringstraße|Kärntner Weg"), false},
	}
}

func streets(list string) []string { return strings.Split(list, "|") }

// address returns an address in the country and the city it is in.
func (c *country) address(r *random, label, name string) (crm.Address, city) {
	town := pick(r, c.cities)
	line, number := pick(r, c.streets), strconv.Itoa(r.between(1, 148))
	if c.numberFirst {
		line = number + " " + line
	} else {
		line += " " + number
	}
	return crm.Address{
		Label: ptr(label), Name: ptr(name), Line1: line, City: ptr(town.name),
		PostalCode: ptr(c.postalCode(r, town)), CountryCode: ptr(c.code),
	}, town
}

func (c *country) postalCode(r *random, town city) string {
	switch c.code {
	case "GB", "JE":
		const letters = "ABDEFGHJLNPQRSTUWXYZ"
		return town.postal + strconv.Itoa(r.between(1, 9)) + string(letters[r.below(20)]) + string(letters[r.below(20)])
	case "IE", "PL", "PT", "JP":
		return town.postal + fmt.Sprintf("%03d", r.between(1, 999))
	default:
		return town.postal + fmt.Sprintf("%02d", r.between(1, 99))
	}
}

// phones returns a landline and for most a mobile number, all of them from the
// ranges kept for drama: they repeat among customers. Customers abroad carry
// the ranges without a city too, for want of one in most countries.
func phones(r *random, town city, mobilePercent int) []crm.PhoneNumber {
	prefix := town.landline
	if prefix == "" {
		prefix = elsewhere
	}
	list := []crm.PhoneNumber{{Number: drama(r, prefix), Verified: r.percent(70), Primary: true}}
	if r.percent(mobilePercent) {
		list = append(list, crm.PhoneNumber{Number: drama(r, mobile), Verified: r.percent(85)})
	}
	return list
}

func drama(r *random, prefix string) string {
	return prefix + fmt.Sprintf("%03d", r.below(1000))
}
