package record

import "github.com/customer360/gateway/internal/crm"

// Customer is a crm.Customer written down.
type Customer struct {
	ID                 crm.ID                `json:"id" bson:"_id"`
	Kind               crm.CustomerKind      `json:"kind,omitempty" bson:"kind,omitempty"`
	Status             crm.CustomerStatus    `json:"status,omitempty" bson:"status,omitempty"`
	GivenName          *string               `json:"givenName,omitempty" bson:"givenName,omitempty"`
	FamilyName         *string               `json:"familyName,omitempty" bson:"familyName,omitempty"`
	OrganizationName   *string               `json:"organizationName,omitempty" bson:"organizationName,omitempty"`
	DisplayName        string                `json:"displayName,omitempty" bson:"displayName,omitempty"`
	Owner              crm.ID                `json:"owner,omitempty" bson:"owner,omitempty"`
	CustomerGroup      *string               `json:"customerGroup,omitempty" bson:"customerGroup,omitempty"`
	Industry           *string               `json:"industry,omitempty" bson:"industry,omitempty"`
	Tier               *string               `json:"tier,omitempty" bson:"tier,omitempty"`
	ReferredBy         crm.ID                `json:"referredBy,omitempty" bson:"referredBy,omitempty"`
	AcquisitionSource  *string               `json:"acquisitionSource,omitempty" bson:"acquisitionSource,omitempty"`
	Emails             []EmailAddress        `json:"emails,omitempty" bson:"emails,omitempty"`
	Phones             []PhoneNumber         `json:"phones,omitempty" bson:"phones,omitempty"`
	Addresses          []Address             `json:"addresses,omitempty" bson:"addresses,omitempty"`
	Language           *string               `json:"language,omitempty" bson:"language,omitempty"`
	TimeZone           *string               `json:"timeZone,omitempty" bson:"timeZone,omitempty"`
	Birthday           *crm.Date             `json:"birthday,omitempty" bson:"birthday,omitempty"`
	ContactPreferences *ContactPreferences   `json:"contactPreferences,omitempty" bson:"contactPreferences,omitempty"`
	Consents           []Consent             `json:"consents,omitempty" bson:"consents,omitempty"`
	ExternalIdentities []ExternalIdentity    `json:"externalIdentities,omitempty" bson:"externalIdentities,omitempty"`
	Tags               []string              `json:"tags,omitempty" bson:"tags,omitempty"`
	Segments           []string              `json:"segments,omitempty" bson:"segments,omitempty"`
	LifecycleStage     crm.LifecycleStage    `json:"lifecycleStage,omitempty" bson:"lifecycleStage,omitempty"`
	LoyaltyClass       crm.LoyaltyClass      `json:"loyaltyClass,omitempty" bson:"loyaltyClass,omitempty"`
	RetentionStatus    crm.RetentionStatus   `json:"retentionStatus,omitempty" bson:"retentionStatus,omitempty"`
	RelationshipLevel  crm.RelationshipLevel `json:"relationshipLevel,omitempty" bson:"relationshipLevel,omitempty"`
	Parent             crm.ID                `json:"parent,omitempty" bson:"parent,omitempty"`
	Memberships        []Membership          `json:"memberships,omitempty" bson:"memberships,omitempty"`
	CustomAttributes   []CustomAttribute     `json:"customAttributes,omitempty" bson:"customAttributes,omitempty"`
	Changes            []ProfileChange       `json:"changes,omitempty" bson:"changes,omitempty"`
	Version            int                   `json:"version,omitempty" bson:"version,omitempty"`
	CreatedAt          Time                  `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt          Time                  `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// EmailAddress is a crm.EmailAddress written down.
type EmailAddress struct {
	Address  string `json:"address,omitempty" bson:"address,omitempty"`
	Verified bool   `json:"verified,omitempty" bson:"verified,omitempty"`
	Primary  bool   `json:"primary,omitempty" bson:"primary,omitempty"`
}

// PhoneNumber is a crm.PhoneNumber written down.
type PhoneNumber struct {
	Number   string `json:"number,omitempty" bson:"number,omitempty"`
	Verified bool   `json:"verified,omitempty" bson:"verified,omitempty"`
	Primary  bool   `json:"primary,omitempty" bson:"primary,omitempty"`
}

// Address is a crm.Address written down.
type Address struct {
	Label       *string `json:"label,omitempty" bson:"label,omitempty"`
	Name        *string `json:"name,omitempty" bson:"name,omitempty"`
	Line1       string  `json:"line1,omitempty" bson:"line1,omitempty"`
	Line2       *string `json:"line2,omitempty" bson:"line2,omitempty"`
	City        *string `json:"city,omitempty" bson:"city,omitempty"`
	Region      *string `json:"region,omitempty" bson:"region,omitempty"`
	PostalCode  *string `json:"postalCode,omitempty" bson:"postalCode,omitempty"`
	CountryCode *string `json:"countryCode,omitempty" bson:"countryCode,omitempty"`
}

// ContactPreferences is a crm.ContactPreferences written down.
type ContactPreferences struct {
	PreferredChannel *crm.Channel  `json:"preferredChannel,omitempty" bson:"preferredChannel,omitempty"`
	DoNotContact     []crm.Channel `json:"doNotContact,omitempty" bson:"doNotContact,omitempty"`
	PreferredTime    *string       `json:"preferredTime,omitempty" bson:"preferredTime,omitempty"`
}

// ExternalIdentity is a crm.ExternalIdentity written down.
type ExternalIdentity struct {
	Source     string `json:"source,omitempty" bson:"source,omitempty"`
	ExternalID string `json:"externalId,omitempty" bson:"externalId,omitempty"`
	VerifiedAt *Time  `json:"verifiedAt,omitempty" bson:"verifiedAt,omitempty"`
}

// CustomAttribute is a crm.CustomAttribute written down.
type CustomAttribute struct {
	Name  string `json:"name,omitempty" bson:"name,omitempty"`
	Value JSON   `json:"value" bson:"value"`
}

// Membership is a crm.Membership written down.
type Membership struct {
	Organization crm.ID             `json:"organization,omitempty" bson:"organization,omitempty"`
	Role         crm.MembershipRole `json:"role,omitempty" bson:"role,omitempty"`
	Primary      bool               `json:"primary,omitempty" bson:"primary,omitempty"`
	ValidFrom    *Time              `json:"validFrom,omitempty" bson:"validFrom,omitempty"`
	ValidTo      *Time              `json:"validTo,omitempty" bson:"validTo,omitempty"`
}

// ProfileChange is a crm.ProfileChange written down.
type ProfileChange struct {
	ID         string   `json:"id,omitempty" bson:"id,omitempty"`
	OccurredAt Time     `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
	Actor      ActorRef `json:"actor,omitzero" bson:"actor,omitempty"`
	Fields     []string `json:"fields,omitempty" bson:"fields,omitempty"`
}

// NewCustomer gives a customer as it is written down.
func NewCustomer(c *crm.Customer) *Customer {
	return &Customer{
		ID: c.ID, Kind: c.Kind, Status: c.Status, GivenName: c.GivenName, FamilyName: c.FamilyName,
		OrganizationName: c.OrganizationName, DisplayName: c.DisplayName, Owner: c.OwnerID,
		CustomerGroup: c.CustomerGroup, Industry: c.Industry, Tier: c.Tier, ReferredBy: c.ReferredByID,
		AcquisitionSource:  c.AcquisitionSource,
		Emails:             newList(c.Emails, func(e crm.EmailAddress) EmailAddress { return EmailAddress(e) }),
		Phones:             newList(c.Phones, func(p crm.PhoneNumber) PhoneNumber { return PhoneNumber(p) }),
		Addresses:          newList(c.Addresses, func(a crm.Address) Address { return Address(a) }),
		Language:           c.Language,
		TimeZone:           c.TimeZone,
		Birthday:           c.Birthday,
		ContactPreferences: (*ContactPreferences)(c.ContactPreferences),
		Consents:           newList(c.Consents, newConsent),
		ExternalIdentities: newList(c.ExternalIdentities, newExternalIdentity),
		Tags:               c.Tags,
		Segments:           c.Segments,
		LifecycleStage:     c.LifecycleStage, LoyaltyClass: c.LoyaltyClass,
		RetentionStatus: c.RetentionStatus, RelationshipLevel: c.RelationshipLevel,
		Parent:           c.ParentID,
		Memberships:      newList(c.Memberships, newMembership),
		CustomAttributes: newList(c.CustomAttributes, newCustomAttribute),
		Changes:          newList(c.Changes, newProfileChange),
		Version:          c.Version,
		CreatedAt:        newTime(c.CreatedAt), UpdatedAt: newTime(c.UpdatedAt),
	}
}

// Domain gives the customer.
func (c *Customer) Domain() *crm.Customer {
	return &crm.Customer{
		ID: c.ID, Kind: c.Kind, Status: c.Status, GivenName: c.GivenName, FamilyName: c.FamilyName,
		OrganizationName: c.OrganizationName, DisplayName: c.DisplayName, OwnerID: c.Owner,
		CustomerGroup: c.CustomerGroup, Industry: c.Industry, Tier: c.Tier, ReferredByID: c.ReferredBy,
		AcquisitionSource:  c.AcquisitionSource,
		Emails:             domainList(c.Emails, func(e EmailAddress) crm.EmailAddress { return crm.EmailAddress(e) }),
		Phones:             domainList(c.Phones, func(p PhoneNumber) crm.PhoneNumber { return crm.PhoneNumber(p) }),
		Addresses:          domainList(c.Addresses, func(a Address) crm.Address { return crm.Address(a) }),
		Language:           c.Language,
		TimeZone:           c.TimeZone,
		Birthday:           c.Birthday,
		ContactPreferences: c.ContactPreferences.domain(),
		Consents:           domainList(c.Consents, Consent.domain),
		ExternalIdentities: domainList(c.ExternalIdentities, ExternalIdentity.domain),
		Tags:               filled(c.Tags),
		Segments:           filled(c.Segments),
		LifecycleStage:     c.LifecycleStage, LoyaltyClass: c.LoyaltyClass,
		RetentionStatus: c.RetentionStatus, RelationshipLevel: c.RelationshipLevel,
		ParentID:         c.Parent,
		Memberships:      domainList(c.Memberships, Membership.domain),
		CustomAttributes: domainList(c.CustomAttributes, CustomAttribute.domain),
		Changes:          domainList(c.Changes, ProfileChange.domain),
		Version:          c.Version,
		CreatedAt:        c.CreatedAt.domain(), UpdatedAt: c.UpdatedAt.domain(),
	}
}

func (p *ContactPreferences) domain() *crm.ContactPreferences {
	if p == nil {
		return nil
	}
	preferences := crm.ContactPreferences(*p)
	preferences.DoNotContact = filled(preferences.DoNotContact)
	return &preferences
}

func newExternalIdentity(e crm.ExternalIdentity) ExternalIdentity {
	return ExternalIdentity{Source: e.Source, ExternalID: e.ExternalID, VerifiedAt: newTimeRef(e.VerifiedAt)}
}

func (e ExternalIdentity) domain() crm.ExternalIdentity {
	return crm.ExternalIdentity{Source: e.Source, ExternalID: e.ExternalID, VerifiedAt: e.VerifiedAt.domainRef()}
}

func newCustomAttribute(a crm.CustomAttribute) CustomAttribute {
	return CustomAttribute{Name: a.Name, Value: JSON(a.Value)}
}

func (a CustomAttribute) domain() crm.CustomAttribute {
	return crm.CustomAttribute{Name: a.Name, Value: crm.JSON(a.Value)}
}

func newMembership(m *crm.Membership) Membership {
	return Membership{
		Organization: m.OrganizationID, Role: m.Role, Primary: m.Primary,
		ValidFrom: newTimeRef(m.ValidFrom), ValidTo: newTimeRef(m.ValidTo),
	}
}

func (m Membership) domain() *crm.Membership {
	return &crm.Membership{
		OrganizationID: m.Organization, Role: m.Role, Primary: m.Primary,
		ValidFrom: m.ValidFrom.domainRef(), ValidTo: m.ValidTo.domainRef(),
	}
}

func newProfileChange(p crm.ProfileChange) ProfileChange {
	return ProfileChange{ID: p.ID, OccurredAt: newTime(p.OccurredAt), Actor: ActorRef(p.ActorRef), Fields: p.Fields}
}

func (p ProfileChange) domain() crm.ProfileChange {
	return crm.ProfileChange{
		ID: p.ID, OccurredAt: p.OccurredAt.domain(), ActorRef: crm.ActorRef(p.Actor), Fields: filled(p.Fields),
	}
}
