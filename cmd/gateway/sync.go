package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync"
)

type syncCommand struct {
	storeFlags
	Full bool `help:"Read everything anew, not only what has changed."`
	JSON bool `name:"json" help:"Print a line of JSON for each shop."`
}

// synced is what is said of one shop.
type synced struct {
	Source    string     `json:"source"`
	Read      int        `json:"read"`
	Written   int        `json:"written"`
	Unmatched int        `json:"unmatched"`
	Rejected  int        `json:"rejected"`
	Rejects   []rejected `json:"rejects,omitempty"`
	Watermark *time.Time `json:"watermark"`
	Error     string     `json:"error,omitempty"`
}

// rejected is a record that was not stored.
type rejected struct {
	Kind       string `json:"kind"`
	ExternalID string `json:"externalId"`
	Reason     string `json:"reason"`
}

// run synchronizes the shops that are copied into the store, and makes any that
// was not read to its end the exit code.
func (c *syncCommand) run(ctx context.Context, m *Main) error {
	cfg, err := m.load(c.configFlag, config.Sources{Flags: c.flags(), Required: []string{"store.url"}, Shops: true})
	if err != nil {
		return err
	}
	if len(cfg.Shops) == 0 {
		return errNoShops()
	}
	built, err := buildShops(cfg.Shops, func(string) func(string) { return nil }, nil, nil)
	if err != nil {
		return err
	}
	defer built.Close()
	list := []crm.Shop{}
	for i, shop := range built.Guarded() {
		if cfg.Shops[i].Synced() {
			list = append(list, shop.Under(""))
		}
	}
	if len(list) == 0 {
		return usage("no shop is synchronized: none of those that are configured has mode synced or both")
	}
	return useStore(ctx, cfg, writing, func(store crm.Store, cfg config.Config) error {
		return c.sync(ctx, m, cfg, store, list)
	})
}

func (c *syncCommand) sync(ctx context.Context, m *Main, cfg config.Config, store crm.Store, list []crm.Shop) error {
	show := newSyncProgress(m)
	log, err := m.logger(cfg, show)
	if err != nil {
		return err
	}
	reports, err := shopsync.Run(ctx, store, list, shopsync.Options{Log: log, Progress: show.report, Full: c.Full})
	show.end()
	if printing := c.report(m, reports); printing != nil {
		return printing
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: what was read so far is stored; run the same again for the rest")
	case err != nil:
		return storeError("synchronize", cfg.Store.URL, err)
	}
	for _, r := range reports {
		if r.Err != nil {
			return &exitError{code: exitFailure}
		}
	}
	return nil
}

func (c *syncCommand) report(m *Main, reports []shopsync.Report) error {
	rows := [][]string{{"SOURCE", "READ", "WRITTEN", "UNMATCHED", "REJECTED", "WATERMARK", "WHAT IS WRONG"}}
	for _, r := range reports {
		s := synced{Source: r.Source, Read: r.Read, Written: r.Written, Unmatched: r.Unmatched, Rejected: r.Rejected}
		for _, reject := range r.Rejects {
			s.Rejects = append(s.Rejects, rejected(reject))
		}
		watermark := "never"
		if !r.Watermark.IsZero() {
			at := r.Watermark.UTC().Truncate(time.Millisecond)
			s.Watermark, watermark = &at, at.Format(time.RFC3339)
		}
		if r.Err != nil {
			s.Error = whatFailed(r.Err)
		}
		if c.JSON {
			line, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("write the results: %w", err)
			}
			if err := m.print("%s", line); err != nil {
				return err
			}
		}
		rows = append(rows, []string{
			s.Source, fmt.Sprint(s.Read), fmt.Sprint(s.Written), fmt.Sprint(s.Unmatched), fmt.Sprint(s.Rejected), watermark, s.wrong(),
		})
	}
	if c.JSON {
		return nil
	}
	return m.printTable(rows)
}

// wrong says in a line why the shop could not be read to its end, or else which record
// was rejected first.
func (s *synced) wrong() string {
	if s.Error != "" || len(s.Rejects) == 0 {
		return s.Error
	}
	first := s.Rejects[0]
	return fmt.Sprintf("rejected, first of %s %s: %s", first.Kind, first.ExternalID, first.Reason)
}

// syncProgress shows how far a synchronization is, and takes what is logged
// meanwhile above it. Away from a terminal it shows nothing.
type syncProgress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	start time.Time
	drawn time.Time
}

func newSyncProgress(m *Main) *syncProgress {
	p := &syncProgress{out: m.Stderr, start: time.Now()}
	if m.Terminal {
		p.bar = newBar(m, -1)
	}
	return p
}

func (p *syncProgress) report(at shopsync.Progress) {
	now := time.Now()
	if p.bar == nil || now.Sub(p.drawn) < redraw {
		return
	}
	p.drawn = now
	p.bar.Describe(fmt.Sprintf("%s: %d %s", at.Source, at.Read, at.Kind))
	_ = p.bar.Set(at.Read)
}

// Write puts a line of the log where the bar is, which moves on at the next
// report.
func (p *syncProgress) Write(line []byte) (int, error) {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.drawn = time.Time{}
	}
	return p.out.Write(line)
}

// end takes the bar away.
func (p *syncProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// syncJobs returns the synchronizations that are due every so often.
func syncJobs(list []config.Shop, p parts) []job {
	jobs := []job{}
	for i, shop := range p.shops.Guarded() {
		if !list[i].Synced() {
			continue
		}
		jobs = append(jobs, job{source: list[i].Name, every: list[i].SyncEvery, do: func(ctx context.Context) error {
			// A shop that fails is in its report, and logged there.
			_, err := shopsync.Run(ctx, p.store, []crm.Shop{shop.Under("")}, shopsync.Options{Log: p.log})
			return err
		}})
	}
	return jobs
}
