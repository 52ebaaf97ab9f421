package record

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// The bits of a crm.LineQuantity's members.
const (
	lineOfQuantity = 1 << iota
	countOfQuantity
)

// hasLines says whether any of the quantities is of a line.
func hasLines(list []crm.LineQuantity) bool {
	return slices.ContainsFunc(list, func(q crm.LineQuantity) bool { return q.Line != nil })
}

// quantities writes the lines by their ids; one without a line is left out.
func (w *bsonWriter) quantities(name string, list []crm.LineQuantity) {
	at := w.list(name)
	i := 0
	for _, q := range list {
		if q.Line == nil {
			continue
		}
		w.item(i)
		i++
		object := w.open()
		if q.Line.ID != "" {
			w.text("line", q.Line.ID)
		}
		w.int("quantity", q.Quantity)
		w.close(object)
	}
	w.closeList(at)
}

// quantities reads quantities of lines that LinkLines has to find yet.
func (r *bsonReader) quantities(want *crm.Members) []crm.LineQuantity {
	at, n := r.list()
	list := make([]crm.LineQuantity, 0, n)
	in := want.In(ofLineQuantity)
	for r.item(&at) {
		q := crm.LineQuantity{}
		if in&lineOfQuantity != 0 {
			q.Line = new(crm.OrderLine)
		}
		for end := r.open(); r.next(&end); {
			switch string(r.key) {
			case "line":
				if in&lineOfQuantity != 0 {
					q.Line.ID = r.text()
				}
			case "quantity":
				if in&countOfQuantity != 0 {
					q.Quantity = r.int()
				}
			}
		}
		list = append(list, q)
	}
	return list
}

// quantities writes the lines by their ids; one without a line is left out.
func (w *jsonWriter) quantities(name string, list []crm.LineQuantity) {
	at := w.list(name)
	i := 0
	for _, q := range list {
		if q.Line == nil {
			continue
		}
		w.item(i)
		i++
		object := w.open()
		if q.Line.ID != "" {
			w.text("line", q.Line.ID)
		}
		w.int("quantity", q.Quantity)
		w.close(object)
	}
	w.closeList(at)
}

// quantities reads quantities of lines that LinkLines has to find yet.
func (r *jsonReader) quantities(want *crm.Members) []crm.LineQuantity {
	at, n := r.list()
	list := make([]crm.LineQuantity, 0, n)
	in := want.In(ofLineQuantity)
	for r.item(&at) {
		q := crm.LineQuantity{}
		if in&lineOfQuantity != 0 {
			q.Line = new(crm.OrderLine)
		}
		for end := r.open(); r.next(&end); {
			switch string(r.key) {
			case "line":
				if in&lineOfQuantity != 0 {
					q.Line.ID = r.text()
				}
			case "quantity":
				if in&countOfQuantity != 0 {
					q.Quantity = r.int()
				}
			}
		}
		list = append(list, q)
	}
	return list
}
