package crm

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// RowLimits limit which records somebody sees. What is empty does not limit;
// all that is set must hold.
type RowLimits struct {
	// Sources are the names of the sources whose records may be seen: orders and
	// products of one of them, and customers with an identity in one of them.
	Sources []string
	// Regions are countries (ISO 3166-1 alpha-2): customers with an address in one
	// of them, and what hangs on these.
	Regions []string
	// Own is the source of identities whose customers alone may be seen, with what
	// hangs on them: the customers that a partner brought or serves.
	Own string
}

// Unlimited says that every record may be seen.
func (r RowLimits) Unlimited() bool {
	return len(r.Sources) == 0 && len(r.Regions) == 0 && r.Own == ""
}

// APIKey is the credential of a partner's system, without its secret.
type APIKey struct {
	// ID is "key_" and a TypeID's rest; it is no Node of the graph.
	ID string
	// Name says to people whose it is; it may be empty.
	Name string
	// Hash is the SHA-256 of the whole key, in lower-case hexadecimal.
	Hash string
	// PartnerApp is the partner's system that the key speaks for, "" for none.
	PartnerApp ID
	// Scopes are the schema's PartnerScope values, sorted.
	Scopes []string
	Rows   RowLimits
	// Rate is how many requests a second the key may make; 0 is the default.
	Rate      int
	CreatedAt time.Time
	// ExpiresAt, RevokedAt and LastUsedAt are nil for never.
	ExpiresAt, RevokedAt, LastUsedAt *time.Time
}

// Bounds of an API key.
const (
	// MaxAPIKeyName is in bytes.
	MaxAPIKeyName = 200
	// MaxAPIKeyList bounds the entries of each of its lists.
	MaxAPIKeyList = 300
	// MaxAPIKeyRate is what the settings permit for all callers too; limiters count
	// it exactly.
	MaxAPIKeyRate = 1_000_000
)

// apiKeyID is the prefix of an API key's id. It is no kind of record.
const apiKeyID = "key"

// NewAPIKeyID makes a fresh id for an API key: one made later sorts behind it.
func NewAPIKeyID() string { return string(encodeID(apiKeyID, uuid.Must(uuid.NewV7()))) }

// ValidAPIKeyID says whether text has the form of an API key's id.
func ValidAPIKeyID(text string) bool {
	rest, ok := strings.CutPrefix(text, apiKeyID+"_")
	return ok && hashedID(rest)
}

// ValidAPIKeyHash says whether text has the form of an API key's hash.
func ValidAPIKeyHash(text string) bool { return apiKeyHash.MatchString(text) }

var (
	apiKeyHash  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	apiKeyScope = regexp.MustCompile(`^[A-Z][A-Z_]{0,63}$`)
	region      = regexp.MustCompile(`^[A-Z]{2}$`)
)

// ValidRegion says whether text has the form of a country's code (ISO 3166-1
// alpha-2).
func ValidRegion(text string) bool { return region.MatchString(text) }

// CheckAPIKey returns CodeInvalid for a key that no store takes: one whose id, hash,
// name, limits or time of creation are malformed or too long. Which scopes there
// are is not its business.
func CheckAPIKey(key *APIKey) error {
	switch {
	case !ValidAPIKeyID(key.ID):
		return Invalid("an API key's id must be key_ and 26 digits of base32")
	case !ValidAPIKeyHash(key.Hash):
		return Invalid("an API key's hash must be a SHA-256 in lower-case hexadecimal")
	case len(key.Name) > MaxAPIKeyName || !utf8.ValidString(key.Name) || strings.ContainsFunc(key.Name, unprintable):
		return Invalid("an API key's name must have at most 200 bytes of text on one line")
	case key.PartnerApp != "" && key.PartnerApp.Kind() != KindPartnerApp:
		return Invalid("an API key's partner app must be the id of a partner app")
	case !listOf(key.Scopes, apiKeyScope.MatchString):
		return Invalid("an API key's scopes must be at most 300 names in capitals")
	case !listOf(key.Rows.Sources, ValidSource) || key.Rows.Own != "" && !ValidSource(key.Rows.Own):
		return Invalid("the sources that limit an API key must be at most 300 names of a-z, 0-9 and -")
	case !listOf(key.Rows.Regions, ValidRegion):
		return Invalid("the regions that limit an API key must be at most 300 country codes of two capitals")
	case key.Rate < 0 || key.Rate > MaxAPIKeyRate || key.CreatedAt.IsZero():
		return Invalid("an API key must have a time of creation, and a rate from 0 to 1000000")
	}
	return nil
}

// unprintable says whether a character could change how others look on a terminal.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// listOf says whether a list is short enough and every entry valid.
func listOf(list []string, valid func(string) bool) bool {
	for _, text := range list {
		if !valid(text) {
			return false
		}
	}
	return len(list) <= MaxAPIKeyList
}

// APIKeys keeps the keys of partners' systems. They are no records, but
// dumps hold them. What is handed out is the caller's own, with lists that are empty where
// there is nothing, never nil, and times in UTC, to the millisecond. Every call
// sees all that was done before it began, by whichever process.
type APIKeys interface {
	// Add stores a new key as it is. An id or hash that is there already is
	// CodeConflict, a key that CheckAPIKey refuses is CodeInvalid.
	Add(ctx context.Context, key *APIKey) error
	// ByHash returns the key with a hash, revoked and expired ones too; nil if there
	// is none, or the hash is malformed.
	ByHash(ctx context.Context, hash string) (*APIKey, error)
	// List returns every key, by id: those made first come first.
	List(ctx context.Context) ([]*APIKey, error)
	// Revoke revokes a key for good; one that was revoked before keeps its time. An
	// unknown id is CodeNotFound.
	Revoke(ctx context.Context, id string, at time.Time) error
	// Touch notes that a key was used; an earlier time than the one noted, and an
	// unknown id, change nothing.
	Touch(ctx context.Context, id string, at time.Time) error
}
