package files

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// Dump writes every record of the store as newline-delimited JSON, each in an
// envelope that says what it is: {"customer":{…}}. Lines are sorted by envelope
// and id, so equal stores give equal bytes whatever they run on; imported into
// an empty store they make an equal store. It is no snapshot: what is written
// meanwhile may be in it or not.
func Dump(ctx context.Context, store crm.Store, w io.Writer) error {
	kinds := make([]handler, 0, len(Kinds()))
	for _, h := range handlers() {
		kinds = append(kinds, h)
	}
	slices.SortFunc(kinds, func(a, b handler) int { return strings.Compare(a.about().envelope, b.about().envelope) })
	out := bufio.NewWriterSize(w, 1<<16)
	for _, h := range kinds {
		head := []byte(`{"` + h.about().envelope + `":`)
		line := func(text []byte) error {
			for _, part := range [][]byte{head, text, []byte("}\n")} {
				if _, err := out.Write(part); err != nil {
					return fmt.Errorf("write dump: %w", err)
				}
			}
			return nil
		}
		if err := h.dump(ctx, store, line); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}

func (s *spec[D, R]) dump(ctx context.Context, store crm.Store, line func(text []byte) error) error {
	query := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: batchRows}}
	for {
		page, err := s.records(store).List(ctx, query)
		if err != nil {
			return fmt.Errorf("list %s: %w", s.name, err)
		}
		for _, item := range page.Items {
			written := s.write(item)
			text, err := record.Marshal(written)
			if err != nil {
				return fmt.Errorf("dump one of %s: %w", s.name, err)
			}
			if err := line(text); err != nil {
				return err
			}
			query.Page.After = &crm.Position{ID: *s.meta(written).id}
		}
		if !page.More || len(page.Items) == 0 {
			return nil
		}
	}
}
