package shopify

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// searchPages bounds the pages of one search: Shopify takes addresses apart into
// words, so that it may find customers who only resemble those it was asked for.
const searchPages = 10

// lookalikes is how many of them a page has room for.
const lookalikes = 5

// pages asks for page after page of a search.
func pages(op string, s *Shop, ask func(after *string) (admin.Page, error)) error {
	var after *string
	for range searchPages {
		page, err := ask(after)
		if err != nil {
			return err
		}
		if !page.HasNextPage {
			return nil
		}
		if page.EndCursor == nil {
			return s.noSense(op, "a page that is not the last has no end")
		}
		after = page.EndCursor
	}
	// A caller who asks for such a word may do it again and again. That is no failure
	// of the shop's: it must not be left alone for it.
	return s.client.Failed(crm.CodeUnsupported, op, errors.New("the search finds far more than was asked for"))
}

// batches cuts shoppers into as many as one search can serve, at what each of
// their names costs.
func (s *Shop) batches(shoppers []crm.Shopper, each int) [][]crm.Shopper {
	room := min(pageLimit, (maxCost-connection)/each)
	var batches [][]crm.Shopper
	used := 0
	for _, shopper := range shoppers {
		n := terms([]crm.Shopper{shopper})
		if n == 0 {
			continue
		}
		if len(batches) == 0 || used+n > room {
			batches, used = append(batches, nil), 0
		}
		last := len(batches) - 1
		batches[last], used = append(batches[last], shopper), used+n
	}
	return batches
}

// terms counts the names that a search for the shoppers has.
func terms(shoppers []crm.Shopper) int { return len(names(shoppers)) }

// search returns the query for the customers that the shoppers may be. An address
// is quoted, so that its words are looked for as they stand.
func search(shoppers []crm.Shopper) string { return strings.Join(names(shoppers), " OR ") }

func names(shoppers []crm.Shopper) []string {
	var names []string
	for _, shopper := range shoppers {
		for _, id := range shopper.ExternalIDs {
			if number(id) {
				names = append(names, "id:"+id)
			}
		}
		for _, email := range shopper.Emails {
			names = append(names, "email:"+quote(email))
		}
	}
	return names
}

// quote writes a phrase of Shopify's search syntax
// (https://shopify.dev/docs/api/usage/search-syntax).
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// window returns the query for the orders of a stretch, as wide as whole seconds
// are; nil for all.
func window(stretch crm.Stretch) *string {
	var parts []string
	if stretch.Earliest != nil {
		parts = append(parts, "processed_at:>='"+stretch.Earliest.UTC().Truncate(time.Second).Format(time.RFC3339)+"'")
	}
	if stretch.Latest != nil {
		parts = append(parts, "processed_at:<='"+stretch.Latest.UTC().Truncate(time.Second).Add(time.Second).Format(time.RFC3339)+"'")
	}
	if parts == nil {
		return nil
	}
	query := strings.Join(parts, " AND ")
	return &query
}

func buyerOf(owner admin.Owner) crm.Buyer {
	buyer := crm.Buyer{ExternalID: native(owner.Id)}
	if owner.DefaultEmailAddress != nil {
		buyer.Email = owner.DefaultEmailAddress.EmailAddress
	}
	return buyer
}

// native returns the number of a global id, "" if it has none.
func native(id string) string {
	tail := id[strings.LastIndexByte(id, '/')+1:]
	tail, _, _ = strings.Cut(tail, "?")
	if !number(tail) {
		return ""
	}
	return tail
}

// globalIDs returns the global ids of a kind, without repeats and without what is
// no number of Shopify's.
func globalIDs(kind string, ids []string) []string {
	seen := make(map[string]bool, len(ids))
	global := make([]string, 0, len(ids))
	for _, id := range ids {
		if number(id) && !seen[id] {
			seen[id] = true
			global = append(global, "gid://shopify/"+kind+"/"+id)
		}
	}
	return global
}

// number says whether the text is a number as Shopify writes them in ids.
func number(text string) bool {
	n, err := strconv.ParseUint(text, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == text
}

func count(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func millisecond(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
