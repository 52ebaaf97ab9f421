package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/customer360/gateway/internal/crm"
)

// The collection of the keys of partners' systems, and those of its fields that
// commands name.
const (
	apiKeyDocuments = "api_keys"
	apiKeyHash      = "hash"
	apiKeyRevoked   = "revoked_at"
	apiKeyUsed      = "last_used_at"
)

// apiKeys keeps the keys of partners' systems. They are always read where they are
// written, wherever records are read: a key that was revoked is.
type apiKeys struct{ documents *mongo.Collection }

// apiKeyDocument is a key as it is stored; a time that is missing is never.
type apiKeyDocument struct {
	ID         string     `bson:"_id"`
	Hash       string     `bson:"hash"`
	Name       string     `bson:"name"`
	PartnerApp crm.ID     `bson:"partner_app"`
	Scopes     []string   `bson:"scopes"`
	Sources    []string   `bson:"sources"`
	Regions    []string   `bson:"regions"`
	Own        string     `bson:"own"`
	Rate       int        `bson:"rate"`
	CreatedAt  time.Time  `bson:"created_at"`
	ExpiresAt  *time.Time `bson:"expires_at,omitempty"`
	RevokedAt  *time.Time `bson:"revoked_at,omitempty"`
	LastUsedAt *time.Time `bson:"last_used_at,omitempty"`
}

// APIKeys returns the keys of partners' systems.
func (s *Store) APIKeys() crm.APIKeys {
	return apiKeys{s.database.Collection(apiKeyDocuments, options.Collection().SetReadPreference(readpref.Primary()))}
}

// Add stores a new key.
func (a apiKeys) Add(ctx context.Context, key *crm.APIKey) error {
	const op = "add an API key"
	if err := crm.CheckAPIKey(key); err != nil {
		return err
	}
	_, err := a.documents.InsertOne(ctx, apiKeyDocument{
		ID: key.ID, Hash: key.Hash, Name: key.Name, PartnerApp: key.PartnerApp, Scopes: list(key.Scopes),
		Sources: list(key.Rows.Sources), Regions: list(key.Rows.Regions), Own: key.Rows.Own, Rate: key.Rate,
		CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, RevokedAt: key.RevokedAt, LastUsedAt: key.LastUsedAt,
	})
	if mongo.IsDuplicateKeyError(err) {
		return &crm.Error{Code: crm.CodeConflict, Op: op, Message: "the API key is there already"}
	}
	return translate(ctx, op, err)
}

// ByHash returns the key with a hash.
func (a apiKeys) ByHash(ctx context.Context, hash string) (*crm.APIKey, error) {
	if !crm.ValidAPIKeyHash(hash) {
		return nil, nil
	}
	keys, err := a.read(ctx, bson.D{{Key: apiKeyHash, Value: hash}}, options.Find().SetLimit(1))
	if err != nil || len(keys) == 0 {
		return nil, translate(ctx, "look for an API key", err)
	}
	return keys[0], nil
}

// List returns every key, by id.
func (a apiKeys) List(ctx context.Context) ([]*crm.APIKey, error) {
	keys, err := a.read(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	return keys, translate(ctx, "list the API keys", err)
}

// Revoke revokes a key for good, in one command.
func (a apiKeys) Revoke(ctx context.Context, id string, at time.Time) error {
	const op = "revoke an API key"
	if !crm.ValidAPIKeyID(id) {
		return noAPIKey(op)
	}
	kept := bson.D{{Key: "$ifNull", Value: bson.A{"$" + apiKeyRevoked, bson.NewDateTimeFromTime(at)}}}
	result, err := a.documents.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		mongo.Pipeline{{{Key: "$set", Value: bson.D{{Key: apiKeyRevoked, Value: kept}}}}})
	if err == nil && result.MatchedCount == 0 {
		return noAPIKey(op)
	}
	return translate(ctx, op, err)
}

func noAPIKey(op string) error {
	return &crm.Error{Code: crm.CodeNotFound, Op: op, Message: "there is no API key with this id"}
}

// Touch notes that a key was used.
func (a apiKeys) Touch(ctx context.Context, id string, at time.Time) error {
	if !crm.ValidAPIKeyID(id) {
		return nil
	}
	_, err := a.documents.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$max", Value: bson.D{{Key: apiKeyUsed, Value: bson.NewDateTimeFromTime(at)}}}})
	return translate(ctx, "note the use of an API key", err)
}

// read returns the keys that a filter finds.
func (a apiKeys) read(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder) ([]*crm.APIKey, error) {
	cursor, err := a.documents.Find(ctx, filter, opts)
	if err != nil {
		return nil, err
	}
	var documents []apiKeyDocument
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, err
	}
	keys := make([]*crm.APIKey, len(documents))
	for i, d := range documents {
		keys[i] = &crm.APIKey{
			ID: d.ID, Hash: d.Hash, Name: d.Name, PartnerApp: d.PartnerApp, Scopes: list(d.Scopes),
			Rows: crm.RowLimits{Sources: list(d.Sources), Regions: list(d.Regions), Own: d.Own}, Rate: d.Rate,
			CreatedAt: d.CreatedAt.UTC(), ExpiresAt: inUTC(d.ExpiresAt), RevokedAt: inUTC(d.RevokedAt), LastUsedAt: inUTC(d.LastUsedAt),
		}
	}
	return keys, nil
}

// list returns a list that is not nil.
func list(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// inUTC returns a time in UTC, nil for never.
func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// migrateAPIKeys has the server keep each secret's hash for one key alone.
func (s *Store) migrateAPIKeys(ctx context.Context) error {
	_, err := s.database.Collection(apiKeyDocuments).Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{{Key: apiKeyHash, Value: 1}}, Options: options.Index().SetUnique(true),
	})
	return translate(ctx, "make the index of "+apiKeyDocuments, err)
}
