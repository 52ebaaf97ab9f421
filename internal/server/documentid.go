package server

// documentIDs are the ids of a document that a request has, "" for none: whichever
// way the client sends them.
type documentIDs struct {
	// standard is documentId (GraphQL over HTTP, appendix A, "Persisted Documents").
	standard string
	// plain are id and doc_id, as network layers written after Relay's guide send
	// them. Other clients number their requests with an id, so it counts only where
	// there is no text.
	plain [2]string
	// hash is extensions.persistedQuery.sha256Hash, Apollo's.
	hash string
}

// plainNames are the names of documentIDs.plain.
func plainNames() [2]string { return [2]string{"id", "doc_id"} }

// documentIDs reads the ids among the members of a body, but for the one in its
// extensions.
func (b *body) documentIDs(members members) (ids documentIDs, p *problem) {
	var ok bool
	if ids.standard, ok = b.textOf(members.documentID); !ok {
		return ids, badRequest("documentId must be a string")
	}
	for i, name := range plainNames() {
		if ids.plain[i], ok = b.textOf(members.plain[i]); !ok && !hasText(members.query) {
			return ids, badRequest(name + " must be a string: the id of a document")
		}
	}
	return ids, nil
}

// hasText says whether a member is given: not null, and not an empty string.
func hasText(member []byte) bool {
	return len(member) > 0 && string(member) != "null" && string(member) != `""`
}

// choose returns the one id that a request with a text, or without one, has.
func (ids documentIDs) choose(withText bool) (string, *problem) {
	id, given := "", 0
	for _, named := range [...]string{ids.standard, ids.hash, ids.plain[0], ids.plain[1]} {
		if named != "" {
			id = named
			given++
		}
	}
	switch {
	case given > 1:
		return "", badRequest("the document is named twice: send one of documentId, id, doc_id and persistedQuery")
	case withText && ids.standard == "" && ids.hash == "":
		return "", nil
	default:
		return id, nil
	}
}
