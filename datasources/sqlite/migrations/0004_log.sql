-- What was stored and removed, in the order in which it was. A row is a run of
-- entries, an array of JSON; "number" is its last entry's, so that the row with the
-- entry after a number is the first with a larger one. The last row stays for ever:
-- numbers are counted on from it.
CREATE TABLE log (
  number INTEGER PRIMARY KEY, entries BLOB NOT NULL
) STRICT;
