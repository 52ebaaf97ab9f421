package attacks_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/test/attacks"
)

// What a caller may notice of another one's worst, and what the program may hold then.
const (
	connections  = 64
	mostLonger   = 3
	mostResident = 400 << 20
	busyRounds   = 5
	quietAsks    = 40
)

// TestWorstBesideOneCaller has one caller ask for the dearest answers on 64 connections
// at once, and another for a dashboard, one after the other: the other's median stays
// under three times what it is alone (the median of five rounds), and the program, which
// has just been started, within 400 MiB. How long it takes counts with MEASURE=1 alone; in any case the other is always
// answered, and the first one too or told to come later.
func TestWorstBesideOneCaller(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc, which only Linux has")
	}
	rounds := busyRounds
	if !measuring() {
		rounds = 1
	}
	for _, a := range attacks.All(1) {
		if !a.Bounded {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			p := started(t)
			dashboard := customer360(t, p)
			p.forget(t)
			ratios := make([]float64, rounds)
			for i := range ratios {
				alone := p.median(t, dashboard)
				var beside time.Duration
				answered := p.beside(t, a.Body(), func() { beside = p.median(t, dashboard) })
				ratios[i] = float64(beside) / float64(alone)
				t.Logf("alone %v, beside %d answers of the other's: %v", alone, answered, beside)
				if answered == 0 {
					t.Error("the other one was not answered at all")
				}
			}
			slices.Sort(ratios)
			longer, resident := ratios[len(ratios)/2], p.memory(t, "VmHWM")
			t.Logf("%.2f times as long, %d MiB at most", longer, resident>>20)
			if measuring() && (longer >= mostLonger || resident > mostResident) {
				t.Errorf("want less than %d times as long and %d MiB", mostLonger, mostResident>>20)
			}
		})
	}
}

// customer360 returns the body of a dashboard's request for one customer.
func customer360(t *testing.T, p *process) []byte {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("..", "schema", "testdata", "journeys", "dashboard", "customer-360.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": string(document), "variables": map[string]any{"id": p.ids(t)["customer"][0]}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// median asks as staff, one request after the other, and returns how long it took.
func (p *process) median(t *testing.T, body []byte) time.Duration {
	t.Helper()
	took := make([]time.Duration, quietAsks)
	for i := range took {
		begun := time.Now()
		if status, text := p.fetch(t, "staff", body); status != http.StatusOK || bytes.Contains(text, []byte(`"errors"`)) {
			t.Fatalf("%d %.300s", status, text)
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// beside asks as a partner on many connections, again and again, as long as f runs, and
// returns how many were answered.
func (p *process) beside(t *testing.T, body []byte, f func()) (answered int) {
	t.Helper()
	var all sync.WaitGroup
	var count atomic.Int64
	done := make(chan struct{})
	at := connections
	if !measuring() { // The machine does other work too.
		at /= 8
	}
	for range at {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				switch status := p.fetchTo(t, "partner", body, io.Discard); status {
				case http.StatusOK:
					count.Add(1)
				case http.StatusServiceUnavailable: // Too much waits.
				default:
					t.Errorf("answered %d", status)
					return
				}
			}
		})
	}
	defer func() {
		close(done)
		all.Wait()
		answered = int(count.Load())
	}()
	f()
	return 0
}

// fetch posts a body and returns what was answered.
func (p *process) fetch(t *testing.T, who string, body []byte) (status int, text []byte) {
	t.Helper()
	var answer bytes.Buffer
	status = p.fetchTo(t, who, body, &answer)
	return status, answer.Bytes()
}

// fetchTo posts a body on a connection that is kept, and writes the answer.
func (p *process) fetchTo(t *testing.T, who string, body []byte, answer io.Writer) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+p.path, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", p.tokens[who])
	request.Header.Set("Accept-Encoding", "identity")
	response, err := p.client.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	if _, err = io.Copy(answer, response.Body); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}
