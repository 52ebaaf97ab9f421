package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// stdinName stands for standard input among the files.
const stdinName = "-"

type importCommand struct {
	storeFlags
	Kind    string   `placeholder:"KIND" help:"What the files hold: ${kinds}. Lines that dump wrote need none."`
	Format  string   `placeholder:"FORMAT" help:"ndjson or csv; by default what a file's name ends in, and ndjson for standard input."`
	Rejects string   `placeholder:"FILE" help:"Where to write which rows were rejected and why, as CSV."`
	APIKeys bool     `name:"api-keys" help:"Also take the API keys that a dump holds: whoever wrote the file decides who is let in."`
	JSON    bool     `name:"json" help:"Print the counts as JSON, in the last line."`
	Files   []string `arg:"" name:"file" help:"Files to read: .ndjson, .jsonl, .json or .csv, each also with .gz; - is standard input."`
}

// run imports the files in turn. What is wrong with the call is found before
// the store is touched.
func (c *importCommand) run(ctx context.Context, m *Main) error {
	if _, err := files.ParseKind(c.Kind); c.Kind != "" && err != nil {
		return usage("--kind: %s", messageOf(err))
	}
	inputs, err := openInputs(m.Stdin, c.Files, files.Format(c.Format))
	if err != nil {
		return err
	}
	defer func() { inputs.close() }()
	cfg, err := m.loadStore(c.storeFlags)
	if err != nil {
		return err
	}
	if err := c.checkRejects(inputs, m.configFile(c.configFlag), cfg.Store.URL); err != nil {
		return err
	}
	return useStore(ctx, cfg, writing, func(store crm.Store, cfg config.Config) error {
		rejects, finish, err := c.openRejects()
		if err != nil {
			return err
		}
		summary, err := c.importAll(ctx, m, store, inputs, files.Options{
			Kind: files.Kind(c.Kind), Rejects: rejects, APIKeys: c.APIKeys, CustomerGroups: cfg.CustomerGroups,
		})
		if err = errors.Join(err, finish()); err != nil {
			return importError(ctx, cfg, err)
		}
		return c.report(m, summary)
	})
}

func (c *importCommand) importAll(ctx context.Context, m *Main, store crm.Store, inputs inputs, options files.Options) (total files.Summary, err error) {
	show := newProgress(m, inputs)
	defer show.end()
	for _, in := range inputs {
		reader, err := in.open()
		if err != nil {
			return total, err
		}
		options.Format, options.Name = in.format, in.name
		options.Progress = show.file(in)
		summary, err := files.Import(ctx, store, reader, options)
		total = total.Add(summary)
		if err != nil {
			return total, fmt.Errorf("import %s: %w", in.name, err)
		}
	}
	return total, nil
}

// importError says what ended an import.
func importError(ctx context.Context, cfg config.Config, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted: what was read so far is stored; run the same import again for the rest")
	}
	var exit *exitError
	if errors.As(err, &exit) {
		return err
	}
	code := exitFailure
	if crm.CodeOf(err) == crm.CodeInvalid {
		code = exitUsage
	}
	return &exitError{code: code, err: errors.New(cfg.Store.URL.Scrub(err.Error()))}
}

// report prints the counts and makes rejected rows the exit code.
func (c *importCommand) report(m *Main, summary files.Summary) error {
	line := fmt.Sprintf("read %d, created %d, updated %d, unchanged %d, rejected %d",
		summary.Read, summary.Created, summary.Updated, summary.Unchanged, summary.Rejected)
	if c.JSON {
		encoded, err := json.Marshal(summary)
		if err != nil {
			return fmt.Errorf("write the counts: %w", err)
		}
		line = string(encoded)
	}
	if err := m.print("%s", line); err != nil {
		return err
	}
	switch {
	case summary.Rejected == 0:
		return nil
	case c.Rejects == "":
		return &exitError{code: exitFailure, err: fmt.Errorf("%d rows were rejected; --rejects FILE says which and why", summary.Rejected)}
	default:
		return &exitError{code: exitFailure, err: fmt.Errorf("%d rows were rejected; %s says which and why", summary.Rejected, c.Rejects)}
	}
}

// checkRejects refuses a report that would be written over what is read, the
// configuration or the store.
func (c *importCommand) checkRejects(inputs inputs, configFile string, store config.StoreURL) error {
	if c.Rejects == "" {
		return nil
	}
	if inputs.include(c.Rejects) {
		return usage("--rejects: %s is one of the files to read; name another", c.Rejects)
	}
	if configFile != "" && sameFile(c.Rejects, configFile) {
		return usage("--rejects: %s is the configuration; name another", c.Rejects)
	}
	if store.Kind() != config.StoreSQLite {
		return nil
	}
	for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
		if sameFile(c.Rejects, store.Path()+beside) {
			return usage("--rejects: %s is a file of the store; name another", c.Rejects)
		}
	}
	return nil
}

// sameFile says whether two paths are one file, by whatever name, if it is there or is
// still to be made.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return os.SameFile(x, y)
	}
	return place(a) == place(b)
}

// place is where a file that need not be there would be made, without links to its
// folder.
func place(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(whole)); err == nil {
		return filepath.Join(folder, filepath.Base(whole))
	}
	return whole
}

// openRejects makes the report's file, which holds parts of records and is the
// owner's alone to read; without --rejects there is none.
func (c *importCommand) openRejects() (rejects *files.Rejects, finish func() error, err error) {
	if c.Rejects == "" {
		return nil, func() error { return nil }, nil
	}
	file, err := os.OpenFile(filepath.Clean(c.Rejects), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, usage("--rejects: %w", err)
	}
	if err := file.Chmod(0o600); err != nil {
		return nil, nil, errors.Join(usage("--rejects: %w", err), file.Close())
	}
	rejects = files.NewRejects(file)
	return rejects, func() error { return errors.Join(rejects.Flush(), file.Close()) }, nil
}

// input is one file to read.
type input struct {
	name    string
	format  files.Format
	zipped  bool
	source  io.Reader
	file    *os.File // nil for standard input
	size    int64    // in bytes, -1 if nobody knows
	counted int64    // bytes read so far, as they are in the file
}

type inputs []*input

// openInputs opens every file, so that none is missed half way.
func openInputs(stdin io.Reader, names []string, format files.Format) (list inputs, err error) {
	defer func() {
		if err != nil {
			list.close()
		}
	}()
	if format != "" && format != files.FormatNDJSON && format != files.FormatCSV {
		return nil, usage("--format must be ndjson or csv")
	}
	for _, name := range names {
		in := &input{name: name, format: files.FormatNDJSON, source: stdin, size: -1}
		if name != stdinName {
			if in, err = openFile(name, format); err != nil {
				return list, err
			}
		}
		if format != "" {
			in.format = format
		}
		list = append(list, in)
	}
	return list, nil
}

func openFile(name string, format files.Format) (*input, error) {
	found, zipped, err := files.FormatOf(name)
	if err != nil && format == "" {
		return nil, usage("%s: %s", name, messageOf(err))
	}
	file, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, usage("%w", err)
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return nil, errors.Join(usage("%s is no file", name), file.Close())
	}
	in := &input{name: name, format: found, zipped: zipped, source: file, file: file, size: -1}
	if info.Mode().IsRegular() {
		in.size = info.Size()
	}
	return in, nil
}

// open returns the content, unpacked.
func (in *input) open() (io.Reader, error) {
	if !in.zipped {
		return in, nil
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, usage("%s is not compressed with gzip, as its name says", in.name)
	}
	return unpacked, nil
}

// Read counts what is read.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.source.Read(p)
	in.counted += int64(n)
	return n, err
}

func (list inputs) close() {
	for _, in := range list {
		if in.file != nil {
			_ = in.file.Close()
		}
	}
}

// include says whether path is one of the files, by whatever name.
func (list inputs) include(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	for _, in := range list {
		if in.file == nil {
			continue
		}
		if other, err := in.file.Stat(); err == nil && os.SameFile(info, other) {
			return true
		}
	}
	return false
}

// messageOf returns what a caller is told of a domain error.
func messageOf(err error) string {
	var known *crm.Error
	if errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return err.Error()
}

type dumpCommand struct {
	storeFlags
	WithoutAPIKeys bool `name:"without-api-keys" help:"Leave the API keys out, for a store whose callers are others."`
}

func (c *dumpCommand) run(ctx context.Context, m *Main) error {
	write := files.Dump
	if c.WithoutAPIKeys {
		write = files.DumpRecords
	}
	return m.withStore(ctx, c.storeFlags, reading, func(store crm.Store, cfg config.Config) error {
		if err := write(ctx, store, m.Stdout); err != nil {
			return storeError("dump", cfg.Store.URL, err)
		}
		return nil
	})
}
