-- What processes share beside the records.
CREATE TABLE checkpoints (
  name TEXT PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that were seen, until a time (Unix milliseconds).
CREATE TABLE seen (
  key TEXT PRIMARY KEY, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_until ON seen (until);
