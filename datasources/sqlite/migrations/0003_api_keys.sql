-- The keys of partners' systems, without their secrets. Lists are arrays of JSON,
-- times Unix milliseconds, NULL for never.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, partner_app TEXT NOT NULL,
  scopes TEXT NOT NULL, sources TEXT NOT NULL, regions TEXT NOT NULL, own TEXT NOT NULL, rate INTEGER NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER
) STRICT, WITHOUT ROWID;
