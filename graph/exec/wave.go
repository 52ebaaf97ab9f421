package exec

import (
	"context"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"
)

// wave is what is resolved at the same time.
type wave struct {
	mu sync.Mutex
	// running are the fields that do something, or whose loads are under way; waiting
	// those that wait for the others to ask as well.
	running, waiting int
	loaders          map[any]flusher
}

// flusher is a loader of what several fields ask for.
type flusher interface{ flush() }

// newWave returns a wave of so many fields.
func newWave(fields int) *wave { return &wave{running: fields} }

// done says that a field is resolved.
func (w *wave) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.settle()
}

// settle loads what was asked for when nobody is left who might ask for more. w.mu is
// held.
func (w *wave) settle() {
	if w.running > 0 || w.waiting == 0 {
		return
	}
	w.running, w.waiting = w.waiting, 0 // Until what they wait for is there, and then.
	for _, l := range w.loaders {
		l.flush()
	}
}

// Together loads what fields that are resolved at the same time ask for under one key:
// load is called once with what all of them ask, in no particular order, and all have
// its answer, which they must not change; a panic is an error of theirs. Outside of a
// run, it is called for each.
func Together[Q, R any](ctx context.Context, key any, ask Q, load func(ctx context.Context, asks []Q) (R, error)) (R, error) {
	now, ok := ctx.Value(resolvingKey{}).(*resolving)
	if !ok {
		return safely(ctx, []Q{ask}, load)
	}
	if now.wave.alone() {
		return safely(ctx, []Q{ask}, load)
	}
	return joined(ctx, now.wave, key, ask, load)()
}

// alone says that nobody is left who might ask for anything but the one who asks now.
func (w *wave) alone() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running == 1 && w.waiting == 0
}

// loader is the dataloader of one key in a wave. What is asked stands in asks, and what
// the dataloader is asked for is where.
type loader[Q, R any] struct {
	asks   []Q
	loader *dataloader.Loader[int, R]
}

func (l *loader[Q, R]) flush() { l.loader.Flush() }

// never is how long a batch would wait for more if it were not flushed.
const never = time.Hour

// joined asks, and says how to wait for the answer.
func joined[Q, R any](ctx context.Context, w *wave, key any, ask Q, load func(ctx context.Context, asks []Q) (R, error)) dataloader.Thunk[R] {
	w.mu.Lock()
	defer w.mu.Unlock()
	l, ok := w.loaders[key].(*loader[Q, R])
	if !ok {
		l = newLoader(w, load)
		if w.loaders == nil {
			w.loaders = map[any]flusher{}
		}
		w.loaders[key] = l
	}
	l.asks = append(l.asks, ask)
	answer := l.loader.Load(ctx, len(l.asks)-1)
	w.running--
	w.waiting++
	w.settle()
	return answer
}

// mostTogether is room for what one wave asks for under one key before it is loaded.
const mostTogether = 16

func newLoader[Q, R any](w *wave, load func(ctx context.Context, asks []Q) (R, error)) *loader[Q, R] {
	l := &loader[Q, R]{}
	l.loader = dataloader.NewBatchedLoader(func(ctx context.Context, places []int) []*dataloader.Result[R] {
		w.mu.Lock()
		asks := make([]Q, len(places))
		for i, at := range places {
			asks[i] = l.asks[at]
		}
		w.mu.Unlock()
		one := &dataloader.Result[R]{}
		one.Data, one.Error = safely(ctx, asks, load)
		results := make([]*dataloader.Result[R], len(places))
		for i := range results {
			results[i] = one
		}
		return results
	}, dataloader.WithWait[int, R](never), dataloader.WithInputCapacity[int, R](mostTogether), dataloader.WithCache[int, R](&dataloader.NoCache[int, R]{}))
	return l
}
