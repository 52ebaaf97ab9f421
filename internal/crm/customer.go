package crm

import (
	"strings"
	"time"
)

// CustomerKind tells people from organizations.
type CustomerKind string

// The kinds of customer.
const (
	CustomerKindPerson       CustomerKind = "PERSON"
	CustomerKindOrganization CustomerKind = "ORGANIZATION"
)

// CustomerStatus says whether the company may deal with a customer.
type CustomerStatus string

// The customer statuses.
const (
	CustomerStatusActive  CustomerStatus = "ACTIVE"
	CustomerStatusBlocked CustomerStatus = "BLOCKED"
	CustomerStatusMerged  CustomerStatus = "MERGED"
	CustomerStatusErased  CustomerStatus = "ERASED"
)

// LifecycleStage is how far a relationship has come.
type LifecycleStage string

// The lifecycle stages.
const (
	LifecycleStageProspect LifecycleStage = "PROSPECT"
	LifecycleStageCustomer LifecycleStage = "CUSTOMER"
	LifecycleStageFormer   LifecycleStage = "FORMER"
)

// LoyaltyClass ranks customers by how they have bought so far.
type LoyaltyClass string

// The loyalty classes, rising.
const (
	LoyaltyClassPotential   LoyaltyClass = "POTENTIAL"
	LoyaltyClassNew         LoyaltyClass = "NEW"
	LoyaltyClassRegular     LoyaltyClass = "REGULAR"
	LoyaltyClassEstablished LoyaltyClass = "ESTABLISHED"
	LoyaltyClassLoyal       LoyaltyClass = "LOYAL"
)

// RetentionStatus says whether a customer is about to leave.
type RetentionStatus string

// The retention statuses.
const (
	RetentionStatusActive RetentionStatus = "ACTIVE"
	RetentionStatusAtRisk RetentionStatus = "AT_RISK"
	RetentionStatusLapsed RetentionStatus = "LAPSED"
)

// RelationshipLevel is Kotler's five levels of relationship marketing.
type RelationshipLevel string

// The relationship levels, rising.
const (
	RelationshipLevelBasic       RelationshipLevel = "BASIC"
	RelationshipLevelReactive    RelationshipLevel = "REACTIVE"
	RelationshipLevelAccountable RelationshipLevel = "ACCOUNTABLE"
	RelationshipLevelProactive   RelationshipLevel = "PROACTIVE"
	RelationshipLevelPartnership RelationshipLevel = "PARTNERSHIP"
)

// Customer is a person or an organization that the company deals with.
type Customer struct {
	ID     ID
	Kind   CustomerKind
	Status CustomerStatus
	// GivenName and FamilyName are a person's, OrganizationName an organization's.
	GivenName, FamilyName, OrganizationName *string
	// DisplayName is what a list shows; Complete derives it where it is empty.
	DisplayName        string
	OwnerID            ID // Employee; "" for none
	CustomerGroup      *string
	Industry           *string
	Tier               *string
	ReferredByID       ID // Customer; "" for none
	AcquisitionSource  *string
	Emails             []EmailAddress
	Phones             []PhoneNumber
	Addresses          []Address
	Language           *string // BCP 47
	TimeZone           *string // IANA
	Birthday           *Date
	ContactPreferences *ContactPreferences
	Consents           []*Consent
	ExternalIdentities []ExternalIdentity
	Tags               []string
	Segments           []string
	// What the company thinks of the customer; nil until somebody says it.
	LifecycleStage    *LifecycleStage
	LoyaltyClass      *LoyaltyClass
	RetentionStatus   *RetentionStatus
	RelationshipLevel *RelationshipLevel
	ParentID          ID // the organization above; organizations only
	Memberships       []*Membership
	CustomAttributes  []CustomAttribute
	// Changes are the profile changes so far, oldest first; they show in the timeline.
	Changes []ProfileChange
	// Version counts the writes, from 1.
	Version              int
	CreatedAt, UpdatedAt time.Time
}

// EmailAddress is one of a customer's email addresses.
type EmailAddress struct {
	Address           string
	Verified, Primary bool
}

// PhoneNumber is one of a customer's phone numbers: in E.164 (+441632960123) where it
// has its country code, else as it came.
type PhoneNumber struct {
	Number            string
	Verified, Primary bool
}

// Address is a postal address.
type Address struct {
	Label                   *string // what it is for: "billing", "home"
	Name                    *string // who lives there
	Line1                   string
	Line2, City, Region     *string
	PostalCode, CountryCode *string // ISO 3166-1 alpha-2
}

// ContactPreferences says how a customer wants to be reached.
type ContactPreferences struct {
	PreferredChannel *Channel
	// DoNotContact lists the channels the customer does not want.
	DoNotContact []Channel
	// PreferredTime is in the customer's own words: "weekday evenings".
	PreferredTime *string
}

// ExternalIdentity is what another system calls a customer: a shop's customer
// id, a loyalty number. Source and ExternalID together name one customer.
type ExternalIdentity struct {
	Source, ExternalID string
	VerifiedAt         *time.Time
}

// CustomAttribute is a company's own attribute of a customer.
type CustomAttribute struct {
	Name  string
	Value JSON
}

// JSON is any JSON value as canonical text: no insignificant white space,
// object members sorted by name.
type JSON string

// Date is a calendar day, YYYY-MM-DD.
type Date string

// MembershipRole is what a person does for an organization.
type MembershipRole string

// The membership roles.
const (
	MembershipRoleBuyer    MembershipRole = "BUYER"
	MembershipRoleApprover MembershipRole = "APPROVER"
	MembershipRoleBilling  MembershipRole = "BILLING"
	MembershipRoleUser     MembershipRole = "USER"
)

// Membership is a person's part in an organization.
type Membership struct {
	OrganizationID     ID
	Role               MembershipRole
	Primary            bool
	ValidFrom, ValidTo *time.Time
}

// ProfileChange says that fields of a profile were changed, not what they were.
type ProfileChange struct {
	ID         string
	OccurredAt time.Time
	ActorRef   ActorRef
	Fields     []string
}

// Complete derives what follows from the rest, where it is missing: display
// name, kind and status, the purpose of a step in a consent's
// history. It puts the customer's id before each id of the history that lacks it: a
// timeline's entries are told apart by their ids, and sources number each customer's
// from 1.
func (c *Customer) Complete() {
	if c.DisplayName == "" {
		c.DisplayName = c.deriveName()
	}
	setDefault(&c.Kind, CustomerKindPerson)
	setDefault(&c.Status, CustomerStatusActive)
	for _, consent := range c.Consents {
		for _, step := range consent.History {
			setDefault(&step.Purpose, consent.Purpose)
			c.ownEntry(&step.ID)
		}
	}
	for i := range c.Changes {
		c.ownEntry(&c.Changes[i].ID)
	}
}

func (c *Customer) ownEntry(id *string) {
	if own := string(c.ID) + "/"; *id != "" && !strings.HasPrefix(*id, own) {
		*id = own + *id
	}
}

func (c *Customer) deriveName() string {
	if c.OrganizationName != nil && *c.OrganizationName != "" {
		return *c.OrganizationName
	}
	if name := strings.TrimSpace(deref(c.GivenName) + " " + deref(c.FamilyName)); name != "" {
		return name
	}
	return "(no name)"
}

func setDefault[S ~string](field *S, value S) {
	if *field == "" {
		*field = value
	}
}

// deref is the text of a word or a text, "" for none.
func deref[S ~string](s *S) string {
	if s == nil {
		return ""
	}
	return string(*s)
}

// KindCustomer is the kind of customers.
const KindCustomer Kind = "cus"

func customerKind() *Description {
	return describe[Customer](Description{
		Search: SearchKindCustomer,
		SearchesIn: []string{
			"Customer.displayName", "Customer.givenName", "Customer.familyName", "Customer.organizationName",
			"EmailAddress.address", "PhoneNumber.number", "ExternalIdentity.externalId",
		},
		Name: "customers", Unique: FieldIdentity, Change: ChangeKindCustomer,
		Keys: []KeyField{
			{Field: FieldName, Class: ClassSortable, From: []string{"displayName"}},
			{Field: FieldKind, Class: ClassText},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldLifecycle, Class: ClassText},
			{Field: FieldLoyalty, Class: ClassText},
			{Field: FieldOwner, Class: ClassText},
			{Field: FieldCreatedAt, Class: ClassTime},
			{Field: FieldUpdatedAt, Class: ClassTime},
			{Field: FieldTag, Class: ClassMany, From: []string{"tags"}},
			{Field: FieldSegment, Class: ClassMany, From: []string{"segments"}},
			{Field: FieldEmail, Class: ClassMany, From: []string{"emails.address"}},
			{Field: FieldPhone, Class: ClassMany, From: []string{"phones.number"}},
			{Field: FieldIdentity, Class: ClassMany, From: []string{"externalIdentities.source", "externalIdentities.externalId"}},
			{Field: FieldOrganization, Class: ClassMany, From: []string{"memberships.organization"}},
			{Field: FieldTokens, Class: ClassMany, From: []string{"displayName", "givenName", "familyName", "organizationName", "emails.address", "phones.number", "externalIdentities.externalId"}},
		},
		Derives: map[string][]string{
			"Customer.owner":            {"owner"},
			"Customer.referredBy":       {"referredBy"},
			"Customer.tags":             {"tags"},
			"Customer.segments":         {"segments"},
			"Customer.parent":           {"parent"},
			"Customer.customAttributes": {"customAttributes"},
			"Customer.members":          {},
			"Customer.tickets":          {},
			"Customer.interactions":     {},
			"Customer.timeline":         {},
			"Customer.nextBestActions":  {},
			"Customer.statistics":       {},
			"Customer.needs":            {},
			"Customer.notes":            {},
			"Customer.orders":           shopperMembers,
			"Customer.carts":            shopperMembers,
			"Customer.recommendations":  {"consents.purpose", "consents.status", "consents.expiresAt"},
			"ConsentChange.kind":        {},
			"ConsentChange.actor":       {"ConsentChange.actor", "ActorRef.id", "ActorRef.system"},
			"ProfileChange.kind":        {},
			"ProfileChange.actor":       {"ProfileChange.actor", "ActorRef.id", "ActorRef.system"},
			"Membership.organization":   {"Membership.organization"},
		},
		Rules: map[string]Rule{
			"Customer.displayName":            {Needed: true},
			"Customer.createdAt":              {Needed: true},
			"Customer.updatedAt":              {Needed: true},
			"Customer.version":                {Low: 1, High: MaxNumber},
			"Customer.owner":                  {Refers: KindEmployee},
			"Customer.referredBy":             {Refers: KindCustomer, Exists: true},
			"Customer.parent":                 {Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
			"Customer.language":               {Most: MaxWord, check: checkLanguage, clean: cleanLanguage},
			"Customer.timeZone":               {Most: MaxWord, check: checkTimeZone},
			"Customer.birthday":               {Most: MaxWord, check: checkDate},
			"Customer.tags":                   {Most: MaxWord, Same: [][]string{{}}},
			"Customer.segments":               {Most: MaxWord, Same: [][]string{{}}},
			"Customer.emails":                 {Same: [][]string{{"address"}}, Sole: "primary"},
			"Customer.phones":                 {Same: [][]string{{"number"}}, Sole: "primary"},
			"Customer.addresses":              {Same: [][]string{{"label"}, {"line1", "postalCode"}}, Anew: "line1"},
			"Customer.consents":               {Same: [][]string{{"purpose", "channel", "contactPoint"}}},
			"Customer.externalIdentities":     {Same: [][]string{{"source", "externalId"}}},
			"Customer.memberships":            {Same: [][]string{{"organization", "role"}}},
			"Customer.customAttributes":       {Same: [][]string{{"name"}}},
			"Customer.contactPreferences":     {Shared: true},
			"ContactPreferences.doNotContact": {Same: [][]string{{}}},
			"EmailAddress.address":            {Needed: true, Most: maxEmail, check: checkEmail, clean: cleanEmail, fold: EmailKey},
			"PhoneNumber.number":              {Needed: true, Most: MaxWord, check: checkPhone, clean: cleanPhone, fold: PhoneKey},
			"ExternalIdentity.source":         {Needed: true, Most: MaxWord, check: checkSource},
			"ExternalIdentity.externalId":     {Needed: true, Most: MaxExternalID, check: checkExternalID},
			"Membership.organization":         {Needed: true, Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
			"CustomAttribute.value":           {Needed: true, attribute: true},
			"CustomAttribute.name":            {Needed: true, Most: MaxWord, check: CheckAttributeName},
			"ConsentChange.id":                {Needed: true, Most: MaxWord},
			"ConsentChange.occurredAt":        {Needed: true},
			"ProfileChange.id":                {Needed: true, Most: MaxWord},
			"ProfileChange.occurredAt":        {Needed: true},
			"ProfileChange.fields":            {Most: MaxWord},
		},
	})
}

// GraphTags is what the graph shows of the tags to those who may read them: never nil,
// which would be null.
func (c *Customer) GraphTags() []string { return present(c.Tags) }

// GraphSegments is GraphTags of the segments.
func (c *Customer) GraphSegments() []string { return present(c.Segments) }

// GraphCustomAttributes is GraphTags of the custom attributes.
func (c *Customer) GraphCustomAttributes() []CustomAttribute { return present(c.CustomAttributes) }

// present returns list, empty rather than nil.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// RecordKind is the kind of the type.
func (*Customer) RecordKind() Kind { return KindCustomer }

// RecordID is the id.
func (c *Customer) RecordID() ID { return c.ID }

// Position returns the customer's place in a list sorted by field.
func (c *Customer) Position(field Field) Position {
	p := Position{ID: c.ID}
	switch field { //nolint:exhaustive // Lists of customers are sorted by these.
	case FieldUpdatedAt:
		p.Time = c.UpdatedAt
	case FieldCreatedAt:
		p.Time = c.CreatedAt
	case FieldName:
		p.Text = TextKey(c.DisplayName)
	}
	return p
}

func (*Customer) isNode()         {}
func (*Customer) isSearchResult() {}

// RecordVersion is the version.
func (c *Customer) RecordVersion() int { return c.Version }

// TimelineRecords returns the timeline entries of a customer's own profile.
func (c *Customer) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for _, consent := range c.Consents {
		for _, change := range consent.History {
			records = append(records, &TimelineRecord{
				ID: ID(change.ID), Kind: change.Kind(), OccurredAt: change.OccurredAt,
				CustomerID: c.ID, Ref: c.ID, Consent: change,
			})
		}
	}
	for i := range c.Changes {
		change := &c.Changes[i]
		records = append(records, &TimelineRecord{
			ID: ID(change.ID), Kind: change.Kind(), OccurredAt: change.OccurredAt,
			CustomerID: c.ID, Ref: c.ID, Change: change,
		})
	}
	return records
}

// Keys returns what customers are found by.
func (c *Customer) Keys() Keys {
	emails := make([]string, len(c.Emails))
	for i, e := range c.Emails {
		emails[i] = EmailKey(e.Address)
	}
	phones := make([]string, len(c.Phones))
	for i, p := range c.Phones {
		phones[i] = PhoneKey(p.Number)
	}
	identities := make([]string, len(c.ExternalIdentities))
	exact := append(append([]string{}, emails...), phones...)
	for i, e := range c.ExternalIdentities {
		identities[i] = e.Key()
		exact = append(exact, e.ExternalID)
	}
	organizations := make([]string, len(c.Memberships))
	for i, m := range c.Memberships {
		organizations[i] = string(m.OrganizationID)
	}
	return Keys{
		Text: map[Field]string{
			FieldName:      TextKey(c.DisplayName),
			FieldKind:      string(c.Kind),
			FieldStatus:    string(c.Status),
			FieldLifecycle: deref(c.LifecycleStage),
			FieldLoyalty:   deref(c.LoyaltyClass),
			FieldOwner:     string(c.OwnerID),
		},
		Time: map[Field]time.Time{FieldCreatedAt: c.CreatedAt, FieldUpdatedAt: c.UpdatedAt},
		Many: map[Field][]string{
			FieldTag:          c.Tags,
			FieldSegment:      c.Segments,
			FieldEmail:        emails,
			FieldPhone:        phones,
			FieldIdentity:     identities,
			FieldOrganization: organizations,
			FieldTokens:       Tokens(exact, c.DisplayName, deref(c.GivenName), deref(c.FamilyName), deref(c.OrganizationName)),
		},
	}
}
