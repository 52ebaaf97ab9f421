package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// apiKeyColumns are what is read of a key, in the order of scan.
const apiKeyColumns = "id, hash, name, partner_app, scopes, sources, regions, own, rate," +
	" created_at, expires_at, revoked_at, last_used_at"

// apiKeys keeps the keys of partners' systems.
type apiKeys struct{ store *Store }

// APIKeys returns the keys of partners' systems.
func (s *Store) APIKeys() crm.APIKeys { return apiKeys{s} }

// Add stores a new key.
func (a apiKeys) Add(ctx context.Context, key *crm.APIKey) error {
	if err := crm.CheckAPIKey(key); err != nil {
		return err
	}
	err := a.store.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(
			ctx, "INSERT INTO api_keys ("+apiKeyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			key.ID, key.Hash, key.Name, string(key.PartnerApp), jsonList(key.Scopes),
			jsonList(key.Rows.Sources), jsonList(key.Rows.Regions), key.Rows.Own, key.Rate,
			key.CreatedAt.UnixMilli(), millis(key.ExpiresAt), millis(key.RevokedAt), millis(key.LastUsedAt),
		)
		return err
	})
	return translate("add an API key", err)
}

// ByHash returns the key with a hash.
func (a apiKeys) ByHash(ctx context.Context, hash string) (*crm.APIKey, error) {
	q := &statement{}
	q.add("SELECT ", apiKeyColumns, " FROM api_keys WHERE hash = ?")
	q.bind(hash)
	keys, err := a.read(ctx, q)
	if err != nil || len(keys) == 0 {
		return nil, translate("look for an API key", err)
	}
	return keys[0], nil
}

// List returns every key, by id.
func (a apiKeys) List(ctx context.Context) ([]*crm.APIKey, error) {
	q := &statement{}
	q.add("SELECT ", apiKeyColumns, " FROM api_keys ORDER BY id")
	keys, err := a.read(ctx, q)
	return keys, translate("list the API keys", err)
}

// Revoke revokes a key for good.
func (a apiKeys) Revoke(ctx context.Context, id string, at time.Time) error {
	found, err := a.update(ctx, "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1", id, at)
	if err == nil && !found {
		err = &crm.Error{Code: crm.CodeNotFound, Message: "there is no API key with this id"}
	}
	return translate("revoke an API key", err)
}

// Touch notes that a key was used.
func (a apiKeys) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := a.update(ctx, "UPDATE api_keys SET last_used_at = ?2"+
		" WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)", id, at)
	return translate("note the use of an API key", err)
}

// update changes a key and says whether there was one to change.
func (a apiKeys) update(ctx context.Context, text, id string, at time.Time) (found bool, err error) {
	err = a.store.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, text, id, at.UnixMilli())
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		found = rows > 0
		return err
	})
	return found, err
}

// read runs a query for keys.
func (a apiKeys) read(ctx context.Context, q *statement) ([]*crm.APIKey, error) {
	keys := []*crm.APIKey{}
	var key crm.APIKey
	var scopes, sources, regions string
	var created int64
	var expires, revoked, used sql.NullInt64
	err := a.store.query(ctx, q, []any{
		&key.ID, &key.Hash, &key.Name, (*string)(&key.PartnerApp), &scopes, &sources, &regions, &key.Rows.Own, &key.Rate,
		&created, &expires, &revoked, &used,
	}, func() error {
		found := key
		found.CreatedAt = time.UnixMilli(created).UTC()
		found.ExpiresAt, found.RevokedAt, found.LastUsedAt = timeOf(expires), timeOf(revoked), timeOf(used)
		for text, list := range map[*string]*[]string{
			&scopes: &found.Scopes, &sources: &found.Rows.Sources, &regions: &found.Rows.Regions,
		} {
			if err := json.Unmarshal([]byte(*text), list); err != nil {
				return err
			}
		}
		keys = append(keys, &found)
		return nil
	})
	return keys, err
}

// millis returns a time as it is stored, NULL for never.
func millis(at *time.Time) sql.NullInt64 {
	if at == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: at.UnixMilli(), Valid: true}
}

// timeOf returns a time that was stored, nil for never.
func timeOf(at sql.NullInt64) *time.Time {
	if !at.Valid {
		return nil
	}
	t := time.UnixMilli(at.Int64).UTC()
	return &t
}
