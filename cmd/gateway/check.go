package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
)

// shopsCommand holds the commands about shops.
type shopsCommand struct {
	Check checkCommand `cmd:"" help:"Ask every configured shop whether it can be reached with its credentials, and what they do not permit."`
}

type checkCommand struct {
	configFlag
	JSON    bool          `name:"json" help:"Print the results as JSON."`
	Timeout time.Duration `default:"10s" placeholder:"DURATION" help:"How long each shop may take (default 10s)."`
}

// checked is what the check of one shop found.
type checked struct {
	Source  string   `json:"source"`
	OK      bool     `json:"ok"`
	Missing []string `json:"missing"`
	MS      int64    `json:"ms"`
	Error   string   `json:"error,omitempty"`
}

// run checks all shops at once and makes any that is not well the exit code.
func (c *checkCommand) run(ctx context.Context, m *Main) error {
	if c.Timeout <= 0 {
		return usage("--timeout must be more than 0, such as 10s")
	}
	cfg, err := m.load(c.configFlag, config.Sources{Shops: true})
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
	log, err := m.logger(cfg, m.Stderr)
	if err != nil {
		return err
	}
	results := checkAll(ctx, built.Plain(), c.Timeout, log)
	if err := c.report(m, results); err != nil {
		return err
	}
	for _, r := range results {
		if !r.OK {
			return &exitError{code: exitFailure}
		}
	}
	return nil
}

// errNoShops is for commands that have nothing to do without shops.
func errNoShops() error {
	return usage("no shops are configured; list them under shops in the file that --config or GATEWAY_CONFIG names (configs/gateway.example.yaml shows how)")
}

// checkAll checks the shops at once, each for at most limit, and gives the
// results in their order. The log gets what the shops or their connections say.
func checkAll(ctx context.Context, shops []crm.Shop, limit time.Duration, log *slog.Logger) []checked {
	results := make([]checked, len(shops))
	var group sync.WaitGroup
	for i, shop := range shops {
		group.Go(func() { results[i] = check(ctx, shop, limit, log) })
	}
	group.Wait()
	return results
}

func check(ctx context.Context, shop crm.Shop, limit time.Duration, log *slog.Logger) checked {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	missing, err := shop.Check(ctx)
	result := checked{
		Source: shop.Source(), OK: err == nil && len(missing) == 0,
		Missing: append([]string{}, missing...), MS: time.Since(start).Milliseconds(),
	}
	if err != nil {
		result.Error = whatFailed(err)
		log.DebugContext(ctx, "a shop cannot be used", "source", shop.Source(), "error", oneLine(err))
	}
	return result
}

// whatFailed says in the program's own words why a shop cannot be used: a shop's
// words, or an address, might hold a secret.
func whatFailed(err error) string {
	var unknown *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "it does not answer in time"
	case errors.As(err, &unknown):
		return "the host of its url is not known"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at its url"
	case errors.As(err, &certificate):
		return "its certificate is not valid"
	}
	switch crm.CodeOf(err) {
	case crm.CodeUnauthenticated:
		return "it refuses the credentials"
	case crm.CodeForbidden:
		return "it refuses the credentials, or they permit nothing that is needed"
	case crm.CodeRateLimited:
		return "it is asked too often at the moment"
	case crm.CodeNotFound:
		return "its API is not at its url"
	case crm.CodeUnavailable:
		return "it failed, or its answer makes no sense; is the url that of a shop of this kind?"
	default:
		return "it does not take the question; is the url that of a shop of this kind?"
	}
}

func (c *checkCommand) report(m *Main, results []checked) error {
	if c.JSON {
		encoded, err := json.Marshal(results)
		if err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
		return m.print("%s", encoded)
	}
	rows := [][]string{{"SOURCE", "OK", "MS", "WHAT IS WRONG"}}
	for _, r := range results {
		rows = append(rows, []string{r.Source, r.mark(), fmt.Sprint(r.MS), r.wrong()})
	}
	return m.printTable(rows)
}

// printTable prints rows in columns, the first row their names.
func (m *Main) printTable(rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		if err := m.print("%s", strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

func (r checked) mark() string {
	if r.OK {
		return "yes"
	}
	return "no"
}

// wrong says what keeps the shop from being used, "" if nothing does.
func (r checked) wrong() string {
	if r.Error != "" {
		return r.Error
	}
	if len(r.Missing) > 0 {
		return "the credentials do not permit " + strings.Join(r.Missing, ", ")
	}
	return ""
}
