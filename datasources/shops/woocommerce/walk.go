package woocommerce

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// lag is how long a change may take from its time to being seen by others: what a
// walk has reached is read again from so long before.
const lag = 10 * time.Second

// place is where a record stands in a list: by time of change and id, or by id
// alone with the zero time.
type place struct {
	changed time.Time
	id      int64
}

func (p place) compare(q place) int {
	return cmp.Or(p.changed.Compare(q.changed), cmp.Compare(p.id, q.id))
}

// step is how far a walk is: the number of records before it in the list, and the
// last of them. Records leave the front of a list while it is walked (an order
// that changes again moves to its end, an account is deleted): the rest moves up,
// and the record at the number is no longer the last that was seen.
type step struct {
	offset int
	last   place
	begun  time.Time // the shop's clock when the walk began; the zero time is unknown
}

// cursor writes the step; the change's time is in the mark.
func (s step) cursor() string {
	if s.offset == 0 {
		return ""
	}
	text := strconv.Itoa(s.offset) + "." + strconv.FormatInt(s.last.id, 10)
	if !s.begun.IsZero() {
		text += "." + strconv.FormatInt(s.begun.Unix(), 10)
	}
	return text
}

// readStep reads a cursor. One that was not written here is CodeInvalid.
func readStep(cursor string, changed time.Time) (step, error) {
	if cursor == "" {
		return step{}, nil
	}
	words := strings.Split(cursor, ".")
	numbers := make([]int64, 3)
	for i, word := range words {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil || n < 1 || i == len(numbers) || len(words) < 2 {
			return step{}, crm.Invalid("a mark's cursor must be one that this shop gave")
		}
		numbers[i] = n
	}
	s := step{offset: int(numbers[0]), last: place{changed: changed, id: numbers[1]}}
	if numbers[2] > 0 {
		s.begun = time.Unix(numbers[2], 0).UTC()
	}
	return s, nil
}

// walker reads a list in its order.
type walker[T any] struct {
	shop       *Shop
	call, path string
	query      url.Values
	at         func(*T) place
	odd        func(*T) bool // whether it makes no sense, so that its place may be unknown
}

// stop is where a walk paused: what it read, and where that ends.
type stop[T any] struct {
	items  []T
	to     step
	ended  bool // nothing is behind it
	header http.Header
}

// maxRequests bounds how often a walk asks for its next records while the list
// moves beneath it.
const maxRequests = 50

// next reads up to size records, at least two, behind a step. It asks for the last
// seen record again: if an unseen one stands there, the list has moved up, and the
// walk goes back until it meets something that it knows.
func (w walker[T]) next(ctx context.Context, from step, size int) (stop[T], error) {
	offset := max(from.offset-1, 0)
	for range maxRequests {
		page, total, header, err := w.read(ctx, offset, size)
		if err != nil {
			return stop[T]{}, err
		}
		unseen := func(r *T) bool { return from.offset == 0 || w.at(r).compare(from.last) > 0 }
		if offset > 0 && (len(page) == 0 || unseen(&page[0])) {
			offset = max(offset-size, 0)
			continue
		}
		s := stop[T]{header: header, to: step{offset: offset + len(page), last: from.last, begun: from.begun}}
		for i := range page {
			r := &page[i]
			if unseen(r) || w.odd(r) && offset+i >= from.offset {
				s.items = append(s.items, *r)
			}
			if at := w.at(r); at.compare(s.to.last) > 0 {
				s.to.last = at
			}
		}
		s.ended = len(page) == 0 || (total >= 0 && s.to.offset >= total) || (total < 0 && len(page) < size)
		if len(s.items) > 0 || s.ended {
			return s, nil
		}
		offset = max(s.to.offset-1, 0)
	}
	return stop[T]{}, w.shop.nonsense(w.call, errors.New("the list does not go on"))
}

func (w walker[T]) read(ctx context.Context, offset, size int) (page []T, total int, header http.Header, err error) {
	query := url.Values{"offset": {strconv.Itoa(offset)}, "per_page": {strconv.Itoa(size)}}
	for name, values := range w.query {
		query[name] = values
	}
	total, header, err = w.shop.list(ctx, w.call, w.path, query, &page)
	return page, total, header, err
}

// pageSize is how many records a page has that is asked for limit.
func pageSize(limit int) int { return min(max(limit, 2), perPage) }

// changed reads a page of a list that can be asked for by time of change.
func changed[T any](ctx context.Context, w walker[T], from crm.Mark, limit int) (items []T, next crm.Mark, more bool, err error) {
	since := from.Time.UTC().Truncate(time.Second)
	begin, err := readStep(from.Cursor, since)
	if err != nil {
		return nil, crm.Mark{}, false, err
	}
	w.query.Set("orderby", "modified")
	w.query.Set("order", "asc")
	w.query.Set("dates_are_gmt", "true")
	if !since.IsZero() { // The bound itself is left out.
		w.query.Set("modified_after", since.Add(-time.Second).Format(stampForm))
	}
	s, err := w.next(ctx, begin, pageSize(limit))
	if err != nil {
		return nil, crm.Mark{}, false, err
	}
	last := since
	if len(s.items) > 0 {
		last = s.to.last.changed
	}
	switch {
	case s.ended:
		next.Time = since
		if late := last.Add(-lag); late.After(since) {
			next.Time = late
		}
	case last.After(since): // The last second is read again.
		next.Time = last
	default: // More records of one second than a page has.
		next = crm.Mark{Time: since, Cursor: s.to.cursor()}
	}
	return s.items, next, !s.ended, nil
}

// OrderChanges returns orders by the time of their change, with whom they belong to.
// Those that cannot be read are Unreadable.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	w := walker[order]{
		shop: s, call: "order changes", path: "orders", query: url.Values{"_fields": {orderFields}},
		at:  func(o *order) place { return place{changed: o.DateModified.Time, id: o.ID} },
		odd: func(o *order) bool { return o.odd != nil },
	}
	natives, next, more, err := changed(ctx, w, from, limit)
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	natives = slices.DeleteFunc(natives, func(o order) bool { return o.odd == nil && !o.is() })
	emails, err := s.accountEmails(ctx, w.call, natives)
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	page := crm.ShopChanges[crm.ShopOrder]{Items: []*crm.ShopOrder{}, Next: next, More: more}
	for i := range natives {
		o, err := s.shopOrder(ctx, &natives[i], emails)
		switch {
		case errors.Is(err, crm.ErrUnreadable):
			page.Unreadable = append(page.Unreadable, upstream.Unreadable(nativeID(natives[i].ID), err))
		case err != nil:
			return crm.ShopChanges[crm.ShopOrder]{}, err
		default:
			page.Items = append(page.Items, o)
		}
	}
	return page, nil
}
