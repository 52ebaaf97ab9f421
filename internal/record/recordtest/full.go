package recordtest

import (
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Source is the source that the external ids of full values belong to.
const Source = "recordtest"

// at returns an instant of the day on which full values live, n minutes and 7 ms in.
func at(n int) time.Time {
	return time.Date(2024, time.February, 29, 8, n, 0, 7_000_000, time.UTC)
}

func ptr[T any](v T) *T { return &v }

// id returns an id derived from a name.
func id(kind crm.Kind, name string) crm.ID { return crm.DerivedID(kind, Source, name) }

func pounds(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }

// FullTeam returns a team with every field set.
func FullTeam() *crm.Team {
	return &crm.Team{ID: id(crm.KindTeam, "team"), Name: "Kundendienst Süd", CreatedAt: at(1), UpdatedAt: at(2)}
}

// FullEmployee returns an employee with every field set, of FullTeam.
func FullEmployee() *crm.Employee {
	return &crm.Employee{
		ID: id(crm.KindEmployee, "employee"), Name: "Zoë Ångström", Email: ptr("zoe@example.com"),
		Title: ptr("Key account"), TeamID: FullTeam().ID, Active: true, CreatedAt: at(1), UpdatedAt: at(2),
	}
}

// FullPartnerApp returns a partner app with every field set.
func FullPartnerApp() *crm.PartnerApp {
	return &crm.PartnerApp{ID: id(crm.KindPartnerApp, "app"), Name: "Loyalty & Co", CreatedAt: at(1), UpdatedAt: at(2)}
}

// FullOrganization returns the organization that FullCustomer is a member of.
func FullOrganization() *crm.Customer {
	c := &crm.Customer{
		ID: id(crm.KindCustomer, "organization"), Kind: crm.CustomerKindOrganization,
		OrganizationName:   ptr("Example Trading"),
		ExternalIdentities: []crm.ExternalIdentity{{Source: Source, ExternalID: "organization"}},
		Version:            1, CreatedAt: at(1), UpdatedAt: at(1),
	}
	c.Complete()
	return c
}

// FullCustomer returns a customer with every field set. Its owner is FullEmployee,
// its parent and its membership FullOrganization.
func FullCustomer() *crm.Customer {
	self := id(crm.KindCustomer, "customer")
	return &crm.Customer{
		ID: self, Kind: crm.CustomerKindOrganization, Status: crm.CustomerStatusActive,
		GivenName: ptr("Anna"), FamilyName: ptr("Müller"), OrganizationName: ptr("Müller <& Söhne>"),
		DisplayName: "Müller <& Söhne>", OwnerID: FullEmployee().ID,
		CustomerGroup: ptr("small business"), Industry: ptr("retail"), Tier: ptr("gold"),
		ReferredByID: FullOrganization().ID, AcquisitionSource: ptr("trade fair"),
		Emails:    []crm.EmailAddress{{Address: "Anna@Example.com", Verified: true, Primary: true}},
		Phones:    []crm.PhoneNumber{{Number: "+441632960123", Verified: true, Primary: true}},
		Addresses: []crm.Address{*fullAddress("billing")},
		Language:  ptr("de-CH"), TimeZone: ptr("Europe/Zurich"), Birthday: ptr(crm.Date("1980-02-29")),
		ContactPreferences: &crm.ContactPreferences{
			PreferredChannel: ptr(crm.ChannelEmail), DoNotContact: []crm.Channel{crm.ChannelFax, crm.ChannelSMS},
			PreferredTime: ptr("weekday evenings"),
		},
		Consents:           []*crm.Consent{fullConsent(self)},
		ExternalIdentities: []crm.ExternalIdentity{{Source: Source, ExternalID: "customer", VerifiedAt: ptr(at(3))}},
		Tags:               []string{"vip", "Überweisung"}, Segments: []string{"wholesale"},
		LifecycleStage: ptr(crm.LifecycleStageCustomer), LoyaltyClass: ptr(crm.LoyaltyClassLoyal),
		RetentionStatus: ptr(crm.RetentionStatusAtRisk), RelationshipLevel: ptr(crm.RelationshipLevelPartnership),
		ParentID: FullOrganization().ID,
		Memberships: []*crm.Membership{{
			OrganizationID: FullOrganization().ID, Role: crm.MembershipRoleApprover, Primary: true,
			ValidFrom: ptr(at(4)), ValidTo: ptr(at(5)),
		}},
		CustomAttributes: []crm.CustomAttribute{
			{Name: "scores", Value: `{"a":[1.50,true,null],"b<":"ü"}`}, {Name: "floor", Value: `"3rd"`},
		},
		Changes: []crm.ProfileChange{{
			ID: string(self) + "/PROFILE_CHANGED/2", OccurredAt: at(6),
			ActorRef: crm.ActorRef{ID: FullEmployee().ID, System: "import"}, Fields: []string{"emails", "tags"},
		}},
		Version: 2, CreatedAt: at(1), UpdatedAt: at(6),
	}
}

func fullAddress(label string) *crm.Address {
	return &crm.Address{
		Label: ptr(label), Name: ptr("Anna Müller"), Line1: "1 High Street", Line2: ptr("Flat 2"),
		City: ptr("Bath"), Region: ptr("Somerset"), PostalCode: ptr("BA1 1AA"), CountryCode: ptr("GB"),
	}
}

func fullConsent(customer crm.ID) *crm.Consent {
	return &crm.Consent{
		Purpose: crm.ConsentPurposeMarketing, Channel: ptr(crm.ChannelEmail), ContactPoint: ptr("Anna@Example.com"),
		Status: crm.ConsentStatusGranted, LawfulBasis: crm.LawfulBasisConsent, Source: ptr("web form"),
		GrantedAt: ptr(at(2)), ExpiresAt: ptr(at(59)),
		History: []*crm.ConsentChange{{
			ID: string(customer) + "/CONSENT_CHANGED/1/1", OccurredAt: at(2), Purpose: crm.ConsentPurposeMarketing,
			Channel: ptr(crm.ChannelEmail), Status: crm.ConsentStatusGranted, Source: ptr("web form"),
			ActorRef: crm.ActorRef{ID: customer, System: "import"},
		}},
	}
}

// FullProduct returns a product with every field set.
func FullProduct() *crm.Product {
	return &crm.Product{
		ID: id(crm.KindProduct, "product"), Source: Source, ExternalID: "product", Title: "Teekanne, weiß",
		Description: ptr("Holds 1.2 l"), Categories: []string{"Kitchen", "Tea"},
		ImageURL: ptr("https://example.com/a?b=c&d=e"),
		Variants: []crm.Variant{{
			SKU: "22423", Title: ptr("white, large"), Options: []crm.VariantOption{{Name: "Size", Value: "L"}},
			Price: ptr(pounds(1295)), Availability: crm.AvailabilityInStock,
		}},
		CreatedAt: at(1), UpdatedAt: at(2),
	}
}

// FullOrder returns an order with every field set, of FullCustomer.
func FullOrder() *crm.Order {
	lines := []*crm.OrderLine{
		{
			ID: "1", ProductID: FullProduct().ID, Title: "Teekanne, weiß", SKU: ptr("22423"), Quantity: 2,
			UnitPrice: pounds(1295), Discount: pounds(90), Tax: pounds(500), Total: pounds(3000),
		},
		{
			ID: "2", ProductID: FullProduct().ID, Title: "Löffel", SKU: ptr("POST"), Quantity: 1,
			UnitPrice: pounds(399), Discount: pounds(1), Tax: pounds(80), Total: pounds(478),
		},
	}
	of := func(i, quantity int) []crm.LineQuantity {
		return []crm.LineQuantity{{Line: lines[i], Quantity: quantity}}
	}
	o := &crm.Order{
		ID: id(crm.KindOrder, "536365"), Number: "536365", Source: Source, ExternalID: "536365",
		SalesChannel: ptr("store 12"), CustomerID: FullCustomer().ID, OrganizationID: FullOrganization().ID,
		PurchaseOrderNumber: ptr("PO-7"), PaymentTerms: ptr("net 30"),
		Status: crm.OrderStatusCompleted, FinancialStatus: crm.FinancialStatusPartiallyRefunded,
		FulfillmentStatus: crm.FulfillmentStatusDelivered, ReturnStatus: crm.ReturnStatusReceived,
		SourceStatus: ptr("Shipped"), PlacedAt: at(10), CanceledAt: ptr(at(50)),
		PromisedDelivery: &crm.DeliveryWindow{Earliest: ptr(at(20)), Latest: ptr(at(30))},
		Lines:            lines,
		Price: crm.PriceBreakdown{
			Subtotal: pounds(2989), Discount: pounds(91), Shipping: pounds(495), Tax: pounds(580), Total: pounds(3973),
		},
		Payments: []crm.Payment{{
			Method: "card", Status: crm.PaymentStatusCaptured, Amount: pounds(3973), OccurredAt: at(11),
		}},
		Refunds: []*crm.Refund{{Amount: pounds(478), Reason: ptr("broken"), OccurredAt: at(45), Lines: of(1, 1)}},
		Returns: []*crm.Return{{
			Status: crm.ReturnStatusReceived, Reason: ptr("broken"), RequestedAt: at(40), ReceivedAt: ptr(at(44)),
			Lines: of(1, 1),
		}},
		Shipments: []*crm.Shipment{{
			Carrier: ptr("Royal Mail"), TrackingNumber: ptr("RM1"), TrackingURL: ptr("https://example.com/t?n=RM1&l=en"),
			ShippedAt: ptr(at(21)), DeliveredAt: ptr(at(29)), Lines: of(0, 2),
		}},
		ShippingAddress: fullAddress("shipping"), BillingAddress: fullAddress("billing"), UpdatedAt: at(50),
	}
	o.LinkLines()
	return o
}
