package demo

import (
	"cmp"
	"math"
	"slices"
)

// neighbour is an article that is bought together with another: closeness is
// the cosine of the two over invoices, count the invoices with both.
type neighbour struct {
	item      *stockItem
	closeness float64
	count     int
}

// Bounds of what counts as bought together.
const (
	neighbourCount = 20 // per article, the closest ones
	neighbourShare = 3  // invoices at least that have both
)

// boughtTogether returns the closest neighbours of each article, by its index,
// closest first: the cosine n(a,b) / √(n(a) n(b)) over the invoices with lines
// (Sarwar et al., "Item-based collaborative filtering", 2001, for yes or no).
func (p *purchases) boughtTogether() [][]neighbour {
	size := len(p.articles)
	together := make([]uint16, size*size) // every pair, by both indexes
	single := make([]int, size)
	for _, inv := range p.invoices {
		basket := inv.basket()
		for _, a := range basket {
			single[a]++
			row := together[a*size : (a+1)*size]
			for _, b := range basket {
				row[b]++
			}
		}
	}
	near := make([][]neighbour, size)
	found := make([]neighbour, 0, size)
	for a := range p.articles {
		if single[a] < neighbourShare {
			continue
		}
		found = found[:0]
		for b, count := range together[a*size : (a+1)*size] {
			if count >= neighbourShare && a != b {
				closeness := float64(count) / math.Sqrt(float64(single[a]*single[b]))
				found = append(found, neighbour{p.articles[b], closeness, int(count)})
			}
		}
		slices.SortFunc(found, closer)
		near[a] = slices.Clone(found[:min(len(found), neighbourCount)])
	}
	return near
}

// closer sorts neighbours: the closest first, then those seen together most.
func closer(a, b neighbour) int {
	switch {
	case a.closeness != b.closeness:
		return cmp.Compare(b.closeness, a.closeness)
	case a.count != b.count:
		return cmp.Compare(b.count, a.count)
	default:
		return cmp.Compare(a.item.index, b.item.index)
	}
}

// basket returns the indexes of an invoice's articles, each once, without charges.
func (inv *invoice) basket() []int {
	basket := make([]int, 0, len(inv.lines))
	for _, l := range inv.lines {
		if !l.item.service() {
			basket = append(basket, l.item.index)
		}
	}
	slices.Sort(basket)
	return slices.Compact(basket)
}
