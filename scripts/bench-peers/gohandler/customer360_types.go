package main

import "go.mongodb.org/mongo-driver/v2/bson"

// What the answer of customer-360 looks like, in the order of the query's fields; what
// has bson's names too is read as it is answered.
type (
	// Profile and Contacts are exported so that BSON's codec looks into them.
	Profile struct {
		ID                string  `json:"id" bson:"_id"`
		DisplayName       string  `json:"displayName" bson:"displayName"`
		Kind              string  `json:"kind" bson:"kind"`
		Status            string  `json:"status" bson:"status"`
		LifecycleStage    *string `json:"lifecycleStage" bson:"lifecycleStage"`
		LoyaltyClass      *string `json:"loyaltyClass" bson:"loyaltyClass"`
		RetentionStatus   *string `json:"retentionStatus" bson:"retentionStatus"`
		RelationshipLevel *string `json:"relationshipLevel" bson:"relationshipLevel"`
	}
	Contacts struct {
		Emails             []email    `json:"emails" bson:"emails"`
		Phones             []phone    `json:"phones" bson:"phones"`
		Addresses          []address  `json:"addresses" bson:"addresses"`
		ExternalIdentities []identity `json:"externalIdentities" bson:"externalIdentities"`
		Tags               []string   `json:"tags" bson:"tags"`
		Consents           []consent  `json:"consents" bson:"consents"`
	}
	phone struct {
		Number   string `json:"number" bson:"number"`
		Verified bool   `json:"verified" bson:"verified"`
		Primary  bool   `json:"primary" bson:"primary"`
	}
	address struct {
		Line1       string  `json:"line1" bson:"line1"`
		City        *string `json:"city" bson:"city"`
		PostalCode  *string `json:"postalCode" bson:"postalCode"`
		CountryCode *string `json:"countryCode" bson:"countryCode"`
	}
	identity struct {
		Source     string `json:"source" bson:"source"`
		ExternalID string `json:"externalId" bson:"externalId"`
	}
	consent struct {
		Purpose   string         `json:"purpose" bson:"purpose"`
		Channel   *string        `json:"channel" bson:"channel"`
		Status    string         `json:"status" bson:"status"`
		ExpiresAt *bson.DateTime `json:"-" bson:"expiresAt"`
	}
	named struct {
		ID   string `json:"id" bson:"_id"`
		Name string `json:"name" bson:"name"`
	}
	person struct {
		Profile  `bson:",inline"`
		Owner    string `bson:"owner"`
		Contacts `bson:",inline"`
	}

	view struct {
		Profile
		Owner *named `json:"owner"`
		Contacts
		Statistics      statistics             `json:"statistics"`
		Orders          ordersView             `json:"orders"`
		Tickets         ticketsView            `json:"tickets"`
		Timeline        nodes[entryView]       `json:"timeline"`
		Recommendations nodes[recommendedView] `json:"recommendations"`
	}
	statistics struct {
		OrderCount        int     `json:"orderCount"`
		NetSpend          []total `json:"netSpend"`
		AverageOrderValue []total `json:"averageOrderValue"`
		FirstOrderAt      *string `json:"firstOrderAt"`
		LastOrderAt       *string `json:"lastOrderAt"`
		OpenTicketCount   int     `json:"openTicketCount"`
		ComputedAt        string  `json:"computedAt"`
	}
	sourceView struct {
		Source string `json:"source"`
		State  string `json:"state"`
		AsOf   string `json:"asOf"`
	}
	ordersView struct {
		Sources  []sourceView `json:"sources"`
		Edges    []edge[ref]  `json:"edges"`
		Nodes    []orderView  `json:"nodes"`
		PageInfo struct {
			HasNextPage bool    `json:"hasNextPage"`
			EndCursor   *string `json:"endCursor"`
		} `json:"pageInfo"`
	}
	edge[T any] struct {
		Cursor string `json:"cursor"`
		Node   T      `json:"node"`
	}
	ref struct {
		ID string `json:"id"`
	}
	orderView struct {
		ID                string     `json:"id"`
		Number            string     `json:"number"`
		Source            string     `json:"source"`
		PlacedAt          string     `json:"placedAt"`
		Status            string     `json:"status"`
		FinancialStatus   string     `json:"financialStatus"`
		FulfillmentStatus string     `json:"fulfillmentStatus"`
		Total             total      `json:"total"`
		Lines             []lineView `json:"lines"`
		Shipments         []shipment `json:"shipments"`
	}
	lineView struct {
		Title     string   `json:"title"`
		SKU       *string  `json:"sku"`
		Quantity  int      `json:"quantity"`
		UnitPrice total    `json:"unitPrice"`
		Product   *product `json:"product"`
	}
	shipment struct {
		Carrier        *string `json:"carrier" bson:"carrier"`
		TrackingNumber *string `json:"trackingNumber" bson:"trackingNumber"`
		TrackingURL    *string `json:"trackingUrl" bson:"trackingUrl"`
	}
	ticketsView struct {
		TotalCount int64        `json:"totalCount"`
		Nodes      []ticketView `json:"nodes"`
	}
	ticketView struct {
		ID       string             `json:"id"`
		Number   string             `json:"number"`
		Subject  string             `json:"subject"`
		Type     *string            `json:"type"`
		Priority string             `json:"priority"`
		Status   string             `json:"status"`
		Version  int                `json:"version"`
		SLA      *slaView           `json:"sla"`
		Articles nodes[articleView] `json:"articles"`
	}
	slaView struct {
		FirstResponse *targetView `json:"firstResponse"`
		Resolution    *targetView `json:"resolution"`
	}
	targetView struct {
		DueAt      *string `json:"dueAt"`
		BreachedAt *string `json:"breachedAt"`
	}
	articleView struct {
		ID         string `json:"id"`
		Visibility string `json:"visibility"`
		Body       string `json:"body"`
		CreatedAt  string `json:"createdAt"`
	}
	// entryView has what its type's fragment selects, beside what every entry has.
	entryView struct {
		Typename   string      `json:"__typename"`
		ID         string      `json:"id"`
		Kind       string      `json:"kind"`
		OccurredAt string      `json:"occurredAt"`
		Order      *boughtView `json:"order,omitempty"`
		Ticket     *numbered   `json:"ticket,omitempty"`
		*interaction
	}
	boughtView struct {
		ID     string       `json:"id"`
		Number string       `json:"number"`
		Lines  []ofLineView `json:"lines"`
	}
	ofLineView struct {
		Product *product `json:"product"`
	}
	numbered struct {
		ID     string `json:"id" bson:"_id"`
		Number string `json:"number" bson:"number"`
	}
	recommendedView struct {
		ID      string      `json:"id"`
		Kind    string      `json:"kind"`
		Score   float64     `json:"score"`
		Reason  string      `json:"reason"`
		Product *pricedView `json:"product"`
	}
	pricedView struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Price *total `json:"price"`
	}
)

// What is read.
type (
	orderRecord struct {
		ID                string        `bson:"_id"`
		Number            string        `bson:"number"`
		Source            string        `bson:"source"`
		PlacedAt          bson.DateTime `bson:"placedAt"`
		UpdatedAt         bson.DateTime `bson:"updatedAt"`
		Status            string        `bson:"status"`
		FinancialStatus   string        `bson:"financialStatus"`
		FulfillmentStatus string        `bson:"fulfillmentStatus"`
		Total             money         `bson:"total"`
		Lines             []struct {
			Title     string  `bson:"title"`
			SKU       *string `bson:"sku"`
			Quantity  int     `bson:"quantity"`
			UnitPrice money   `bson:"unitPrice"`
			Product   string  `bson:"product"`
		} `bson:"lines"`
		Shipments []shipment `bson:"shipments"`
	}
	target struct {
		DueAt      *bson.DateTime `bson:"dueAt"`
		BreachedAt *bson.DateTime `bson:"breachedAt"`
	}
	ticketRecord struct {
		ID       string  `bson:"_id"`
		Number   string  `bson:"number"`
		Subject  string  `bson:"subject"`
		Type     *string `bson:"type"`
		Priority string  `bson:"priority"`
		Status   string  `bson:"status"`
		Version  int     `bson:"version"`
		Customer string  `bson:"customer"`
		SLA      *struct {
			FirstResponse *target `bson:"firstResponse"`
			Resolution    *target `bson:"resolution"`
		} `bson:"sla"`
	}
	articleRecord struct {
		ID         string        `bson:"_id"`
		Visibility string        `bson:"visibility"`
		Body       string        `bson:"body"`
		CreatedAt  bson.DateTime `bson:"createdAt"`
	}
	entry struct {
		Event      string        `bson:"event"`
		Type       string        `bson:"type"`
		Kind       string        `bson:"kind"`
		OccurredAt bson.DateTime `bson:"occurredAt"`
		Ref        string        `bson:"ref"`
	}
	interaction struct {
		ID        string `bson:"_id" json:"-"`
		Channel   string `bson:"channel" json:"channel"`
		Direction string `bson:"direction" json:"direction"`
		Summary   string `bson:"summary" json:"summary"`
	}
	bought struct {
		ID     string `bson:"_id"`
		Number string `bson:"number"`
		Lines  []struct {
			Product string `bson:"product"`
		} `bson:"lines"`
	}
	recommendation struct {
		ID      string  `bson:"_id"`
		Kind    string  `bson:"kind"`
		Score   float64 `bson:"score"`
		Reason  string  `bson:"reason"`
		Product string  `bson:"product"`
	}
	priced struct {
		ID    string `bson:"_id"`
		Title string `bson:"title"`
		Price *money `bson:"price"`
	}
	sums struct {
		Currency string         `bson:"_id"`
		Orders   int            `bson:"orders"`
		Gross    int64          `bson:"gross"`
		Net      int64          `bson:"net"`
		First    *bson.DateTime `bson:"first"`
		Last     *bson.DateTime `bson:"last"`
		Open     int            `bson:"open"`
	}
)
