package mongodb

import (
	"context"

	"golang.org/x/sync/errgroup"
)

const (
	// maxDocuments and maxBytes bound a transaction: MongoDB advises at most
	// 1,000 documents, and its log takes 16 MB at a time.
	maxDocuments = 1000
	maxBytes     = 8 << 20
	// flushesAtOnce is how many transactions of one Write run at the same time.
	flushesAtOnce = 2
)

// wave is writes of which none depends on another, so that their order does not
// matter: no two are of one record or share a unique value. They are stored in
// chunks, each in a transaction, while the next is made.
type wave struct {
	group            *errgroup.Group
	flush            func([]*prepared) error
	taken            map[string]bool // ids, and unique values after "="
	chunk            []*prepared
	documents, bytes int
}

func (c *collection[T, R]) newWave(ctx context.Context, outcomes []error) *wave {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(flushesAtOnce)
	if c.unique != "" { // A write may take a value that one before it gives up.
		group.SetLimit(1)
	}
	return &wave{
		group: group, taken: map[string]bool{},
		flush: func(chunk []*prepared) error { return c.flush(ctx, chunk, outcomes) },
	}
}

// dependsOn says whether a write must wait for those before it.
func (w *wave) dependsOn(p *prepared) bool {
	depends := w.taken[p.id]
	for _, value := range p.unique {
		depends = depends || w.taken["="+value]
	}
	return depends
}

func (w *wave) add(p *prepared) {
	documents, bytes := p.size()
	if w.documents+documents > maxDocuments || w.bytes+bytes > maxBytes {
		w.send()
	}
	w.chunk = append(w.chunk, p)
	w.documents += documents
	w.bytes += bytes
	w.taken[p.id] = true
	for _, value := range p.unique {
		w.taken["="+value] = true
	}
}

// send stores the chunk; it waits while as many as may be are under way.
func (w *wave) send() {
	if chunk := w.chunk; len(chunk) > 0 {
		w.group.Go(func() error { return w.flush(chunk) })
	}
	w.chunk, w.documents, w.bytes = nil, 0, 0
}

// wait stores what is left and gives the first error.
func (w *wave) wait() error {
	w.send()
	return w.group.Wait()
}
