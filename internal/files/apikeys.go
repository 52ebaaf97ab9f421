package files

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// apiKeyEnvelope says on a line that it holds an API key.
const apiKeyEnvelope = "apiKey"

// apiKeyLine is an API key as lines have it: what a store keeps of it, so its SHA-256
// and not the key. What is empty is left out.
type apiKeyLine struct {
	ID         string     `json:"id"`
	Hash       string     `json:"hash"`
	Name       string     `json:"name,omitempty"`
	PartnerApp crm.ID     `json:"partnerApp,omitempty"`
	Scopes     []string   `json:"scopes,omitempty"`
	Sources    []string   `json:"sources,omitempty"`
	Regions    []string   `json:"regions,omitempty"`
	Own        string     `json:"own,omitempty"`
	Rate       int        `json:"rate,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt,omitempty"`
	RevokedAt  *time.Time `json:"revokedAt,omitempty"`
	LastUsedAt *time.Time `json:"lastUsedAt,omitempty"`
}

func apiKeySchema() *schema {
	texts := &schema{shape: shapeList, element: &schema{shape: shapeText}}
	s := newObject(shapeObject)
	for _, name := range []string{"id", "hash", "name", "partnerApp", "own"} {
		s.add(name, &schema{shape: shapeText})
	}
	for _, name := range []string{"scopes", "sources", "regions"} {
		s.add(name, texts)
	}
	s.add("rate", &schema{shape: shapeInt})
	for _, name := range []string{"createdAt", "expiresAt", "revokedAt", "lastUsedAt"} {
		s.add(name, &schema{shape: shapeTime})
	}
	return s
}

// dumpAPIKeys writes the keys of partners' systems, by id.
func dumpAPIKeys(ctx context.Context, store crm.Store, out *bufio.Writer) error {
	keys, err := store.APIKeys().List(ctx)
	if err != nil {
		return fmt.Errorf("list API keys: %w", err)
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, key := range keys {
		err := lines.Encode(map[string]apiKeyLine{apiKeyEnvelope: {
			ID: key.ID, Hash: key.Hash, Name: key.Name, PartnerApp: key.PartnerApp, Scopes: key.Scopes,
			Sources: key.Rows.Sources, Regions: key.Rows.Regions, Own: key.Rows.Own, Rate: key.Rate,
			CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, RevokedAt: key.RevokedAt, LastUsedAt: key.LastUsedAt,
		}})
		if err != nil {
			return fmt.Errorf("write dump: %w", err)
		}
	}
	return nil
}

// takeAPIKey stores a key of a dump, if the caller wants keys: who writes it may read
// what it permits.
func (run *run) takeAPIKey(ctx context.Context, n *node, line int) error {
	label := ""
	if id := n.get("id"); id != nil && crm.ValidAPIKeyID(id.text) {
		label = id.text
	}
	if !run.options.APIKeys {
		return run.refuse(line, label, &fault{reason: "an API key lets its owner in: it is taken only if the import says so (--api-keys)"})
	}
	key, why := readAPIKey(n)
	if why != nil {
		return run.refuse(line, label, why)
	}
	return run.storeAPIKey(ctx, key, line)
}

func readAPIKey(n *node) (*crm.APIKey, *fault) {
	c := &conformer{}
	if why := c.object(n, apiKeySchema(), nil); why != nil {
		return nil, why
	}
	var l apiKeyLine
	if err := json.Unmarshal(c.out, &l); err != nil { // it conforms, so a number is too large
		return nil, &fault{reason: "is not valid"}
	}
	key := &crm.APIKey{
		ID: l.ID, Hash: l.Hash, Name: l.Name, PartnerApp: l.PartnerApp, Scopes: sortedSet(l.Scopes),
		Rows: crm.RowLimits{Sources: sortedSet(l.Sources), Regions: sortedSet(l.Regions), Own: l.Own},
		Rate: l.Rate, CreatedAt: stored(l.CreatedAt),
	}
	for to, from := range map[**time.Time]*time.Time{&key.ExpiresAt: l.ExpiresAt, &key.RevokedAt: l.RevokedAt, &key.LastUsedAt: l.LastUsedAt} {
		if from != nil {
			at := stored(*from)
			*to = &at
		}
	}
	if err := crm.CheckAPIKey(key); err != nil {
		return nil, faultOf(err)
	}
	return key, nil
}

// stored is a time as stores keep it.
func stored(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

func sortedSet(list []string) []string {
	list = append([]string{}, list...)
	slices.Sort(list)
	return slices.Compact(list)
}

// storeAPIKey adds a key that is new. Of one that is stored only what happened to it
// since is taken: that it was revoked, which is for good, and when it was used last.
func (run *run) storeAPIKey(ctx context.Context, key *crm.APIKey, line int) error {
	keys := run.store.APIKeys()
	err := keys.Add(ctx, key)
	switch {
	case err == nil:
		run.count(&run.summary.Created)
		return nil
	case crm.CodeOf(err) != crm.CodeConflict:
		return fmt.Errorf("write an API key: %w", err)
	}
	had, err := keys.ByHash(ctx, key.Hash)
	if err != nil {
		return fmt.Errorf("read an API key: %w", err)
	}
	if had == nil || !sameAPIKey(had, key) {
		return run.refuse(line, key.ID, &fault{reason: "the store has another key with this id or hash, and keys do not change: revoke it and create one"})
	}
	revoked := key.RevokedAt != nil && had.RevokedAt == nil
	used := key.LastUsedAt != nil && (had.LastUsedAt == nil || had.LastUsedAt.Before(*key.LastUsedAt))
	if revoked {
		if err := keys.Revoke(ctx, key.ID, *key.RevokedAt); err != nil {
			return fmt.Errorf("revoke an API key: %w", err)
		}
	}
	if used {
		if err := keys.Touch(ctx, key.ID, *key.LastUsedAt); err != nil {
			return fmt.Errorf("note the use of an API key: %w", err)
		}
	}
	if revoked || used {
		run.count(&run.summary.Updated)
	} else {
		run.count(&run.summary.Unchanged)
	}
	return nil
}

// sameAPIKey says whether two keys are one, whatever happened to it.
func sameAPIKey(a, b *crm.APIKey) bool {
	expiry := (a.ExpiresAt == nil) == (b.ExpiresAt == nil) && (a.ExpiresAt == nil || a.ExpiresAt.Equal(*b.ExpiresAt))
	return a.ID == b.ID && a.Hash == b.Hash && a.Name == b.Name && a.PartnerApp == b.PartnerApp && a.Rate == b.Rate &&
		a.CreatedAt.Equal(b.CreatedAt) && expiry && slices.Equal(a.Scopes, b.Scopes) && a.Rows.Own == b.Rows.Own &&
		slices.Equal(a.Rows.Sources, b.Rows.Sources) && slices.Equal(a.Rows.Regions, b.Rows.Regions)
}
