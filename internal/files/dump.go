package files

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Dump writes every record and every API key of the store as newline-delimited JSON,
// each in an envelope that says what it is: {"customer":{…}}. Lines are sorted by
// envelope and id, so equal stores give equal bytes whatever they run on; imported into
// an empty store they make an equal store. docs/import.md says what is left out. It is
// no snapshot: what is written meanwhile may be in it or not.
func Dump(ctx context.Context, store crm.Store, w io.Writer) error { return dump(ctx, store, w, true) }

// DumpRecords is Dump without API keys.
func DumpRecords(ctx context.Context, store crm.Store, w io.Writer) error {
	return dump(ctx, store, w, false)
}

func dump(ctx context.Context, store crm.Store, w io.Writer, keys bool) error {
	parts := map[string]func(context.Context, crm.Store, *bufio.Writer) error{}
	for _, h := range handlers() {
		parts[h.envelope] = h.dump
	}
	if keys {
		parts[apiKeyEnvelope] = dumpAPIKeys
	}
	out := bufio.NewWriterSize(w, 1<<16)
	for _, envelope := range slices.Sorted(maps.Keys(parts)) {
		if err := parts[envelope](ctx, store, out); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}

// dump writes the kind's records, by id.
func (h *handler) dump(ctx context.Context, store crm.Store, out *bufio.Writer) error {
	query := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: batchRows}}
	var line []byte
	for {
		page, err := store.List(ctx, h.Kind, query)
		if err != nil {
			return fmt.Errorf("list %s: %w", h.name, err)
		}
		for _, item := range page.Items {
			line = append(append(line[:0], `{"`+h.envelope...), `":`...)
			if line, err = h.form.AppendJSON(line, item); err != nil {
				return fmt.Errorf("dump one of %s: %w", h.name, err)
			}
			if _, err := out.Write(append(line, "}\n"...)); err != nil {
				return fmt.Errorf("write dump: %w", err)
			}
			query.Page.After = &crm.Position{ID: item.RecordID()}
		}
		if !page.More || len(page.Items) == 0 {
			return nil
		}
	}
}
