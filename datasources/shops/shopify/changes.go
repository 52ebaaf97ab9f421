package shopify

import (
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// overlap is how much of what was read is read again, once there was no more:
// Shopify's search learns of a change some time after it.
const overlap = 2 * time.Minute

// place is where among the changes a page begins.
type place struct {
	from   time.Time
	latest time.Time // of what was read since
	cursor *string
}

// placeOf reads a mark. Its cursor is the latest time that was read, a blank and
// Shopify's cursor, which holds among records of one and the same time too.
func (s *Shop) placeOf(mark crm.Mark) (place, error) {
	p := place{from: mark.Time}
	if mark.Cursor == "" {
		return p, nil
	}
	at, cursor, ok := strings.Cut(mark.Cursor, " ")
	latest, err := time.Parse(time.RFC3339Nano, at)
	if !ok || err != nil || cursor == "" {
		return p, crm.Invalid("the mark is none of this shop's")
	}
	p.latest, p.cursor = latest, &cursor
	return p, nil
}

// query returns the search for what was changed since; nil for everything.
func (p place) query() *string {
	if p.from.IsZero() {
		return nil
	}
	query := "updated_at:>='" + p.from.UTC().Truncate(time.Second).Format(time.RFC3339) + "'"
	return &query
}

// next returns the mark behind a page whose last record was changed at latest; the
// zero time is that of an empty page.
func (s *Shop) next(p place, page admin.Page, latest time.Time) (crm.Mark, bool, error) {
	if latest.Before(p.latest) {
		latest = p.latest
	}
	if page.HasNextPage {
		if page.EndCursor == nil {
			return crm.Mark{}, false, s.noSense("read changes", "a page that is not the last has no end")
		}
		return crm.Mark{Time: p.from, Cursor: millisecond(latest).Format(time.RFC3339Nano) + " " + *page.EndCursor}, true, nil
	}
	at := millisecond(latest).Add(-overlap)
	if latest.IsZero() || at.Before(p.from) {
		at = p.from
	}
	return crm.Mark{Time: at}, false, nil
}
