package server

import (
	"encoding/json"
	"net/http"
)

// refusal is the answer to a request that does not get as far as the graph, in
// the shape of a GraphQL answer.
type refusal struct {
	Errors []refusalError `json:"errors"`
}

type refusalError struct {
	Message    string            `json:"message"`
	Extensions map[string]string `json:"extensions"`
}

// refuse answers with a status, a code and a message that says what would be
// right. Nothing of the request is in it.
func refuse(w http.ResponseWriter, status int, code, message string) {
	writeRefusal(w, status, message, map[string]string{"code": code})
}

func writeRefusal(w http.ResponseWriter, status int, message string, extensions map[string]string) {
	body, err := json.Marshal(refusal{Errors: []refusalError{{Message: message, Extensions: extensions}}})
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
