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

// demo runs the demo and gives the explorer's address, the example customer and what
// staff authorize themselves with.
func demo(t *testing.T) (explorer, customer, authorization string) {
	t.Helper()
	return run(t, nil, "demo")
}

// run builds the program and runs a command of it that serves, on a free port.
func run(t *testing.T, environ []string, arguments ...string) (explorer, customer, authorization string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../../cmd/gateway").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	run := exec.Command(binary, append(arguments, "--json", "--listen", "127.0.0.1:0")...)
	run.Env = append(os.Environ(), environ...)
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
			t.Errorf("the program did not end with 0: %v", err)
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

// shown is what the explorer shows as the answer.
const shown = `document.querySelector(".result-window .CodeMirror")?.CodeMirror.getValue()`

// execute runs the query of the open tab and waits for a text in the answer.
func execute(ctx context.Context, t *testing.T, want string) {
	t.Helper()
	if err := chromedp.Do(ctx,
		chromedp.WaitVisible(chromedp.CSS(".graphiql-execute-button")),
		chromedp.Click(chromedp.CSS(".graphiql-execute-button")),
		chromedp.Poll[chromedp.Void](shown+`?.includes('`+want+`')`, chromedp.WithPollingTimeout(patience)),
	); err != nil {
		t.Fatalf("run the query: %v; the answer is %.300s", err, evaluate[string](ctx, t, shown+` ?? ""`))
	}
}

// TestExplorerOfTheDemoNeedsNoToken opens the demo's plain address, and loads it again,
// on a screen as wide as a phone's: nothing is wider than the screen, and what is
// needed to ask can be reached.
func TestExplorerOfTheDemoNeedsNoToken(t *testing.T) {
	ctx := browser(t)
	explorer, _, _ := demo(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(explorer)); err != nil {
		t.Fatal(err)
	}
	execute(ctx, t, `"displayName"`)
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	execute(ctx, t, `"displayName"`)
	if !evaluate[bool](ctx, t, `document.getElementById("notice").hidden`) {
		t.Error("the page asks for a token that it has")
	}
	if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("the page is %d pixels wide on a screen of 390", wide)
	}
	for _, part := range []string{".graphiql-execute-button", ".graphiql-query-editor", ".graphiql-response", ".graphiql-editor-tools"} {
		box := evaluate[[]float64](ctx, t, `(b => [b.left, b.right, b.width, b.height])(document.querySelector("`+part+`").getBoundingClientRect())`)
		if box[0] < 0 || box[1] > 390 || box[2] < 30 || box[3] < 20 {
			t.Errorf("%s lies from %.0f to %.0f, %.0f high", part, box[0], box[1], box[3])
		}
	}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, "explorer-390.png"), picture, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestExplorerExplainsAMissingToken opens the explorer of a gateway with access control:
// the page says what is missing and how to get it, and so does the answer.
func TestExplorerExplainsAMissingToken(t *testing.T) {
	ctx := browser(t)
	explorer, _, _ := run(t, []string{"GATEWAY_EXPLORER=true", "GATEWAY_AUTH_API_KEYS=true"}, "serve", "--store", "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err := chromedp.Do(ctx, chromedp.Navigate(explorer), chromedp.WaitVisible(chromedp.CSS("#notice"))); err != nil {
		t.Fatal(err)
	}
	if notice := evaluate[string](ctx, t, `document.getElementById("notice").innerText`); !strings.Contains(notice, "gateway keys create") {
		t.Errorf("the notice is %q", notice)
	}
	execute(ctx, t, `UNAUTHENTICATED`)
}

// TestExplorerWithoutAccessControl asks the first example of a store without the demo.
func TestExplorerWithoutAccessControl(t *testing.T) {
	ctx := browser(t)
	explorer, _, _ := run(t, []string{"GATEWAY_EXPLORER=true"}, "serve", "--insecure-local", "--store", "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err := chromedp.Do(ctx, chromedp.Navigate(explorer)); err != nil {
		t.Fatal(err)
	}
	execute(ctx, t, `"nodes": []`)
	if answer := evaluate[string](ctx, t, shown); strings.Contains(answer, `"errors"`) {
		t.Errorf("the example fails: %s", answer)
	}
	if !evaluate[bool](ctx, t, `document.getElementById("notice").hidden`) {
		t.Error("the page asks for a token that nobody wants")
	}
}
