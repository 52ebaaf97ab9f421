// Package page holds the graph's connections: Relay's edges, nodes and page
// info over the ports' pages, with opaque keyset cursors. It does no I/O of its
// own: a connection is handed the function that counts.
package page

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// PageInfo says where a page stands in its list.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// Edge is a node with its place in the list.
type Edge[N any] struct {
	Node     N
	list     List
	at       crm.Position
	complete []string
}

// Cursor returns the opaque place of the edge.
func (e *Edge[N]) Cursor() string { return e.list.encode(e.at, e.complete) }

// Connection is a page of a list of N. What is not selected is not computed.
type Connection[N any] struct {
	nodes   []N
	at      []crm.Positioned
	list    List
	request crm.PageRequest
	more    bool
	count   Count
	// complete are the marks that cursors made of the page carry.
	complete []string
}

// Count returns the number of things in a whole list; nil is unknown.
type Count func(ctx context.Context) (*int, error)

// New makes the connection of one page of a list of records.
func New[T any, P interface {
	*T
	crm.Positioned
}](list List, request crm.PageRequest, page crm.Page[T], count Count) *Connection[*T] {
	nodes := page.Items
	if nodes == nil {
		nodes = []*T{}
	}
	at := make([]crm.Positioned, len(nodes))
	for i, n := range nodes {
		at[i] = P(n)
	}
	return Of(list, request, nodes, at, page.More, count)
}

// Of makes a connection of nodes that stand at the places of others.
func Of[N any](list List, request crm.PageRequest, nodes []N, at []crm.Positioned, more bool, count Count) *Connection[N] {
	return &Connection[N]{nodes: nodes, at: at, list: list, request: request, more: more, count: count}
}

// Carrying makes the page's cursors carry which sources have answered in full so
// far: Args.Complete gives them back.
func (c *Connection[N]) Carrying(sources []string) *Connection[N] {
	c.complete = make([]string, len(sources))
	for i, source := range sources {
		c.complete[i] = mark(source)
	}
	return c
}

// Nodes returns the page's things in the list's order.
func (c *Connection[N]) Nodes() []N { return c.nodes }

// Edges returns the page's things with their cursors.
func (c *Connection[N]) Edges() []*Edge[N] {
	edges := make([]*Edge[N], len(c.nodes))
	for i, n := range c.nodes {
		edges[i] = &Edge[N]{Node: n, list: c.list, at: c.at[i].Position(c.list.sort.Field), complete: c.complete}
	}
	return edges
}

// PageInfo says where the page stands. In the direction not paged in, whether
// there is more is told by the cursor that was given: something was there.
func (c *Connection[N]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.more, HasPreviousPage: c.request.After != nil}
	if c.request.Backward {
		info.HasNextPage, info.HasPreviousPage = c.request.Before != nil, c.more
	}
	if n := len(c.at); n > 0 {
		start := c.list.encode(c.at[0].Position(c.list.sort.Field), c.complete)
		end := c.list.encode(c.at[n-1].Position(c.list.sort.Field), c.complete)
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// TotalCount counts the whole list; gqlgen calls it only if it is selected.
func (c *Connection[N]) TotalCount(ctx context.Context) (*int, error) {
	if c.count == nil {
		return nil, nil
	}
	return c.count(ctx)
}
