package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// logger makes the log that goes to w and tells it of variables that look like settings.
func (m *Main) logger(cfg config.Config, w io.Writer) (*slog.Logger, error) {
	log, err := telemetry.NewLogger(w, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return nil, err
	}
	for _, name := range config.UnknownVariables(m.Environ, cfg.Shops) {
		log.Warn("a variable is no setting of the gateway and is left alone", "variable", name)
	}
	return log, nil
}

// openStore opens the store and brings it up to date, unless it is only read: then
// nothing of it changes. No store is a fresh one that its Close removes.
func openStore(ctx context.Context, cfg config.Store, use storeUse, observe func(call string)) (crm.Store, error) {
	store, err := connect(ctx, cfg, use, observe)
	if err != nil {
		return nil, storeError("open the store", cfg.URL, err)
	}
	if use == reading {
		return store, nil
	}
	if err := store.Migrate(ctx); err != nil {
		_ = store.Close(context.WithoutCancel(ctx)) // The first error is the one to tell.
		return nil, storeError("bring the store up to date", cfg.URL, err)
	}
	return store, nil
}

func connect(ctx context.Context, cfg config.Store, use storeUse, observe func(call string)) (crm.Store, error) {
	if cfg.URL.Kind() != config.StoreMongoDB {
		options := []sqlite.Option{sqlite.WithCallObserver(observe)}
		if use == reading {
			options = append(options, sqlite.ReadOnly())
		}
		return sqlite.Open(ctx, cfg.URL.Path(), options...)
	}
	options := []mongodb.Option{mongodb.WithTimeout(cfg.Timeout), mongodb.WithCallObserver(observe)}
	if cfg.AllowPlaintext {
		options = append(options, mongodb.AllowPlaintext())
	}
	switch use {
	case migrating:
		options = append(options, mongodb.WithRepair())
	case reading, changing:
		options = append(options, mongodb.Existing())
	case serving, writing:
	}
	return mongodb.Open(ctx, cfg.URL.Reveal(), options...)
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

// inMemory is the path of a store in memory.
const inMemory = ":memory:"

// storeUse is what a command does with its store.
type storeUse int

const (
	// serving answers from the store for as long as the program runs.
	serving storeUse = iota
	// writing puts something into the store that is to stay there.
	writing
	// changing does that with what is there already.
	changing
	// reading leaves the store as it is.
	reading
	// migrating is nothing but bringing it up to date; it also takes the time to go
	// through what is stored.
	migrating
)

// withStore opens the configured store for work and closes it afterwards.
func (m *Main) withStore(ctx context.Context, flags storeFlags, use storeUse, work func(store crm.Store, cfg config.Config) error) error {
	cfg, err := m.loadStore(flags)
	if err != nil {
		return err
	}
	return useStore(ctx, cfg, use, work)
}

// useStore does that with settings that are loaded.
func useStore(ctx context.Context, cfg config.Config, use storeUse, work func(store crm.Store, cfg config.Config) error) (err error) {
	if err := checkFile(cfg.Store.URL, use); err != nil {
		return err
	}
	store, err := openStore(ctx, cfg.Store, use, func(string) {})
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

// checkFile refuses a file that a command would make in vain: one that is mistyped, or
// a store in memory, which is gone when the command ends.
func checkFile(url config.StoreURL, use storeUse) error {
	if url.Kind() != config.StoreSQLite {
		return nil
	}
	if url.Path() == inMemory {
		return usage("the store %s is gone when this command ends: name a file, such as sqlite:customers.db", url)
	}
	if use != reading && use != changing {
		return nil
	}
	switch info, err := os.Stat(url.Path()); {
	case errors.Is(err, fs.ErrNotExist):
		return usage("open the store %s: there is no such file; name one that import or serve has made", url)
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return usage("open the store %s: the file is empty; name one that import or serve has made", url)
	}
	return nil
}
