package crm

import (
	"context"
	"time"
)

// RowLimits limit which records somebody sees. What is empty does not limit;
// all that is set must hold.
type RowLimits struct {
	// Sources are the names of the sources whose records may be seen: orders and
	// products of one of them, and customers with an identity in one of them.
	Sources []string
	// Regions are countries (ISO 3166-1 alpha-2): customers with an address in one
	// of them, and what hangs on these.
	Regions []string
	// Own is the source of identities whose customers alone may be seen, with what
	// hangs on them: the customers that a partner brought or serves.
	Own string
}

// Unlimited says that every record may be seen.
func (r RowLimits) Unlimited() bool {
	return len(r.Sources) == 0 && len(r.Regions) == 0 && r.Own == ""
}

// APIKey is the credential of a partner's system, without its secret.
type APIKey struct {
	// ID is "key_" and a TypeID's rest; it is no Node of the graph.
	ID string
	// Name says to people whose it is; it may be empty.
	Name string
	// Hash is the SHA-256 of the whole key, in lower-case hexadecimal.
	Hash string
	// PartnerApp is the partner's system that the key speaks for, "" for none.
	PartnerApp ID
	// Scopes are the schema's PartnerScope values, sorted.
	Scopes []string
	Rows   RowLimits
	// Rate is how many requests a second the key may make; 0 is the default.
	Rate      int
	CreatedAt time.Time
	// ExpiresAt, RevokedAt and LastUsedAt are nil for never.
	ExpiresAt, RevokedAt, LastUsedAt *time.Time
}

// APIKeys keeps the keys of partners' systems. They are no records: no dump
// holds them.
type APIKeys interface {
	// Add stores a new key. An id or hash that is there already is CodeConflict.
	Add(ctx context.Context, key *APIKey) error
	// ByHash gives the key with a hash, revoked and expired ones too; nil if there
	// is none.
	ByHash(ctx context.Context, hash string) (*APIKey, error)
	// List gives every key, by id.
	List(ctx context.Context) ([]*APIKey, error)
	// Revoke revokes a key for good; one that was revoked before keeps its time. An
	// unknown id is CodeNotFound.
	Revoke(ctx context.Context, id string, at time.Time) error
	// Touch notes that a key was used; an earlier time than the one noted, and an
	// unknown id, change nothing.
	Touch(ctx context.Context, id string, at time.Time) error
}
