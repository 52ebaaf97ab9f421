package files

import (
	"reflect"

	"github.com/customer360/gateway/internal/crm"
)

// enums lists the values of every enumeration that a record may have.
func enums() map[reflect.Type][]string {
	all := map[reflect.Type][]string{}
	add(all, crm.CustomerKindPerson, crm.CustomerKindOrganization)
	add(all, crm.CustomerStatusActive, crm.CustomerStatusBlocked, crm.CustomerStatusMerged, crm.CustomerStatusErased)
	add(all, crm.LifecycleStageProspect, crm.LifecycleStageCustomer, crm.LifecycleStageFormer)
	add(all, crm.LoyaltyClassPotential, crm.LoyaltyClassNew, crm.LoyaltyClassRegular,
		crm.LoyaltyClassEstablished, crm.LoyaltyClassLoyal)
	add(all, crm.RetentionStatusActive, crm.RetentionStatusAtRisk, crm.RetentionStatusLapsed)
	add(all, crm.RelationshipLevelBasic, crm.RelationshipLevelReactive, crm.RelationshipLevelAccountable,
		crm.RelationshipLevelProactive, crm.RelationshipLevelPartnership)
	add(all, crm.MembershipRoleBuyer, crm.MembershipRoleApprover, crm.MembershipRoleBilling, crm.MembershipRoleUser)
	add(all, crm.ConsentPurposeMarketing, crm.ConsentPurposePersonalization, crm.ConsentPurposeAnalytics,
		crm.ConsentPurposeService, crm.ConsentPurposeDataSharing)
	add(all, crm.ConsentStatusPending, crm.ConsentStatusGranted, crm.ConsentStatusDenied,
		crm.ConsentStatusWithdrawn, crm.ConsentStatusExpired)
	add(all, crm.LawfulBasisConsent, crm.LawfulBasisContract, crm.LawfulBasisLegalObligation,
		crm.LawfulBasisVitalInterests, crm.LawfulBasisPublicTask, crm.LawfulBasisLegitimateInterests)
	add(all, crm.ChannelWeb, crm.ChannelEmail, crm.ChannelPhone, crm.ChannelChat, crm.ChannelSMS,
		crm.ChannelSocial, crm.ChannelFax, crm.ChannelMail, crm.ChannelVideo, crm.ChannelInPerson)
	add(all, crm.DirectionInbound, crm.DirectionOutbound)
	add(all, crm.InteractionStagePrePurchase, crm.InteractionStagePurchase, crm.InteractionStagePostPurchase)
	add(all, crm.AvailabilityInStock, crm.AvailabilityOutOfStock, crm.AvailabilityPreorder,
		crm.AvailabilityDiscontinued, crm.AvailabilityUnknown)
	add(all, crm.RecommendationKindCrossSell, crm.RecommendationKindUpSell, crm.RecommendationKindReplenish)
	add(all, crm.RecommendationStatusActive, crm.RecommendationStatusShown, crm.RecommendationStatusAccepted,
		crm.RecommendationStatusDismissed, crm.RecommendationStatusConverted, crm.RecommendationStatusExpired)
	add(all, crm.NextBestActionStatusOpen, crm.NextBestActionStatusDone,
		crm.NextBestActionStatusDismissed, crm.NextBestActionStatusExpired)
	addOrderEnums(all)
	addTicketEnums(all)
	return all
}

func addOrderEnums(all map[reflect.Type][]string) {
	add(all, crm.OrderStatusOpen, crm.OrderStatusCompleted, crm.OrderStatusCanceled)
	add(all, crm.FinancialStatusPending, crm.FinancialStatusAuthorized, crm.FinancialStatusPartiallyPaid,
		crm.FinancialStatusPaid, crm.FinancialStatusPartiallyRefunded, crm.FinancialStatusRefunded, crm.FinancialStatusVoided)
	add(all, crm.FulfillmentStatusUnfulfilled, crm.FulfillmentStatusPartiallyFulfilled,
		crm.FulfillmentStatusFulfilled, crm.FulfillmentStatusDelivered)
	add(all, crm.ReturnStatusNone, crm.ReturnStatusRequested, crm.ReturnStatusApproved,
		crm.ReturnStatusDeclined, crm.ReturnStatusReceived)
	add(all, crm.PaymentStatusPending, crm.PaymentStatusAuthorized, crm.PaymentStatusCaptured,
		crm.PaymentStatusFailed, crm.PaymentStatusVoided)
}

func addTicketEnums(all map[reflect.Type][]string) {
	add(all, crm.TicketTypeQuestion, crm.TicketTypeProblem, crm.TicketTypeComplaint, crm.TicketTypeSuggestion,
		crm.TicketTypeReturn, crm.TicketTypeServiceRequest)
	add(all, crm.TicketPriorityLow, crm.TicketPriorityNormal, crm.TicketPriorityHigh, crm.TicketPriorityUrgent)
	add(all, crm.TicketStatusNew, crm.TicketStatusOpen, crm.TicketStatusPendingCustomer,
		crm.TicketStatusPendingThirdParty, crm.TicketStatusResolved, crm.TicketStatusClosed, crm.TicketStatusMerged)
	add(all, crm.VisibilityPublic, crm.VisibilityInternal)
}

func add[E ~string](all map[reflect.Type][]string, values ...E) {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	all[reflect.TypeFor[E]()] = words
}
