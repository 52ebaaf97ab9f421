package crm

// ChangeKind is a kind of record whose changes can be followed.
type ChangeKind string

// The change kinds.
const (
	ChangeKindTeam           ChangeKind = "TEAM"
	ChangeKindEmployee       ChangeKind = "EMPLOYEE"
	ChangeKindPartnerApp     ChangeKind = "PARTNER_APP"
	ChangeKindCustomer       ChangeKind = "CUSTOMER"
	ChangeKindProduct        ChangeKind = "PRODUCT"
	ChangeKindOrder          ChangeKind = "ORDER"
	ChangeKindTicket         ChangeKind = "TICKET"
	ChangeKindArticle        ChangeKind = "ARTICLE"
	ChangeKindInteraction    ChangeKind = "INTERACTION"
	ChangeKindRecommendation ChangeKind = "RECOMMENDATION"
	ChangeKindNextBestAction ChangeKind = "NEXT_BEST_ACTION"
)

// RecordChange is what became of a record.
type RecordChange struct {
	RecordID ID
	Kind     ChangeKind
	// Removed says that the record is not there any more; Record is nil then.
	Removed bool
	Record  Node
}

// ChangePage is what became of some records, in the order in which it was stored.
type ChangePage struct {
	Changes []*RecordChange
	// EndCursor is the place in the log up to which was read; it is always given.
	EndCursor   string
	HasNextPage bool
}
