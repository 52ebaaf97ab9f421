// Package sqlite is the company's own store on SQLite: the embedded default,
// one file and no server to install.
//
// It owns the file, its schema and every SQL statement. A kind of record is a
// table: a column for each single-valued key, the record itself as a document
// of BSON, and a side table of keys that have many values. All of that follows from the
// kind's crm.Description: a kind or a key that there is no migration for gets its
// table or column from Migrate. Keys are computed by the domain and compared as
// bytes, so the store gives the same answers in the same order as every other.
// Reading is one SQL statement whatever the number of ids; writing is one
// transaction a call (large Changes have their own), which notes what it did in
// the log.
//
// It does not own the documents' form (internal/record) or any rule about
// records. cmd/gateway and tests may import it.
package sqlite
