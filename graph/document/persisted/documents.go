package persisted

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Mode says which documents may run.
type Mode string

// The modes.
const (
	// ModeAllow lets every document run; those of the manifest are trusted.
	ModeAllow Mode = "allow"
	// ModeLog is ModeAllow, and every document that is not in the manifest is logged,
	// by hash and name.
	ModeLog Mode = "log"
	// ModeSafelist lets only documents of the manifest run, by id or by text. Beside
	// an id the text is ignored.
	ModeSafelist Mode = "safelist"
	// ModeRequireID lets only documents of the manifest run, and only by id. Beside
	// an id the text is ignored.
	ModeRequireID Mode = "require-id"
)

// DefaultPoll is how often the manifest is looked at if Config does not say.
const DefaultPoll = 5 * time.Second

// Config is what Documents may be told.
type Config struct {
	// Manifest is the path of the manifest, "" for none.
	Manifest string
	// Mode is what may run; "" is ModeAllow. ModeSafelist and ModeRequireID need a
	// manifest.
	Mode Mode
	// APQ bounds what callers register. The zero value turns APQ off; it is off in
	// ModeSafelist and ModeRequireID.
	APQ APQ
	// Validate says what is wrong with a document of the manifest; nil checks nothing.
	// It is called for each before a manifest is used, so it may keep what it has
	// planned.
	Validate func(text string) error
	// Poll is how often the manifest is looked at; 0 is DefaultPoll.
	Poll time.Duration
	// Logger is told of reloads, of broken manifests and, in ModeLog, of documents
	// that are not in the manifest; nil is silence.
	Logger *slog.Logger
}

// Documents finds documents. It may be used by many goroutines at once.
type Documents struct {
	config   Config
	manifest atomic.Pointer[manifest]
	apq      *apq
	seen     *seen
	file     *watched
}

// New reads the manifest and makes Documents of it.
func New(c Config) (*Documents, error) {
	if c.Mode == "" {
		c.Mode = ModeAllow
	}
	if c.Poll <= 0 {
		c.Poll = DefaultPoll
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Documents{config: c, seen: newSeen()}
	switch c.Mode {
	case ModeAllow, ModeLog:
		if c.APQ.Entries > 0 {
			d.apq = newAPQ(c.APQ)
		}
	case ModeSafelist, ModeRequireID:
		if c.Manifest == "" {
			return nil, fmt.Errorf("trusted documents: the mode %s needs a manifest", c.Mode)
		}
	default:
		return nil, errors.New("trusted documents: unknown mode")
	}
	d.manifest.Store(&manifest{})
	if c.Manifest != "" {
		d.file = &watched{path: c.Manifest}
		if _, err := d.reload(); err != nil {
			return nil, fmt.Errorf("trusted documents: %w", err)
		}
	}
	return d, nil
}

// Found is a document to be run.
type Found struct {
	Text string
	// Trusted says that it stands in the manifest.
	Trusted bool
	// Name is the manifest's name of a trusted document, "" of others.
	Name string

	// register is the SHA-256 under which APQ may keep the text, "" for not.
	register string
}

// Resolve finds the document of a request: of its text (nil if there is none), and
// of its id ("" if there is none), which is extensions.persistedQuery.sha256Hash or
// documentId. An id is one of the manifest, or the SHA-256 of the text in
// lower-case hexadecimal, with "sha256:" before it if the caller likes (GraphQL over
// HTTP, appendix A). An empty text is none.
//
// What the request should have sent is an error: an *Error for what clients of
// persisted queries expect, else a *crm.Error INVALID or FORBIDDEN.
func (d *Documents) Resolve(query *string, id string) (Found, error) {
	if query != nil && *query == "" {
		query = nil
	}
	m := d.manifest.Load()
	switch d.config.Mode {
	case ModeSafelist, ModeRequireID:
		return d.trusted(m, query, id)
	default:
		return d.any(m, query, id)
	}
}

// trusted finds what only the manifest may have.
func (d *Documents) trusted(m *manifest, query *string, id string) (Found, error) {
	switch {
	case id != "":
		if o := m.byID(id); o != nil {
			return o.found(), nil
		}
		return Found{}, notFound()
	case query == nil:
		return Found{}, noDocument()
	case d.config.Mode == ModeRequireID:
		return Found{}, forbidden("Documents are run by their id alone: send the id of a trusted document instead of a text.")
	}
	if o := m.byText(*query); o != nil {
		return o.found(), nil
	}
	return Found{}, forbidden("Only trusted documents are run, and this is none of them.")
}

// any finds what may have been made up by the caller.
func (d *Documents) any(m *manifest, query *string, id string) (Found, error) {
	if query == nil {
		return d.anyByID(m, id)
	}
	found := Found{Text: *query}
	if o := m.byText(*query); o != nil {
		found = o.found()
	}
	if id == "" {
		return found, nil
	}
	if o := m.byID(id); o != nil && o.Body == *query {
		return found, nil
	}
	hash := hashOf(*query)
	if bareID(id) != hash {
		return Found{}, &crm.Error{Code: crm.CodeInvalid, Op: "resolve a persisted query", Message: "The persisted query's hash is not the hash of the document that was sent with it."}
	}
	if d.apq != nil && !found.Trusted {
		found.register = hash
	}
	return found, nil
}

func (d *Documents) anyByID(m *manifest, id string) (Found, error) {
	if id == "" {
		return Found{}, noDocument()
	}
	if o := m.byID(id); o != nil {
		return o.found(), nil
	}
	if d.apq == nil {
		return Found{}, notSupported()
	}
	if text, ok := d.apq.get(bareID(id)); ok {
		return Found{Text: text}, nil
	}
	return Found{}, notFound()
}

// Accepted is to be told of a document that Resolve gave and that has turned out to
// be valid, with who sent it (a principal's id) and the name of the operation
// that runs, "" for none. Only then APQ keeps it, and ModeLog logs it.
func (d *Documents) Accepted(ctx context.Context, found Found, owner, operation string) {
	if found.Trusted {
		return
	}
	if found.register != "" {
		d.apq.add(found.register, found.Text, owner)
	}
	if d.config.Mode != ModeLog {
		return
	}
	if hash := hashOf(found.Text); d.seen.first(hash) {
		d.config.Logger.LogAttrs(ctx, slog.LevelWarn, "document is not in the manifest",
			slog.String("sha256", hash), slog.String("operation", operation))
	}
}

// hashOf returns the SHA-256 of a text in lower-case hexadecimal.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// bareID drops the prefix of a hash that is sent as a documentId.
func bareID(id string) string {
	if hash, ok := strings.CutPrefix(id, "sha256:"); ok && len(hash) == hex.EncodedLen(sha256.Size) {
		return hash
	}
	return id
}
