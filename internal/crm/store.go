package crm

import "context"

// Reader serves one kind of record in batches. Records handed out are the
// caller's own: changing one changes nothing else. Their lists are empty where
// there is nothing, never nil, and their times UTC, to the millisecond.
type Reader[T any] interface {
	// ByID gives the records that exist, by id. Ids that are unknown, malformed
	// or of another kind are missing from the map; repeats do no harm.
	ByID(ctx context.Context, ids []ID) (map[ID]*T, error)

	// List gives one page of the records that fulfil q.Where, in q.Sort's order.
	// With limit 0 it has no records and says whether there are any.
	List(ctx context.Context, q Query) (Page[T], error)

	// Count gives the number of records that fulfil where.
	Count(ctx context.Context, where []Predicate) (int, error)

	// ListBy gives one page for each id: of the records that have the id in one
	// of the fields and fulfil q.Where, in q.Sort's order, each record once.
	// An id without such records is missing from the map; with limit 0 one that
	// has some is there, with More and without records. It reads about
	// len(ids) × (limit + 1) records however many there are.
	ListBy(ctx context.Context, fields []Field, ids []ID, q Query) (map[ID]Page[T], error)

	// CountBy gives for each id the number of records that have the id in one
	// of the fields and fulfil where; an id without records is missing.
	CountBy(ctx context.Context, fields []Field, ids []ID, where []Predicate) (map[ID]int, error)
}

// Write is one record to be stored under its id.
type Write[T any] struct {
	Record *T
	// Expect is the version that the stored record must have, 0 if there must
	// be none. Kinds without a version take 0 for new and 1 for any stored one.
	Expect int
}

// Writer stores one kind of record.
type Writer[T any] interface {
	// Write stores each record as it is, with its keys, and replaces its timeline
	// entries. The writes act as if made one after another: a record may be
	// written twice, and take an external identity that one before it gave up.
	//
	// The first result has an entry for each write: nil if it was stored, or an
	// Error with the first of these codes that holds, which leaves the other
	// writes alone.
	//   - CodeInvalid: the id is malformed or not of the kind.
	//   - CodeConflict: Expect does not hold, or an external identity of the
	//     customer is another's.
	//   - CodeInvalid: a parent is not stored. Parents are an order's customer
	//     and organization, a ticket's customer and requester, an article's
	//     ticket, and the customer of an interaction, recommendation or next
	//     best action; an empty id is none. Other references may lead nowhere.
	//
	// A record larger than the store can hold is CodeInvalid as well. The second
	// result is an error that stopped the call; the first then says nothing:
	// some of the writes may be stored and some not.
	Write(ctx context.Context, writes []Write[T]) ([]error, error)
}

// Records reads and writes one kind of record.
type Records[T any] interface {
	Reader[T]
	Writer[T]
}

// Store is where the company's own records live. Every store passes
// datasources/storetest. All methods may be called at once from any number of
// goroutines; they end when their context does: with context.Canceled in the
// chain if it was canceled, with CodeUnavailable if its deadline has passed. A
// store that cannot be reached in time is CodeUnavailable too.
type Store interface {
	Teams() Records[Team]
	Employees() Records[Employee]
	PartnerApps() Records[PartnerApp]
	Customers() Records[Customer]
	Products() Records[Product]
	Orders() Records[Order]
	Tickets() Records[Ticket]
	Articles() Records[Article]
	Interactions() Records[Interaction]
	Recommendations() Records[Recommendation]
	NextBestActions() Records[NextBestAction]

	// Timeline reads the entries that Write derives from customers, orders,
	// tickets and interactions (their TimelineRecords). It is never written by itself.
	Timeline() Reader[TimelineRecord]

	// Facts gives what is known of each customer in one call for all of them:
	// of the orders that have the id as customer or organization and are not
	// canceled, of the tickets that have it as customer or requester, of the
	// interactions that have it as customer. Every id gets an entry.
	Facts(ctx context.Context, ids []ID) (map[ID]*CustomerFacts, error)

	// Checkpoints gives the small values that processes share. They are no records.
	Checkpoints() Checkpoints

	// APIKeys gives the keys of partners' systems. They are no records.
	APIKeys() APIKeys

	// Migrate makes tables, collections and indexes what this version needs.
	// It may be run again and by several processes at once, and loses nothing.
	Migrate(ctx context.Context) error

	// Ping asks the store for a sign of life.
	Ping(ctx context.Context) error

	// Close lets go of connections and files. The store is not used after it.
	Close(ctx context.Context) error
}
