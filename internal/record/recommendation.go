package record

import "github.com/customer360/gateway/internal/crm"

// Recommendation is a crm.Recommendation written down.
type Recommendation struct {
	ID           crm.ID                   `json:"id" bson:"_id"`
	Customer     crm.ID                   `json:"customer,omitempty" bson:"customer,omitempty"`
	Product      crm.ID                   `json:"product,omitempty" bson:"product,omitempty"`
	Kind         crm.RecommendationKind   `json:"kind,omitempty" bson:"kind,omitempty"`
	Status       crm.RecommendationStatus `json:"status,omitempty" bson:"status,omitempty"`
	Score        float64                  `json:"score" bson:"score"`
	Reason       string                   `json:"reason,omitempty" bson:"reason,omitempty"`
	BasedOn      []crm.ID                 `json:"basedOn,omitempty" bson:"basedOn,omitempty"`
	Model        string                   `json:"model,omitempty" bson:"model,omitempty"`
	ModelVersion string                   `json:"modelVersion,omitempty" bson:"modelVersion,omitempty"`
	CreatedAt    Time                     `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	ExpiresAt    *Time                    `json:"expiresAt,omitempty" bson:"expiresAt,omitempty"`
}

// NextBestAction is a crm.NextBestAction written down.
type NextBestAction struct {
	ID           crm.ID                   `json:"id" bson:"_id"`
	Customer     crm.ID                   `json:"customer,omitempty" bson:"customer,omitempty"`
	Title        string                   `json:"title,omitempty" bson:"title,omitempty"`
	Reason       string                   `json:"reason,omitempty" bson:"reason,omitempty"`
	Channel      *crm.Channel             `json:"channel,omitempty" bson:"channel,omitempty"`
	Status       crm.NextBestActionStatus `json:"status,omitempty" bson:"status,omitempty"`
	Score        float64                  `json:"score" bson:"score"`
	DueAt        *Time                    `json:"dueAt,omitempty" bson:"dueAt,omitempty"`
	Model        string                   `json:"model,omitempty" bson:"model,omitempty"`
	ModelVersion string                   `json:"modelVersion,omitempty" bson:"modelVersion,omitempty"`
	CreatedAt    Time                     `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
}

// NewRecommendation gives a recommendation as it is written down.
func NewRecommendation(r *crm.Recommendation) *Recommendation {
	return &Recommendation{
		ID: r.ID, Customer: r.CustomerID, Product: r.ProductID, Kind: r.Kind, Status: r.Status, Score: r.Score,
		Reason: r.Reason, BasedOn: r.BasedOnIDs, Model: r.Model, ModelVersion: r.ModelVersion,
		CreatedAt: newTime(r.CreatedAt), ExpiresAt: newTimeRef(r.ExpiresAt),
	}
}

// Domain gives the recommendation.
func (r *Recommendation) Domain() *crm.Recommendation {
	return &crm.Recommendation{
		ID: r.ID, CustomerID: r.Customer, ProductID: r.Product, Kind: r.Kind, Status: r.Status, Score: r.Score,
		Reason: r.Reason, BasedOnIDs: filled(r.BasedOn), Model: r.Model, ModelVersion: r.ModelVersion,
		CreatedAt: r.CreatedAt.domain(), ExpiresAt: r.ExpiresAt.domainRef(),
	}
}

// NewNextBestAction gives a next best action as it is written down.
func NewNextBestAction(n *crm.NextBestAction) *NextBestAction {
	return &NextBestAction{
		ID: n.ID, Customer: n.CustomerID, Title: n.Title, Reason: n.Reason, Channel: n.Channel, Status: n.Status,
		Score: n.Score, DueAt: newTimeRef(n.DueAt), Model: n.Model, ModelVersion: n.ModelVersion,
		CreatedAt: newTime(n.CreatedAt),
	}
}

// Domain gives the next best action.
func (n *NextBestAction) Domain() *crm.NextBestAction {
	return &crm.NextBestAction{
		ID: n.ID, CustomerID: n.Customer, Title: n.Title, Reason: n.Reason, Channel: n.Channel, Status: n.Status,
		Score: n.Score, DueAt: n.DueAt.domainRef(), Model: n.Model, ModelVersion: n.ModelVersion,
		CreatedAt: n.CreatedAt.domain(),
	}
}
