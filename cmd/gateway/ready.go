package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ready is the line that --json prints.
type ready struct {
	GraphQL        string   `json:"graphql"`
	Explorer       string   `json:"explorer,omitempty"`
	Metrics        string   `json:"metrics"`
	Customer       string   `json:"customer,omitempty"`
	PortalCustomer string   `json:"portalCustomer,omitempty"`
	Tokens         *tokens  `json:"tokens,omitempty"`
	Sources        []string `json:"sources"`

	open bool // there is no access control
}

// announce says where everything is, once requests are taken.
func (g *gateway) announce(at ready) error {
	if !g.json {
		return g.main.print("%s", at.text())
	}
	line, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write the addresses: %w", err)
	}
	return g.main.print("%s", line)
}

// text says the same to a person.
func (r ready) text() string {
	lines := []string{"GraphQL   " + r.GraphQL}
	if r.Explorer != "" {
		lines = append(lines, "Explorer  "+r.Explorer+" (its tabs hold queries to try)")
	}
	lines = append(lines, "Metrics   "+r.Metrics, "Sources   "+strings.Join(r.Sources, ", "), "")
	header := ""
	if r.Tokens != nil {
		lines = append(lines, r.Tokens.text()...)
		header = ` -H "Authorization: $STAFF"`
	}
	if r.Customer != "" && (r.open || r.Tokens != nil) {
		lines = append(lines, "Ask from a shell:", "",
			"  curl -s "+r.GraphQL+` -H 'Content-Type: application/json'`+header+` \`,
			`    -d '{"query": "{ customer(id: \"`+r.Customer+`\") { displayName loyaltyClass statistics { orderCount } } }"}'`, "")
	}
	last := "Ctrl-C ends it."
	if r.open {
		last = "There is no access control: everybody on this machine sees everything. " + last
	}
	return strings.Join(append(lines, last), "\n")
}

// text returns the three callers' headers for a shell.
func (t *tokens) text() []string {
	return []string{
		"Who may ask, each until this program ends; the explorer asks as staff:", "",
		"  STAFF='" + t.Staff + "'",
		"  PARTNER='" + t.Partner + "'",
		"  PORTAL='" + t.Portal + "'", "",
	}
}
