-- Keys as the domain computes them: text is compared as bytes, an instant is
-- Unix milliseconds, an absent key is NULL. "doc" is the record as JSON, which
-- step 0005_bson turns into BSON. "row" is the record's number in its table, which
-- side tables refer to.

CREATE TABLE teams (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  name TEXT NOT NULL, updated_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX teams_name ON teams (name, id);
CREATE INDEX teams_updated_at ON teams (updated_at, id);

CREATE TABLE employees (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  name TEXT NOT NULL, updated_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX employees_name ON employees (name, id);
CREATE INDEX employees_updated_at ON employees (updated_at, id);

CREATE TABLE partner_apps (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  name TEXT NOT NULL, updated_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX partner_apps_name ON partner_apps (name, id);
CREATE INDEX partner_apps_updated_at ON partner_apps (updated_at, id);

CREATE TABLE customers (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  name TEXT NOT NULL, kind TEXT, status TEXT, lifecycle_stage TEXT, loyalty_class TEXT, owner TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_created_at ON customers (created_at, id);
CREATE INDEX customers_updated_at ON customers (updated_at, id);
CREATE INDEX customers_kind ON customers (kind, updated_at, id);
CREATE INDEX customers_status ON customers (status, updated_at, id);
CREATE INDEX customers_lifecycle_stage ON customers (lifecycle_stage, updated_at, id);
CREATE INDEX customers_loyalty_class ON customers (loyalty_class, updated_at, id);
CREATE INDEX customers_owner ON customers (owner, updated_at, id) WHERE owner IS NOT NULL;

CREATE TABLE customers_keys (
  field TEXT NOT NULL, value TEXT NOT NULL,
  row INTEGER NOT NULL REFERENCES customers (row) ON DELETE CASCADE,
  PRIMARY KEY (field, value, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX customers_keys_row ON customers_keys (row);
-- An external identity names one customer.
CREATE UNIQUE INDEX customers_keys_identity ON customers_keys (value) WHERE field = 'identity';

CREATE TABLE products (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  source TEXT, name TEXT NOT NULL, updated_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX products_name ON products (name, id);
CREATE INDEX products_updated_at ON products (updated_at, id);
CREATE INDEX products_source ON products (source, name, id);

CREATE TABLE products_keys (
  field TEXT NOT NULL, value TEXT NOT NULL,
  row INTEGER NOT NULL REFERENCES products (row) ON DELETE CASCADE,
  PRIMARY KEY (field, value, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX products_keys_row ON products_keys (row);

-- The figures at the end of orders_customer and orders_organization let what is
-- known of a customer be summed up from the index alone.
CREATE TABLE orders (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  customer TEXT REFERENCES customers (id), organization TEXT REFERENCES customers (id),
  source TEXT, number TEXT, status TEXT, financial_status TEXT, fulfillment_status TEXT,
  canceled TEXT, currency TEXT, placed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  gross INTEGER NOT NULL, net INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX orders_customer ON orders (customer, placed_at, id, canceled, currency, gross, net)
  WHERE customer IS NOT NULL;
CREATE INDEX orders_organization ON orders (organization, placed_at, id, customer, canceled, currency, gross, net)
  WHERE organization IS NOT NULL;
CREATE INDEX orders_placed_at ON orders (placed_at, id, financial_status, fulfillment_status);
CREATE INDEX orders_updated_at ON orders (updated_at, id);
CREATE INDEX orders_source ON orders (source, placed_at, id);
CREATE INDEX orders_status ON orders (status, placed_at, id);
CREATE INDEX orders_number ON orders (number);

CREATE TABLE orders_keys (
  field TEXT NOT NULL, value TEXT NOT NULL,
  row INTEGER NOT NULL REFERENCES orders (row) ON DELETE CASCADE,
  PRIMARY KEY (field, value, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_keys_row ON orders_keys (row);

CREATE TABLE tickets (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  customer TEXT REFERENCES customers (id), requester TEXT REFERENCES customers (id),
  number TEXT, status TEXT, open TEXT, type TEXT, priority TEXT, channel TEXT, assignee TEXT, queue TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, satisfaction INTEGER,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX tickets_customer ON tickets (customer, created_at, id, open, satisfaction)
  WHERE customer IS NOT NULL;
CREATE INDEX tickets_requester ON tickets (requester, created_at, id, customer, open, satisfaction)
  WHERE requester IS NOT NULL;
CREATE INDEX tickets_created_at ON tickets (created_at, id);
CREATE INDEX tickets_updated_at ON tickets (updated_at, id);
CREATE INDEX tickets_open ON tickets (open, created_at, id);
CREATE INDEX tickets_status ON tickets (status, created_at, id);
CREATE INDEX tickets_assignee ON tickets (assignee, created_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX tickets_queue ON tickets (queue, created_at, id) WHERE queue IS NOT NULL;
CREATE INDEX tickets_number ON tickets (number);

CREATE TABLE tickets_keys (
  field TEXT NOT NULL, value TEXT NOT NULL,
  row INTEGER NOT NULL REFERENCES tickets (row) ON DELETE CASCADE,
  PRIMARY KEY (field, value, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_keys_row ON tickets_keys (row);

CREATE TABLE articles (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  ticket TEXT REFERENCES tickets (id), visibility TEXT, created_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX articles_ticket ON articles (ticket, created_at, id) WHERE ticket IS NOT NULL;

CREATE TABLE interactions (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  customer TEXT REFERENCES customers (id), channel TEXT, thread TEXT, occurred_at INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX interactions_customer ON interactions (customer, occurred_at, id) WHERE customer IS NOT NULL;
CREATE INDEX interactions_occurred_at ON interactions (occurred_at, id);
CREATE INDEX interactions_thread ON interactions (thread, occurred_at, id) WHERE thread IS NOT NULL;

CREATE TABLE recommendations (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  customer TEXT REFERENCES customers (id), status TEXT, kind TEXT, rank INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX recommendations_customer ON recommendations (customer, rank, id) WHERE customer IS NOT NULL;

CREATE TABLE next_best_actions (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
  customer TEXT REFERENCES customers (id), status TEXT, rank INTEGER NOT NULL,
  doc BLOB NOT NULL
) STRICT;
CREATE INDEX next_best_actions_customer ON next_best_actions (customer, rank, id) WHERE customer IS NOT NULL;

-- What records of other kinds say about a customer's history; "ref" is the
-- record, "doc" what only a customer's own entries have. The customer needs no
-- reference of its own: the record's, checked when it is written, is the same.
CREATE TABLE timeline (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL,
  customer TEXT NOT NULL, occurred_at INTEGER NOT NULL,
  kind TEXT NOT NULL, ref TEXT NOT NULL,
  doc BLOB
) STRICT;
CREATE INDEX timeline_customer ON timeline (customer, occurred_at, id, kind);
CREATE INDEX timeline_ref ON timeline (ref);
CREATE INDEX timeline_id ON timeline (id);
