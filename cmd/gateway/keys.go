package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
)

// keysCommand holds the commands about partners' keys.
type keysCommand struct {
	Create createKeyCommand `cmd:"" help:"Make an API key for a partner's system and print it, this once."`
	List   listKeysCommand  `cmd:"" help:"List the API keys, without their secrets."`
	Revoke revokeKeyCommand `cmd:"" help:"Revoke an API key for good: every gateway refuses it within 5 seconds."`
}

// createKeyCommand tells a flag that is empty from one that is not there: an empty
// limit is a mistake, such as a variable that is not set, and none at all.
type createKeyCommand struct {
	storeFlags
	Name       string   `placeholder:"TEXT" help:"Whose the key is, for people who read the list."`
	Scopes     []string `sep:"none" placeholder:"SCOPE,…" help:"What may be read: customers:read, orders:read, products:read, tickets:read, interactions:read, recommendations:read. At least one."`
	Sources    []string `sep:"none" placeholder:"SOURCE,…" help:"Only records of these sources."`
	Regions    []string `sep:"none" placeholder:"CC,…" help:"Only customers with an address in one of these countries (ISO 3166-1, such as DE), and what is theirs."`
	Own        *string  `placeholder:"SOURCE" help:"Only customers that this source knows, and what is theirs."`
	PartnerApp string   `placeholder:"ID" help:"The partner's app that the key speaks for: app_…"`
	Rate       *int     `placeholder:"N" help:"How many requests a second the key may make, instead of what is configured for all."`
	ExpiresIn  *string  `placeholder:"TIME" help:"How long the key is good, such as 90d or 12h; by default until it is revoked."`
	ExpiresAt  *string  `placeholder:"TIME" help:"Until when the key is good, as RFC 3339 has it, such as 2030-01-31T00:00:00Z."`
	JSON       bool     `name:"json" help:"Print id and key as JSON."`
}

// run makes the key. What is wrong with the call is found before the store is
// touched.
func (c *createKeyCommand) run(ctx context.Context, m *Main) error {
	now := time.Now().UTC().Truncate(time.Millisecond)
	key, err := c.key(now)
	if err != nil {
		return err
	}
	secret, hash := apikey.Generate()
	key.ID, key.Hash = crm.NewAPIKeyID(), hash
	if err := crm.CheckAPIKey(key); err != nil {
		return usage("%s", messageOf(err))
	}
	return m.withStore(ctx, c.storeFlags, writing, func(store crm.Store, cfg config.Config) error {
		if err := store.APIKeys().Add(ctx, key); err != nil {
			return storeError("add an API key to", cfg.Store.URL, err)
		}
		if err := c.report(m, key.ID, secret); err != nil { // Nobody has the key.
			revoking := store.APIKeys().Revoke(context.WithoutCancel(ctx), key.ID, now)
			return errors.Join(err, revoking)
		}
		return nil
	})
}

// report prints what nobody can tell a second time.
func (c *createKeyCommand) report(m *Main, id, secret string) error {
	if !c.JSON {
		return m.print("id   %s\nkey  %s\n\nThe key is shown this once and kept nowhere: store it where its owner finds it.\nIt is sent as the header Authorization: Bearer <key>.", id, secret)
	}
	encoded, err := json.Marshal(struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	}{id, secret})
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return m.print("%s", encoded)
}

// key returns the key that the flags describe, without id and secret.
func (c *createKeyCommand) key(now time.Time) (*crm.APIKey, error) {
	key := &crm.APIKey{Name: c.Name, CreatedAt: now, PartnerApp: crm.ID(c.PartnerApp)}
	key.Rows = crm.RowLimits{Sources: split(c.Sources), Regions: split(c.Regions)}
	var err error
	if key.Scopes, err = parseScopes(split(c.Scopes)); err != nil {
		return nil, err
	}
	if key.ExpiresAt, err = c.expiry(now); err != nil {
		return nil, err
	}
	notSource := func(name string) bool { return !crm.ValidSource(name) }
	switch {
	case slices.ContainsFunc(key.Rows.Sources, notSource):
		return nil, usage("--sources: a source's name is 1 to 64 of a-z, 0-9 and -")
	case c.Own != nil && notSource(*c.Own):
		return nil, usage("--own: a source's name is 1 to 64 of a-z, 0-9 and -")
	case slices.ContainsFunc(key.Rows.Regions, func(r string) bool { return !crm.ValidRegion(r) }):
		return nil, usage("--regions: a region is a country's code of two capitals, such as DE")
	case c.PartnerApp != "" && key.PartnerApp.Kind() != crm.KindPartnerApp:
		return nil, usage("--partner-app: give the id of a partner's app: app_ and 26 letters and digits")
	case c.Rate != nil && (*c.Rate < 1 || *c.Rate > crm.MaxAPIKeyRate):
		return nil, usage("--rate: give a whole number of requests a second, from 1 to %d", crm.MaxAPIKeyRate)
	}
	if c.Rate != nil {
		key.Rate = *c.Rate
	}
	if c.Own != nil {
		key.Rows.Own = *c.Own
	}
	return key, nil
}

// split returns each entry of lists with commas once, sorted; an empty list has one
// entry, which is empty.
func split(lists []string) []string {
	entries := []string{}
	for _, list := range lists {
		for _, entry := range strings.Split(list, ",") {
			entries = append(entries, strings.TrimSpace(entry))
		}
	}
	slices.Sort(entries)
	return slices.Compact(entries)
}

// parseScopes reads scopes as the schema writes them, or in small letters and with
// a colon.
func parseScopes(list []string) ([]string, error) {
	valid := []string{}
	for _, scope := range access.Scopes() {
		valid = append(valid, string(scope))
	}
	scopes := []string{}
	for _, text := range list {
		scope := strings.NewReplacer(":", "_", "-", "_").Replace(strings.ToUpper(text))
		if !slices.Contains(valid, scope) {
			return nil, usage("--scopes: one of them is no scope; there are %s", strings.Join(valid, ", "))
		}
		scopes = append(scopes, scope)
	}
	if len(scopes) == 0 {
		return nil, usage("--scopes: name at least one of %s", strings.Join(valid, ", "))
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// maxDays bounds --expires-in: a hundred years.
const maxDays = 36_525

// expiry returns the key's end, nil for never.
func (c *createKeyCommand) expiry(now time.Time) (*time.Time, error) {
	var end time.Time
	switch {
	case c.ExpiresIn != nil && c.ExpiresAt != nil:
		return nil, usage("--expires-in and --expires-at: give one of them")
	case c.ExpiresAt != nil:
		at, err := time.Parse(time.RFC3339, *c.ExpiresAt)
		if err != nil {
			return nil, usage("--expires-at: give a time with its zone, such as 2030-01-31T00:00:00Z")
		}
		end = at.UTC().Truncate(time.Millisecond)
	case c.ExpiresIn != nil:
		lasts, err := parseTime(*c.ExpiresIn)
		if err != nil || lasts > maxDays*24*time.Hour {
			return nil, usage("--expires-in: give a time such as 90d or 12h, at most %dd", maxDays)
		}
		end = now.Add(lasts)
	default:
		return nil, nil
	}
	if !end.After(now) {
		return nil, usage("--expires-in, --expires-at: the key's end must be in the future")
	}
	return &end, nil
}

// parseTime reads a number of days, such as 90d, or what Go calls a duration.
func parseTime(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	return time.Duration(n) * 24 * time.Hour, err
}

type listKeysCommand struct {
	storeFlags
	JSON bool `name:"json" help:"Print the keys as JSON."`
}

// listed is a key as it is shown: never with its hash.
type listed struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	Sources    []string   `json:"sources"`
	Regions    []string   `json:"regions"`
	Own        string     `json:"own"`
	PartnerApp crm.ID     `json:"partnerApp"`
	Rate       int        `json:"rate"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt"`
	RevokedAt  *time.Time `json:"revokedAt"`
	LastUsedAt *time.Time `json:"lastUsedAt"`
	State      string     `json:"state"`
}

// run lists all keys, those made first at the top.
func (c *listKeysCommand) run(ctx context.Context, m *Main) error {
	return m.withStore(ctx, c.storeFlags, reading, func(store crm.Store, cfg config.Config) error {
		keys, err := store.APIKeys().List(ctx)
		if err != nil {
			return storeError("list the API keys of", cfg.Store.URL, err)
		}
		now := time.Now()
		list := make([]listed, len(keys))
		for i, k := range keys {
			list[i] = listed{
				k.ID, k.Name, k.Scopes, k.Rows.Sources, k.Rows.Regions, k.Rows.Own, k.PartnerApp, k.Rate,
				k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.LastUsedAt, stateOf(k, now),
			}
		}
		if c.JSON {
			encoded, err := json.Marshal(list)
			if err != nil {
				return fmt.Errorf("write the keys: %w", err)
			}
			return m.print("%s", encoded)
		}
		rows := [][]string{{"ID", "NAME", "SCOPES", "LIMITS", "CREATED", "EXPIRES", "LAST USED", "STATE"}}
		for _, k := range list {
			rows = append(rows, []string{
				k.ID, orNone(k.Name), strings.Join(k.Scopes, ","), k.limits(),
				shown(&k.CreatedAt), shown(k.ExpiresAt), shown(k.LastUsedAt), k.State,
			})
		}
		return m.printTable(rows)
	})
}

// stateOf says whether a key is good.
func stateOf(key *crm.APIKey, now time.Time) string {
	switch {
	case key.RevokedAt != nil:
		return "REVOKED"
	case key.ExpiresAt != nil && !now.Before(*key.ExpiresAt):
		return "EXPIRED"
	}
	return "ACTIVE"
}

// limits returns what keeps a key from the rest, such as "sources=a,b rate=10".
func (k listed) limits() string {
	parts := []string{}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	add("sources", strings.Join(k.Sources, ","))
	add("regions", strings.Join(k.Regions, ","))
	add("own", k.Own)
	if k.Rate > 0 {
		add("rate", strconv.Itoa(k.Rate))
	}
	return orNone(strings.Join(parts, " "))
}

// orNone returns something to see in a table.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// shown returns a time to the minute, in UTC.
func shown(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return at.UTC().Format("2006-01-02T15:04Z")
}

type revokeKeyCommand struct {
	storeFlags
	ID string `arg:"" name:"id" help:"The key's id, as create and list print it: key_…"`
}

// run revokes a key; one that is revoked already stays so.
func (c *revokeKeyCommand) run(ctx context.Context, m *Main) error {
	if !crm.ValidAPIKeyID(c.ID) { // It may be the key itself, and is not repeated.
		return usage("give the key's id, not the key: key_ and 26 letters and digits, as keys list prints it")
	}
	return m.withStore(ctx, c.storeFlags, changing, func(store crm.Store, cfg config.Config) error {
		err := store.APIKeys().Revoke(ctx, c.ID, time.Now())
		if err != nil {
			return storeError("revoke an API key of", cfg.Store.URL, err)
		}
		return m.print("%s is revoked: every gateway refuses it within 5 seconds", c.ID)
	})
}
