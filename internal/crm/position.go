package crm

// Positioned is a record that can say where it stands in a sorted list.
type Positioned interface {
	// Position gives the record's place in a list sorted by field: the value
	// that Keys has for it, without computing the others.
	Position(field Field) Position
}

// Position gives the customer's place in a list sorted by field.
func (c *Customer) Position(field Field) Position {
	p := Position{ID: c.ID}
	switch field { //nolint:exhaustive // Lists of customers are sorted by these.
	case FieldUpdatedAt:
		p.Time = c.UpdatedAt
	case FieldCreatedAt:
		p.Time = c.CreatedAt
	case FieldName:
		p.Text = TextKey(c.DisplayName)
	}
	return p
}

// Position gives the order's place in a list sorted by field.
func (o *Order) Position(field Field) Position {
	if field == FieldUpdatedAt {
		return Position{ID: o.ID, Time: o.UpdatedAt}
	}
	return Position{ID: o.ID, Time: o.PlacedAt}
}

// Position gives the product's place in a list sorted by field.
func (p *Product) Position(field Field) Position {
	if field == FieldUpdatedAt {
		return Position{ID: p.ID, Time: p.UpdatedAt}
	}
	return Position{ID: p.ID, Text: TextKey(p.Title)}
}

// Position gives the ticket's place in a list sorted by field.
func (t *Ticket) Position(field Field) Position {
	if field == FieldUpdatedAt {
		return Position{ID: t.ID, Time: t.UpdatedAt}
	}
	return Position{ID: t.ID, Time: t.CreatedAt}
}

// Position gives the article's place in a list sorted by its time.
func (a *Article) Position(Field) Position { return Position{ID: a.ID, Time: a.CreatedAt} }

// Position gives the interaction's place in a list sorted by its time.
func (i *Interaction) Position(Field) Position { return Position{ID: i.ID, Time: i.OccurredAt} }

// Position gives the entry's place in a list sorted by its time.
func (r *TimelineRecord) Position(Field) Position { return Position{ID: r.ID, Time: r.OccurredAt} }

// Position gives the recommendation's place in a list sorted by rank.
func (r *Recommendation) Position(Field) Position {
	return Position{ID: r.ID, Number: Rank(r.Score)}
}

// Position gives the action's place in a list sorted by rank.
func (n *NextBestAction) Position(Field) Position {
	return Position{ID: n.ID, Number: Rank(n.Score)}
}
