package main

// exception is what does not follow from a field of the domain. What members are
// called, and which fields are not stored, is crm.StoredName's.
type exception struct {
	// Always says that the member is written although it is zero.
	Always bool
}

// exceptions are all of them, by type and field.
func exceptions() map[string]exception {
	return map[string]exception{
		"Employee.Active":       {Always: true}, // An import that leaves it out means yes.
		"Recommendation.Score":  {Always: true}, // 0 is a score.
		"NextBestAction.Score":  {Always: true},
		"CustomAttribute.Value": {Always: true},
		"OrderLine.Quantity":    {Always: true}, // A file has to say it.
	}
}

// link finishes a record whose parts point at each other.
type link struct {
	// Method is what does it, of a *crm.T.
	Method string
}

// links are all of them, by type.
func links() map[string]link {
	return map[string]link{"Order": {Method: "LinkLines"}}
}
