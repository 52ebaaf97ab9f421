package main

import (
	"context"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// match is what Q5 shows of a customer.
type match struct {
	ID          string  `json:"id" bson:"_id"`
	DisplayName string  `json:"displayName" bson:"displayName"`
	Kind        string  `json:"kind" bson:"kind"`
	Status      string  `json:"status" bson:"status"`
	Tier        *string `json:"tier" bson:"tier"`
	Emails      []struct {
		Address string `json:"address" bson:"address"`
		Primary bool   `json:"primary" bson:"primary"`
	} `json:"emails" bson:"emails"`
}

type pageInfo struct {
	HasNextPage bool `json:"hasNextPage"`
}

var matchFields = project("displayName", "kind", "status", "tier", "emails.address", "emails.primary")

// search is Q5: each word must be the beginning of one of a customer's. Patterns that
// begin with "^" and are otherwise literal are ranges of the index.
func (s *inMongo) search(ctx context.Context, text string) (any, error) {
	const first = 20
	var words bson.A
	for _, word := range strings.Fields(strings.ToLower(text)) {
		words = append(words, eq("tokens", bson.Regex{Pattern: "^" + regexp.QuoteMeta(word)}))
	}
	list, err := find[match](ctx, s.db.Collection("customers"), bson.D{{Key: "$and", Value: words}}, newest("updatedAt"), first+1, matchFields)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Emails = known(list[i].Emails)
	}
	type page struct {
		Nodes    []match  `json:"nodes"`
		PageInfo pageInfo `json:"pageInfo"`
	}
	return struct {
		Customers page `json:"customers"`
	}{page{list[:min(first, len(list))], pageInfo{len(list) > first}}}, nil
}
