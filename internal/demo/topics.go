package demo

import "github.com/customer360/gateway/internal/crm"

// topic is what a ticket is about, with its conversation. {order} and {product}
// stand for a real order's number and a real article's title.
type topic struct {
	kind                       crm.TicketType
	category, queue            string
	subject, ask, answer, note string
}

// orderTopics come up within a month of an order.
func orderTopics() []topic {
	return []topic{
		{
			crm.TicketTypeQuestion, "delivery", teamCare, "Delivery date of order {order}",
			"I have not had a delivery date for order {order} yet. Could you tell me when to expect it?",
			"Your order is with the carrier. Deliveries take two to four working days; the tracking page has the latest.",
			"Carrier shows the parcel at the depot.",
		},
		{
			crm.TicketTypeProblem, "delivery", teamCare, "Order {order}: box missing",
			"Only part of order {order} came today. The delivery note lists one more box.",
			"I am sorry about that. We are tracing the second box and will send it again if it is not found by tomorrow.",
			"Trace opened with the carrier.",
		},
		{
			crm.TicketTypeServiceRequest, "invoice", teamAccounts, "VAT invoice {order}",
			"Please send a VAT invoice for order {order} to our accounts address.",
			"The invoice is on its way by email. You can also download it under your orders.",
			"Invoice copy sent.",
		},
		{
			crm.TicketTypeServiceRequest, "order change", teamCare, "New delivery address, order {order}",
			"We are closed next week. Can order {order} go to our second shop instead?",
			"We have changed the delivery address with the carrier. Thank you for telling us in time.",
			"Address confirmed by phone.",
		},
	}
}

// itemTopics come up within a month of an order whose lines are known.
func itemTopics() []topic {
	return []topic{
		{
			crm.TicketTypeProblem, "quality", teamReturns, "Damaged: {product}",
			"Two of the {product} from order {order} were broken when we opened the box.",
			"I am sorry. Please keep the packaging; we will send replacements with your next parcel.",
			"Third report of breakage for this article this month; told the warehouse.",
		},
		{
			crm.TicketTypeReturn, "return", teamReturns, "Return: {product}",
			"The {product} is not what we expected. How can we send it back?",
			"You can return it within 30 days. A label is attached.",
			"Return label created.",
		},
		{
			crm.TicketTypeComplaint, "quality", teamCare, "Wrong colour: {product}",
			"The colour of {product} in order {order} is not the one in your catalogue.",
			"Thank you for letting us know. The batch does differ; we can offer a discount or take it back.",
			"Offered 15 % on the next order.",
		},
		{
			crm.TicketTypeQuestion, "product", teamCare, "Care of {product}",
			"A customer of ours asks how {product} should be cleaned.",
			"A damp cloth is best. Please do not put it in the dishwasher.",
			"Asked the buyer for the care sheet.",
		},
	}
}

// laterTopics come up whenever an order is some time ago.
func laterTopics() []topic {
	return []topic{
		{
			crm.TicketTypeServiceRequest, "invoice", teamAccounts, "Invoice copy, order {order}",
			"Our auditor asks for a copy of the invoice for order {order}. Could you send it again?",
			"Here is the copy. Please tell us if you need any others for the year.",
			"Taken from the archive.",
		},
		{
			crm.TicketTypeQuestion, "account", teamCare, "New contact details",
			"We have moved since order {order}. How do we change address and telephone number?",
			"You can change both under your account, or tell us here and we will do it.",
			"Check the address against the last delivery.",
		},
		{
			crm.TicketTypeSuggestion, "website", teamCare, "Repeat order {order}",
			"It would help us if a past order such as {order} could be ordered again as a whole.",
			"That is a good idea. We have passed it on to the people who look after the shop.",
			"Same wish as last month.",
		},
		{
			crm.TicketTypeQuestion, "wholesale", teamWholesale, "Wholesale prices, order {order}",
			"We would like to order about three times as much as in order {order}. Is there a better price?",
			"Gladly: from 500 pounds carriage is free, and for cases there is a lower price. A quotation follows.",
			"Quotation drafted.",
		},
	}
}

// laterItemTopics come up when an order with lines is some time ago.
func laterItemTopics() []topic {
	return []topic{
		{
			crm.TicketTypeQuestion, "stock", teamCare, "Stock: {product}",
			"We sold out of {product} from order {order}. Do you still have it, and from what quantity?",
			"Yes, we do. It comes in the same pack size as last time.",
			"Checked stock with the warehouse.",
		},
		{
			crm.TicketTypeServiceRequest, "reorder", teamWholesale, "Reorder: {product}",
			"Please reserve another case of {product} for us, as in order {order}.",
			"It is reserved until Friday. Shall we send it to the same address?",
			"Reserved one case.",
		},
		{
			crm.TicketTypeComplaint, "quality", teamReturns, "Worn out: {product}",
			"The {product} from order {order} has come apart. Is this covered?",
			"It should not do that. Could you send us a picture? Then we will replace it.",
			"Ask for the batch number.",
		},
	}
}

// topicFor picks a topic that fits how long ago the order was and whether an
// article of it is known.
func topicFor(r *random, fresh, known bool) topic {
	switch {
	case fresh && known && r.percent(75):
		return pick(r, itemTopics())
	case fresh:
		return pick(r, orderTopics())
	case known && r.percent(75):
		return pick(r, laterItemTopics())
	default:
		return pick(r, laterTopics())
	}
}
