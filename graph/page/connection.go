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
	Node N
	list *List
	at   crm.Position
}

// Cursor returns the opaque place of the edge.
func (e *Edge[N]) Cursor() string { return string(e.AppendCursor(nil)) }

// AppendCursor appends what Cursor returns.
func (e *Edge[N]) AppendCursor(dst []byte) []byte { return e.list.append(dst, e.at) }

// Connection is a page of a list of N. What is not selected is not computed.
type Connection[N any] struct {
	nodes []N
	// at are the places of the nodes, nil if they are their own.
	at      []crm.Positioned
	list    List
	request crm.PageRequest
	more    bool
	counter Counter
}

// Counter counts whole lists.
type Counter interface {
	// Count returns the number of things in the list that hangs on a parent, or in the
	// only one there is; nil is unknown.
	Count(ctx context.Context, of crm.ID) (*int, error)
}

// New is Make, by reference.
func New[T any, P interface {
	*T
	crm.Positioned
}](list List, request crm.PageRequest, page crm.Page[T], counter Counter) *Connection[*T] {
	c := Make[T, P](list, request, page, counter)
	return &c
}

// Make makes the connection of one page of a list of records.
func Make[T any, P interface {
	*T
	crm.Positioned
}](list List, request crm.PageRequest, page crm.Page[T], counter Counter) Connection[*T] {
	nodes := page.Items
	if nodes == nil {
		nodes = []*T{}
	}
	return Connection[*T]{nodes: nodes, list: list, request: request, more: page.More, counter: counter}
}

// Of makes a connection of nodes that stand at the places of others.
func Of[N any](list List, request crm.PageRequest, nodes []N, at []crm.Positioned, more bool, counter Counter) Connection[N] {
	return Connection[N]{nodes: nodes, at: at, list: list, request: request, more: more, counter: counter}
}

// Carrying makes the page's cursors carry which sources have answered in full so
// far: Args.Complete gives them back.
func (c *Connection[N]) Carrying(sources []string) *Connection[N] {
	c.list.complete = sources
	return c
}

// Nodes returns the page's things in the list's order.
func (c *Connection[N]) Nodes() []N { return c.nodes }

// Edges returns the page's things with their cursors.
func (c *Connection[N]) Edges() []*Edge[N] {
	edges, made := make([]*Edge[N], len(c.nodes)), make([]Edge[N], len(c.nodes))
	for i, n := range c.nodes {
		made[i] = Edge[N]{Node: n, list: &c.list, at: c.place(i)}
		edges[i] = &made[i]
	}
	return edges
}

// place returns where a node stands in the list.
func (c *Connection[N]) place(i int) crm.Position {
	if c.at != nil {
		return c.at[i].Position(c.list.sort.Field)
	}
	return any(c.nodes[i]).(crm.Positioned).Position(c.list.sort.Field)
}

// PageInfo says where the page stands. In the direction not paged in, whether
// there is more is told by the cursor that was given: something was there.
func (c *Connection[N]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.more, HasPreviousPage: c.request.After != nil}
	if c.request.Backward {
		info.HasNextPage, info.HasPreviousPage = c.request.Before != nil, c.more
	}
	if n := len(c.nodes); n > 0 {
		start, end := string(c.list.append(nil, c.place(0))), string(c.list.append(nil, c.place(n-1)))
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// TotalCount counts the whole list; it is called only if it is selected.
func (c *Connection[N]) TotalCount(ctx context.Context) (*int, error) {
	if c.counter == nil {
		return nil, nil
	}
	return c.counter.Count(ctx, c.list.parent)
}
