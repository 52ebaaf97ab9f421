package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/telemetry"
)

// configFlag is that of every command that has settings.
type configFlag struct {
	Config string `placeholder:"FILE" help:"The configuration, a YAML file."`
}

// storeFlags are those of every command that has a store.
type storeFlags struct {
	Store *string `placeholder:"URL" help:"The store: sqlite:PATH, mongodb://… or mongodb+srv://…"`
	configFlag
}

// flags returns what the command line says of a setting.
func (f storeFlags) flags() map[string]config.Flag {
	flags := map[string]config.Flag{}
	if f.Store != nil {
		flags["store.url"] = config.Flag{Name: "--store", Value: *f.Store}
	}
	return flags
}

// load returns the settings from the command line, the environment and the file.
func (m *Main) load(f configFlag, s config.Sources) (config.Config, error) {
	s.File, s.Environ = m.configFile(f), m.Environ
	return config.Load(s)
}

// loadStore returns the settings of a command that needs a store.
func (m *Main) loadStore(flags storeFlags) (config.Config, error) {
	return m.load(flags.configFlag, config.Sources{Flags: flags.flags(), Required: []string{"store.url"}})
}

// configFile is the path of the configuration, "" if there is none.
func (m *Main) configFile(f configFlag) string {
	if f.Config != "" {
		return f.Config
	}
	return m.variable("GATEWAY_CONFIG")
}

// variable returns an environment variable, "" if it is not set.
func (m *Main) variable(name string) string {
	value := ""
	for _, pair := range m.Environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}

// logger makes the log and tells it of variables that look like settings.
func (m *Main) logger(cfg config.Config) (*slog.Logger, error) {
	log, err := telemetry.NewLogger(m.Stderr, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return nil, err
	}
	for _, name := range config.UnknownVariables(m.Environ, cfg.Shops) {
		log.Warn("a variable is no setting of the gateway and is left alone", "variable", name)
	}
	return log, nil
}

// openStore opens the store and brings it up to date. No store is a fresh one
// that its Close removes.
func openStore(ctx context.Context, cfg config.Store, observe func(call string), more ...mongodb.Option) (crm.Store, error) {
	store, err := connect(ctx, cfg, observe, more...)
	if err != nil {
		return nil, storeError("open the store", cfg.URL, err)
	}
	if err := store.Migrate(ctx); err != nil {
		_ = store.Close(context.WithoutCancel(ctx)) // The first error is the one to tell.
		return nil, storeError("bring the store up to date", cfg.URL, err)
	}
	return store, nil
}

func connect(ctx context.Context, cfg config.Store, observe func(call string), more ...mongodb.Option) (crm.Store, error) {
	if cfg.URL.Kind() != config.StoreMongoDB {
		return sqlite.Open(ctx, cfg.URL.Path(), sqlite.WithCallObserver(observe))
	}
	options := []mongodb.Option{mongodb.WithTimeout(cfg.Timeout), mongodb.WithCallObserver(observe)}
	if cfg.AllowPlaintext {
		options = append(options, mongodb.AllowPlaintext())
	}
	return mongodb.Open(ctx, cfg.URL.Reveal(), append(options, more...)...)
}

// storeError says what was being done with which store. A URL that is no good
// is a mistake in the call.
func storeError(doing string, url config.StoreURL, err error) error {
	text := url.Scrub(err.Error())
	if !url.IsZero() {
		doing += " " + url.String()
	}
	code := exitFailure
	if crm.CodeOf(err) == crm.CodeInvalid {
		code = exitUsage
	}
	// The cause is kept as text alone: it may quote the URL.
	return &exitError{code: code, err: fmt.Errorf("%s: %w", doing, errors.New(text))}
}

// storeUse is what a command does with its store.
type storeUse int

const (
	writing storeUse = iota
	reading
	// migrating is nothing but that; it also takes the time to go through what is stored.
	migrating
)

// withStore opens the configured store for work and closes it afterwards.
func (m *Main) withStore(ctx context.Context, flags storeFlags, only storeUse, work func(store crm.Store, cfg config.Config) error) error {
	cfg, err := m.loadStore(flags)
	if err != nil {
		return err
	}
	return useStore(ctx, cfg, only, work)
}

// useStore does that with settings that are loaded. What only reads wants a store
// that is there: a mistyped file is not made.
func useStore(ctx context.Context, cfg config.Config, only storeUse, work func(store crm.Store, cfg config.Config) error) (err error) {
	if file := cfg.Store.URL.Path(); only == reading && cfg.Store.URL.Kind() == config.StoreSQLite {
		if _, err := os.Stat(file); err != nil {
			return usage("open the store %s: there is no such file; name one that import or serve has made", cfg.Store.URL)
		}
	}
	var more []mongodb.Option
	if only == migrating {
		more = append(more, mongodb.WithRepair())
	}
	store, err := openStore(ctx, cfg.Store, func(string) {}, more...)
	if err != nil {
		return err
	}
	defer func() {
		if closing := store.Close(context.WithoutCancel(ctx)); closing != nil && err == nil {
			err = storeError("close the store", cfg.Store.URL, closing)
		}
	}()
	return work(store, cfg)
}
