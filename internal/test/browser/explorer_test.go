package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds what waits for the program or the browser.
const patience = 2 * time.Minute

// browser returns a headless Chromium's context.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM_BIN")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("REQUIRE_BROWSER") == "1" {
			t.Fatal("no Chromium: install one or set CHROMIUM_BIN")
		}
		t.Skip("the browser tests did not run: install Chromium or set CHROMIUM_BIN")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// demo builds the program, runs its demo on a free port and gives the explorer's
// address, the example customer and what staff authorize themselves with.
func demo(t *testing.T) (explorer, customer, authorization string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../../cmd/gateway").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	run := exec.Command(binary, "demo", "--json", "--listen", "127.0.0.1:0")
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		if err := run.Wait(); err != nil {
			t.Errorf("the demo did not end with 0: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no line on standard output: %v", err)
	}
	var ready struct {
		Explorer, Customer string
		Tokens             struct{ Staff string }
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return ready.Explorer, ready.Customer, ready.Tokens.Staff
}

// noteViolations makes each page of the browser keep what its content security
// policy refuses.
func noteViolations(ctx context.Context) error {
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective + " " + e.sourceFile + ":" + e.lineNumber + " " + e.sample));`})
	return err
}

// evaluate returns the value of an expression on the page.
func evaluate[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

// TestExplorerAnswersTheExample opens the explorer, runs the first example query
// with a click and reads the customer in the answer. The credential of the address
// is used and does not stay there. The page's content security policy must not be in
// its own way: no violation is reported, and nothing is logged as an error.
func TestExplorerAnswersTheExample(t *testing.T) {
	ctx := browser(t)
	explorer, customer, authorization := demo(t)
	var mu sync.Mutex // The browser's goroutine may go on reporting after the last step.
	var problems []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch event := event.(type) {
		case *log.EventEntryAdded:
			if event.Entry.Level == log.EntryLevelError || event.Entry.Source == log.EntrySourceSecurity {
				problems = append(problems, event.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			problem := event.ExceptionDetails.Text
			if thrown := event.ExceptionDetails.Exception; thrown != nil {
				problem += " " + thrown.Description
			}
			problems = append(problems, problem)
		case *runtime.EventConsoleAPICalled:
			if event.Type == runtime.ConsoleAPICalledTypeError {
				for _, arg := range event.Args {
					problems = append(problems, string(arg.Value))
				}
			}
		}
	})
	if err == nil {
		err = noteViolations(ctx)
	}
	if err != nil {
		t.Fatalf("listen to the browser: %v", err)
	}
	const shown = `document.querySelector(".result-window .CodeMirror")?.CodeMirror.getValue()`
	if err := chromedp.Do(ctx,
		chromedp.Navigate(explorer+"#"+url.Values{"authorization": {authorization}}.Encode()),
		chromedp.WaitVisible(chromedp.CSS(".graphiql-execute-button")),
		chromedp.Click(chromedp.CSS(".graphiql-execute-button")),
		chromedp.Poll[chromedp.Void](shown+`?.includes('"displayName"')`, chromedp.WithPollingTimeout(patience)),
	); err != nil {
		t.Fatalf("run the example: %v", err)
	}
	answer := evaluate[string](ctx, t, shown)
	if err := chromedp.Do(ctx,
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.graphiql-doc-explorer`)),
		chromedp.Click(chromedp.CSS(`button[aria-label="Open settings dialog"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.graphiql-dialog`)),
	); err != nil {
		t.Fatalf("open the documentation and the settings: %v", err)
	}
	address := evaluate[string](ctx, t, `location.href`)
	violations := evaluate[[]string](ctx, t, `window.violations`)
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("take a picture: %v", err)
	}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "explorer.png"), picture, 0o600); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(answer, customer) || strings.Contains(answer, `"errors"`) {
		t.Errorf("the explorer shows %.500s; want the customer %s", answer, customer)
	}
	if address != explorer {
		t.Errorf("the address is %.20s… and more, want %s alone", address, explorer)
	}
	for _, violation := range violations {
		t.Errorf("the content security policy is in the way: %s", violation)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, problem := range problems {
		t.Errorf("the page reports: %s", problem)
	}
}
