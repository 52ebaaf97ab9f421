package crm

import (
	"math"
	"time"
)

// RecommendationKind is why a product is recommended.
type RecommendationKind string

// The recommendation kinds.
const (
	RecommendationKindCrossSell RecommendationKind = "CROSS_SELL"
	RecommendationKindUpSell    RecommendationKind = "UP_SELL"
	RecommendationKindReplenish RecommendationKind = "REPLENISH"
)

// RecommendationStatus is what became of a recommendation.
type RecommendationStatus string

// The recommendation statuses.
const (
	RecommendationStatusActive    RecommendationStatus = "ACTIVE"
	RecommendationStatusShown     RecommendationStatus = "SHOWN"
	RecommendationStatusAccepted  RecommendationStatus = "ACCEPTED"
	RecommendationStatusDismissed RecommendationStatus = "DISMISSED"
	RecommendationStatusConverted RecommendationStatus = "CONVERTED"
	RecommendationStatusExpired   RecommendationStatus = "EXPIRED"
)

// Recommendation is a product that a customer may want next.
type Recommendation struct {
	ID           ID
	CustomerID   ID
	ProductID    ID
	Kind         RecommendationKind
	Status       RecommendationStatus
	Score        float64 // 0 to 1, higher is likelier
	Reason       string
	BasedOnIDs   []ID // products
	Model        string
	ModelVersion string
	CreatedAt    time.Time
	ExpiresAt    *time.Time
}

// Complete derives what follows from the rest, where it is missing.
func (r *Recommendation) Complete() { setDefault(&r.Status, RecommendationStatusActive) }

// Rank is the whole number that scores are sorted by: score × 10^9, rounded, so
// that every store orders and pages alike.
func Rank(score float64) int64 { return int64(math.Round(score * 1e9)) }

// KindRecommendation is the kind of recommendations.
const KindRecommendation Kind = "rec"

func recommendationKind() *Description {
	return describe[Recommendation](Description{
		Name: "recommendations", Change: ChangeKindRecommendation,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldKind, Class: ClassText},
			{Field: FieldRank, Class: ClassNumber, From: []string{"score"}},
		},
		Derives: map[string][]string{
			"Recommendation.customer": {"customer"},
			"Recommendation.product":  {"product"},
			"Recommendation.basedOn":  {"basedOn"},
		},
		Rules: map[string]Rule{
			"Recommendation.customer":     {Needed: true, Refers: KindCustomer, Exists: true},
			"Recommendation.product":      {Needed: true, Refers: KindProduct},
			"Recommendation.basedOn":      {Needed: true, Refers: KindProduct},
			"Recommendation.reason":       {Needed: true},
			"Recommendation.model":        {Needed: true},
			"Recommendation.modelVersion": {Needed: true},
			"Recommendation.createdAt":    {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*Recommendation) RecordKind() Kind { return KindRecommendation }

// RecordID is the id.
func (r *Recommendation) RecordID() ID { return r.ID }

// Position returns the recommendation's place in a list sorted by rank.
func (r *Recommendation) Position(Field) Position {
	return Position{ID: r.ID, Number: Rank(r.Score)}
}

func (*Recommendation) isNode() {}

// Keys returns what recommendations are found by.
func (r *Recommendation) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer: string(r.CustomerID), FieldStatus: string(r.Status), FieldKind: string(r.Kind),
		},
		Number: map[Field]int64{FieldRank: Rank(r.Score)},
	}
}

// RecommendationFilter selects recommendations; every condition given must hold.
type RecommendationFilter struct {
	Kind   []RecommendationKind
	Status []RecommendationStatus
}

// Predicates returns the filter's conditions; nil selects every recommendation.
func (f *RecommendationFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(in(FieldKind, f.Kind), in(FieldStatus, f.Status))
}

// NextBestActionStatus is what became of a next best action.
type NextBestActionStatus string

// The statuses of a next best action.
const (
	NextBestActionStatusOpen      NextBestActionStatus = "OPEN"
	NextBestActionStatusDone      NextBestActionStatus = "DONE"
	NextBestActionStatusDismissed NextBestActionStatus = "DISMISSED"
	NextBestActionStatusExpired   NextBestActionStatus = "EXPIRED"
)

// NextBestAction is what staff had best do about a customer next. No portal
// reads it.
type NextBestAction struct {
	ID           ID
	CustomerID   ID
	Title        string
	Reason       string
	Channel      *Channel
	Status       NextBestActionStatus
	Score        float64 // 0 to 1, higher is more urgent
	DueAt        *time.Time
	Model        string
	ModelVersion string
	CreatedAt    time.Time
}

// Complete derives what follows from the rest, where it is missing.
func (n *NextBestAction) Complete() { setDefault(&n.Status, NextBestActionStatusOpen) }

// KindNextBestAction is the kind of next best actions.
const KindNextBestAction Kind = "nba"

func nextBestActionKind() *Description {
	return describe[NextBestAction](Description{
		Name: "next_best_actions", Change: ChangeKindNextBestAction,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldRank, Class: ClassNumber, From: []string{"score"}},
		},
		Derives: map[string][]string{
			"NextBestAction.customer": {"customer"},
		},
		Rules: map[string]Rule{
			"NextBestAction.customer":     {Needed: true, Refers: KindCustomer, Exists: true},
			"NextBestAction.title":        {Needed: true},
			"NextBestAction.reason":       {Needed: true},
			"NextBestAction.model":        {Needed: true},
			"NextBestAction.modelVersion": {Needed: true},
			"NextBestAction.createdAt":    {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*NextBestAction) RecordKind() Kind { return KindNextBestAction }

// RecordID is the id.
func (n *NextBestAction) RecordID() ID { return n.ID }

// Position returns the action's place in a list sorted by rank.
func (n *NextBestAction) Position(Field) Position {
	return Position{ID: n.ID, Number: Rank(n.Score)}
}

func (*NextBestAction) isNode() {}

// Keys returns what next best actions are found by.
func (n *NextBestAction) Keys() Keys {
	return Keys{
		Text:   map[Field]string{FieldCustomer: string(n.CustomerID), FieldStatus: string(n.Status)},
		Number: map[Field]int64{FieldRank: Rank(n.Score)},
	}
}
