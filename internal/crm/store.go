package crm

import "context"

// Reader serves one kind of record in batches. Records handed out are the
// caller's own: changing one changes nothing else. Their lists are empty where
// there is nothing, never nil, and their times UTC, to the millisecond. They have the
// members that are wanted, the id and, in lists, what their place is computed from; a
// member that is not wanted is as if it were absent, or there nevertheless.
type Reader[T any] interface {
	// ByID returns the records that exist, by id. Ids that are unknown, malformed
	// or of another kind are missing from the map; repeats do no harm.
	ByID(ctx context.Context, ids []ID, want *Members) (map[ID]*T, error)

	// List returns one page of the records that fulfil q.Where, in q.Sort's order.
	// With limit 0 it has no records and says whether there are any.
	List(ctx context.Context, q Query) (Page[T], error)

	// Count returns the number of records that fulfil where.
	Count(ctx context.Context, where []Predicate) (int, error)

	// ListBy returns one page for each id: of the records that have the id in one
	// of the fields and fulfil q.Where, in q.Sort's order, each record once.
	// An id without such records is missing from the map; with limit 0 one that
	// has some is there, with More and without records. It reads about
	// len(ids) × (limit + 1) records however many there are.
	ListBy(ctx context.Context, fields []Field, ids []ID, q Query) (map[ID]Page[T], error)

	// CountBy returns for each id the number of records that have the id in one
	// of the fields and fulfil where; an id without records is missing.
	CountBy(ctx context.Context, fields []Field, ids []ID, where []Predicate) (map[ID]int, error)
}

// Write is one record to be stored under its id.
type Write[T any] struct {
	Record *T
	// Expect is as in Change.
	Expect int
}

// Writer stores one kind of record.
type Writer[T any] interface {
	// Write is a Commit with a Changes for each record.
	Write(ctx context.Context, writes []Write[T]) ([]error, error)
}

// Records reads and writes one kind of record.
type Records[T any] interface {
	Reader[T]
	Writer[T]
}

// RecordPage is a Page of records of one kind.
type RecordPage struct {
	// Items are never nil where a store gives the page.
	Items []Record
	More  bool
}

// Reads reads records of every kind in batches; Of and Read give it the type of
// one kind. Reader says what the methods promise; a store gives no member that is not
// wanted. A kind that is not described, and members of another one, are CodeInvalid.
type Reads interface {
	// ByID returns the records that exist, each once, in no particular order.
	ByID(ctx context.Context, kind Kind, ids []ID, want *Members) ([]Record, error)
	List(ctx context.Context, kind Kind, q Query) (RecordPage, error)
	Count(ctx context.Context, kind Kind, where []Predicate) (int, error)
	ListBy(ctx context.Context, kind Kind, fields []Field, ids []ID, q Query) (map[ID]RecordPage, error)
	CountBy(ctx context.Context, kind Kind, fields []Field, ids []ID, where []Predicate) (map[ID]int, error)
}

// Store is where the company's own records live. Every store passes
// datasources/storetest. All methods may be called at once from any number of
// goroutines; they end when their context does: with context.Canceled in the
// chain if it was canceled, with CodeUnavailable if its deadline has passed. A
// store that cannot be reached in time is CodeUnavailable too.
type Store interface {
	Reads

	// Commit stores and removes records with their keys and timeline entries,
	// replacing those of the state before. Each Changes is all or nothing, also
	// if the process is killed; of several in one call some may be stored and
	// others not. The Changes of a call act as if made one after another: a record may
	// be written twice, and take a unique value that one before it gave up.
	//
	// The first result has an entry for each Changes: nil if it was stored, or an
	// Error with the first of these codes that holds for its first record that
	// cannot be stored. The other Changes are left alone.
	//   - CodeInvalid: what Change.Check returns, or
	//     the Changes is larger than MaxChangeDocuments, MaxChangeBytes or what the
	//     store can hold in one record.
	//   - CodeConflict: Expect does not hold, or a unique value is another record's.
	//   - CodeInvalid: a parent (Description.Keys) is not stored; an empty id is
	//     none. Other references may lead nowhere. Or a record is removed that is
	//     another's parent.
	//
	// An empty Changes is stored. The second result is an error that stopped the
	// call; the first then says nothing: some of the Changes may be stored, each
	// whole, and some not.
	Commit(ctx context.Context, changes []Changes) ([]error, error)

	// Log returns at most limit entries of what Commit has stored and removed, with
	// numbers above after, by number: one entry for each record of each Changes, and
	// none for timeline entries. Whoever reads on from the last number seen
	// misses nothing, however long a Commit takes that began before: an entry
	// gets its number no earlier than its Changes can be read, and always a larger
	// one than all that were given before. Entries of one record are in the order in
	// which it was written. A log's first entry has the number 1.
	Log(ctx context.Context, after int64, limit int) ([]LogEntry, error)

	// LogEnd returns the entry with the largest number, the zero entry of an empty log.
	// All that Commit had stored when the call began has its numbers at or below it.
	LogEnd(ctx context.Context) (LogEntry, error)

	// Latest is ByID for whoever follows the log, also where other reads may be of a
	// copy that lags behind: its records are no older than what Commit has returned
	// for and Log has told of before the call, and no failure of a server takes them
	// back.
	Latest(ctx context.Context, kind Kind, ids []ID, want *Members) ([]Record, error)

	// Facts returns what is known of each customer in one call for all of them:
	// of the orders that have the id as customer or organization and are not
	// canceled, of the tickets that have it as customer or requester, of the
	// interactions that have it as customer. Every id gets an entry.
	Facts(ctx context.Context, ids []ID) (map[ID]*CustomerFacts, error)

	// Checkpoints returns the small values that processes share. They are no records.
	Checkpoints() Checkpoints

	// APIKeys returns the keys of partners' systems. They are no records.
	APIKeys() APIKeys

	// Migrate makes tables, collections and indexes what this version needs.
	// It may be run again and by several processes at once, and loses nothing.
	Migrate(ctx context.Context) error

	// Ping asks the store for a sign of life.
	Ping(ctx context.Context) error

	// Close lets go of connections and files. The store is not used after it.
	Close(ctx context.Context) error
}
