package crm

// Positioned is a record that can say where it stands in a sorted list.
type Positioned interface {
	// Position returns the record's place in a list sorted by field: the value
	// that Keys has for it, without computing the others.
	Position(field Field) Position
}
