// Package previous tests that what earlier versions of the program stored can
// still be read: stores and dumps made of internal/test/fixture's records, a
// checkpoint and an API key. It owns testdata and nothing else.
//
// The folder 0.1 has a store of each kind without a log, 0.2 one of each with a log:
// a SQLite file whose documents are still JSON, and a MongoDB database in which a
// unique index of the customers keeps their identities unique. 0.3 has a SQLite file
// with documents in BSON that is not marked as a store yet (PRAGMA application_id), and
// a MongoDB database with a collection of identities, notes and needs.
//
// The folder currencies has stores of when some currencies had no digits yet.
//
// When the form of a store changes, keep the folders that are there and add one with
// a store of that kind and a dump, made by the program that was the latest until then.
package previous
