package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/files"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the second one ends the program at once.
	context.AfterFunc(ctx, stop)
	m := &Main{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
		Terminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	os.Exit(m.Run(ctx, os.Args[1:]))
}

// Main is the program with everything it touches, so that a test can run it whole.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal says that Stderr is a terminal: somebody watches.
	Terminal bool
	// Environ is the environment as os.Environ gives it.
	Environ []string

	overDemoShop func(http.RoundTripper) http.RoundTripper // nil leaves the demo's web shop as it is
}

// commands is the command line.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Load the demo data into a store of its own and serve it with the explorer."`
	Serve   serveCommand   `cmd:"" help:"Serve the graph."`
	Sync    syncCommand    `cmd:"" help:"Copy what has changed in the shops into the store."`
	Shops   shopsCommand   `cmd:"" help:"Look after the shops."`
	Keys    keysCommand    `cmd:"" help:"Look after the API keys of partners' systems."`
	Import  importCommand  `cmd:"" help:"Read records from files into the store."`
	Dump    dumpCommand    `cmd:"" help:"Write every record and API key to standard output as newline-delimited JSON, sorted by kind and id."`
	Migrate migrateCommand `cmd:"" help:"Make the tables, collections and indexes that this version needs."`
	Schema  schemaCommand  `cmd:"" help:"Print the graph's schema (SDL)."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// command is what each of them does.
type command interface {
	run(ctx context.Context, m *Main) error
}

// exitError ends the program with a code; without Err it says nothing.
type exitError struct {
	code int
	err  error
}

// Error returns the cause.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// usage is an error in how the program was called.
func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// Run does what args say until it is done or ctx ends, and returns the exit code:
// 0, 1 for a failure or rejected rows, 2 for a mistake in the call or the
// configuration. A mistake is one line on Stderr.
func (m *Main) Run(ctx context.Context, args []string) int {
	chosen, done, err := m.parse(args)
	if done {
		return exitOK
	}
	if err == nil {
		err = chosen.run(ctx, m)
	}
	if err == nil {
		return exitOK
	}
	code := exitFailure
	var exit *exitError
	var mistake *config.Error
	if errors.As(err, &exit) {
		code = exit.code
	} else if errors.As(err, &mistake) {
		code = exitUsage
	}
	if exit == nil || exit.err != nil {
		_, _ = fmt.Fprintf(m.Stderr, "gateway: %s\n", oneLine(err))
	}
	return code
}

// helped is thrown by kong's exit after it printed its help.
type helped struct{}

// commandLine makes the commands and flags that there are.
func (m *Main) commandLine() (*kong.Kong, error) {
	kinds := make([]string, 0, len(files.Kinds()))
	for _, kind := range files.Kinds() {
		kinds = append(kinds, string(kind))
	}
	return kong.New(&commands{},
		kong.Name("gateway"),
		kong.Vars{"kinds": strings.Join(kinds, ", ")},
		kong.Description("One GraphQL endpoint for everything a company knows about a customer."),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(func(int) { panic(helped{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// parse returns the command that args name; done says that they only asked for help.
func (m *Main) parse(args []string) (chosen command, done bool, err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case helped:
			done = true
		default:
			panic(thrown)
		}
	}()
	parser, err := m.commandLine()
	if err != nil {
		return nil, false, fmt.Errorf("build the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, false, usage("%w; gateway --help says how", err)
	}
	chosen, ok := parsed.Selected().Target.Addr().Interface().(command)
	if !ok {
		return nil, false, usage("no command; gateway --help says how")
	}
	return chosen, false, nil
}

// oneLine returns an error's text on one line and without what stands where a
// URL's user and password do.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	return regexp.MustCompile(`://[^\s"]*@`).ReplaceAllString(text, "://***@")
}

// print writes a line to standard output.
func (m *Main) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(m.Stdout, format+"\n", args...); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}
