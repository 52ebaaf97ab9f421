package crm

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same on every machine

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

	check func(text string) (reason string)
	clean func(text string) string
}

// rules are those that do not follow from a member's type, by type and member.
// Whatever is not here is a text of at most MaxText characters, a whole number from
// 0 to MaxNumber, a number from 0 to 1, or what its type says. It is never written
// to.
var rules = map[string]Rule{
	"Team.name": {Needed: true}, "Team.createdAt": {Needed: true}, "Team.updatedAt": {Needed: true},

	"PartnerApp.name": {Needed: true}, "PartnerApp.createdAt": {Needed: true}, "PartnerApp.updatedAt": {Needed: true},

	"Employee.name": {Needed: true}, "Employee.createdAt": {Needed: true}, "Employee.updatedAt": {Needed: true},
	"Employee.email": {Most: maxEmail, check: checkEmail, clean: strings.TrimSpace},
	"Employee.team":  {Refers: KindTeam},

	"Customer.displayName": {Needed: true},
	"Customer.createdAt":   {Needed: true},
	"Customer.updatedAt":   {Needed: true},
	"Customer.version":     {Low: 1, High: MaxNumber},
	"Customer.owner":       {Refers: KindEmployee},
	"Customer.referredBy":  {Refers: KindCustomer, Exists: true},
	"Customer.parent":      {Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
	"Customer.language":    {Most: MaxWord, check: checkLanguage, clean: cleanLanguage},
	"Customer.timeZone":    {Most: MaxWord, check: checkTimeZone},
	"Customer.birthday":    {Most: MaxWord, check: checkDate},
	"Customer.tags":        {Most: MaxWord},
	"Customer.segments":    {Most: MaxWord},

	"EmailAddress.address": {Needed: true, Most: maxEmail, check: checkEmail, clean: strings.TrimSpace},
	"PhoneNumber.number":   {Needed: true, Most: MaxWord, check: checkPhone, clean: cleanPhone},
	"Address.countryCode":  {Most: MaxWord, check: checkCountry},

	"ExternalIdentity.source":     {Needed: true, Most: MaxWord, check: checkSource},
	"ExternalIdentity.externalId": {Needed: true, Most: MaxExternalID, check: checkExternalID},
	"Membership.organization":     {Needed: true, Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
	"CustomAttribute.name":        {Needed: true, Most: MaxWord, check: CheckAttributeName},
	"ConsentChange.id":            {Needed: true, Most: MaxWord},
	"ConsentChange.occurredAt":    {Needed: true},
	"ProfileChange.id":            {Needed: true, Most: MaxWord},
	"ProfileChange.occurredAt":    {Needed: true},
	"ProfileChange.fields":        {Most: MaxWord},
	"ActorRef.id":                 {Actor: true},
	"ActorRef.system":             {Most: MaxWord},

	"Product.source":     {Needed: true, Most: MaxWord, check: checkSource},
	"Product.externalId": {Needed: true, Most: MaxExternalID},
	"Product.imageUrl":   {check: checkURL},
	"Product.createdAt":  {Needed: true},
	"Product.updatedAt":  {Needed: true},
	"Product.categories": {Most: MaxWord},
	"Variant.sku":        {Most: MaxWord},

	"Order.number":          {Needed: true, Most: MaxWord},
	"Order.source":          {Needed: true, Most: MaxWord, check: checkSource},
	"Order.externalId":      {Needed: true, Most: MaxExternalID},
	"Order.customer":        {Refers: KindCustomer, Exists: true},
	"Order.organization":    {Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
	"Order.placedAt":        {Needed: true},
	"Order.updatedAt":       {Needed: true},
	"OrderLine.id":          {Needed: true, Most: MaxWord},
	"OrderLine.product":     {Refers: KindProduct},
	"OrderLine.sku":         {Most: MaxWord},
	"OrderLine.quantity":    {Stated: true, High: MaxNumber},
	"OrderLine.unitPrice":   {Needed: true},
	"Payment.amount":        {Needed: true},
	"Payment.occurredAt":    {Needed: true},
	"Refund.amount":         {Needed: true},
	"Refund.occurredAt":     {Needed: true},
	"Return.requestedAt":    {Needed: true},
	"LineQuantity.line":     {Needed: true},
	"LineQuantity.quantity": {Stated: true, High: MaxNumber},
	"Shipment.trackingUrl":  {check: checkURL},

	"Ticket.number":         {Needed: true, Most: MaxWord},
	"Ticket.source":         {Most: MaxWord, check: checkSource},
	"Ticket.externalId":     {Most: MaxExternalID},
	"Ticket.customer":       {Refers: KindCustomer, Exists: true},
	"Ticket.requester":      {Refers: KindCustomer, Exists: true},
	"Ticket.queue":          {Refers: KindTeam},
	"Ticket.assignee":       {Refers: KindEmployee},
	"Ticket.version":        {Low: 1, High: MaxNumber},
	"Ticket.createdAt":      {Needed: true},
	"Ticket.updatedAt":      {Needed: true},
	"TicketSubject.order":   {Refers: KindOrder},
	"TicketSubject.line":    {Most: MaxWord},
	"TicketSubject.product": {Refers: KindProduct},
	"Satisfaction.score":    {Low: 1, High: 5},
	"Satisfaction.ratedAt":  {Needed: true},

	"Article.ticket":    {Needed: true, Refers: KindTicket, Exists: true},
	"Article.createdAt": {Needed: true},

	"Interaction.customer":   {Refers: KindCustomer, Exists: true},
	"Interaction.occurredAt": {Needed: true},
	"Interaction.recordedAt": {Needed: true},
	"Interaction.threadId":   {Most: MaxWord},
	"Interaction.source":     {Most: MaxWord, check: checkSource},
	"Interaction.externalId": {Most: MaxExternalID},

	"Recommendation.customer":     {Needed: true, Refers: KindCustomer, Exists: true},
	"Recommendation.product":      {Needed: true, Refers: KindProduct},
	"Recommendation.basedOn":      {Needed: true, Refers: KindProduct},
	"Recommendation.reason":       {Needed: true},
	"Recommendation.model":        {Needed: true},
	"Recommendation.modelVersion": {Needed: true},
	"Recommendation.createdAt":    {Needed: true},

	"NextBestAction.customer":     {Needed: true, Refers: KindCustomer, Exists: true},
	"NextBestAction.title":        {Needed: true},
	"NextBestAction.reason":       {Needed: true},
	"NextBestAction.model":        {Needed: true},
	"NextBestAction.modelVersion": {Needed: true},
	"NextBestAction.createdAt":    {Needed: true},
}

// maxEmail is 64 characters before the @ and 255 behind it (RFC 5321).
const maxEmail = 320

// checkEmail refuses what cannot be meant as an address: one without an @, without
// something on both sides of it, or with white space. Whether it takes mail only
// mail can tell; systems hold addresses that standards forbid, such as a..b@example.com.
func checkEmail(text string) string {
	at := strings.LastIndexByte(text, '@')
	if at < 1 || at == len(text)-1 || strings.ContainsFunc(text, unprintable) || strings.Contains(text, " ") {
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
	text = strings.TrimSpace(text)
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
